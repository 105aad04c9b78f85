"""Free loopback ports.

All below 32768: Temporal keeps its membership port in a SMALLINT on PostgreSQL, and above
lie the ports the kernel hands out by itself.
"""

import random
import socket
from collections.abc import Iterable, Mapping

LOWEST, HIGHEST = 15000, 32000


def is_free(port: int) -> bool:
    """True when nobody listens there on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(names: Iterable[str], known: Mapping[str, int] | None = None) -> dict[str, int]:
    """A free port for each name; the known one (of the last run) where it is still free, which starts faster."""
    chosen: dict[str, int] = {}
    for name in names:
        old = (known or {}).get(name, 0)
        usable = old and old not in chosen.values() and is_free(old)
        chosen[name] = old if usable else any_free(set(chosen.values()))
    return chosen


def any_free(taken: Iterable[int] = ()) -> int:
    """A free port that is not in `taken`."""
    dice = random.SystemRandom()
    for _ in range(1000):
        port = dice.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise RuntimeError(f"no free loopback port between {LOWEST} and {HIGHEST}")
