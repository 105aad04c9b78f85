"""`python -m engine.healthcheck URL [GAUGE]`: is a part well? For containers and probes; standard library only, so that it starts fast.

0 when the address answers 200 and, where a gauge is named, one of its values is above 0 (a worker that polls). Else 1 and one line why.
"""

import sys
import urllib.request

SECONDS = 8


def trouble(url: str, gauge: str = "") -> str:
    """Why it is not well; empty when it is."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            body = answer.read().decode("utf-8", "replace")
    except OSError as wrong:
        return f"{url}: {wrong}"
    if gauge and not any(above_zero(line) for line in body.splitlines() if line.startswith(gauge)):
        return f"{url}: {gauge} 为零或没有 is 0 or absent"
    return ""


def above_zero(line: str) -> bool:
    """True for a sample of the Prometheus text format whose value is above 0."""
    try:
        return float(line.rpartition(" ")[2]) > 0
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(trouble(*sys.argv[1:3]) or 0)
