"""Receipt codes (查询码): 20 digits in five groups, the last a check digit; derived from the case's id, never stored."""

from api.keyring import Keyring

DIGITS = 19


def receipt(keys: Keyring, case_id: str) -> str:
    """The code of a case, the same on every retry: '1234 5678 9012 3456 7890'."""
    number = int.from_bytes(keys.mac("receipt", case_id)[:16]) % 10**DIGITS
    body = f"{number:0{DIGITS}d}"
    digits = body + str(_check(body))
    return " ".join(digits[n : n + 4] for n in range(0, 20, 4))


def index_of(keys: Keyring, code: str) -> str:
    """The digest by which the record finds a code, under a second key; '' for a text that is no code."""
    digits = "".join(c for c in code if c.isdigit())
    if len(digits) != DIGITS + 1 or str(_check(digits[:-1])) != digits[-1]:
        return ""
    return f"receipt:{keys.mac('receipt_index', digits).hex()}"


def _check(body: str) -> int:
    """Luhn: finds every single wrong digit and nearly all swaps of neighbours."""
    total = 0
    for n, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if n % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
