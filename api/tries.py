"""Wrong receipt codes, counted by client for ten minutes: in memory only, by a digest under a key that dies with the process."""

import hashlib
import hmac
import os
import time
from collections import OrderedDict
from ipaddress import ip_address

TRIES, WINDOW, CLIENTS = 10, 600.0, 10_000


class Tries:
    """How often a client has guessed; bounded, the longest silent are forgotten first."""

    def __init__(self) -> None:
        self.key = os.urandom(32)
        self.known: OrderedDict[bytes, list[float]] = OrderedDict()

    def exhausted(self, client: str) -> bool:
        """Whether the client must wait."""
        return len(self._recent(self._digest(client))) >= TRIES

    def failed(self, client: str) -> None:
        """One wrong code more."""
        digest = self._digest(client)
        self.known[digest] = [*self._recent(digest), time.monotonic()]
        self.known.move_to_end(digest)
        while len(self.known) > CLIENTS:
            self.known.popitem(last=False)

    def _recent(self, digest: bytes) -> list[float]:
        recent = [at for at in self.known.get(digest, ()) if at > time.monotonic() - WINDOW]
        if not recent:
            self.known.pop(digest, None)
        return recent

    def _digest(self, client: str) -> bytes:
        return hmac.new(self.key, _network(client).encode(), hashlib.sha256).digest()


def _network(client: str) -> str:
    """An IPv6 client is its /64: one household has that many addresses."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return str(int(address) >> 64) if address.version == 6 else str(address)
