"""Words as keyed numbers: two neighbouring characters of Chinese, whole words of letters and digits. Without the keys nobody reads them, nor asks for them."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from api.keyring import Destroyed, Keyring
from domain.words import CLOSED

RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


def grams(text: str) -> set[str]:
    """The pieces by which a text is found."""
    found: set[str] = set()
    for run in RUNS.findall(plain(text)):
        found |= {run} if run.isascii() else {run[n : n + 2] for n in range(len(run) - 1)}
    return found


def plain(text: str) -> str:
    """One way to write what looks alike: full-width as half-width, no capitals."""
    return unicodedata.normalize("NFKC", text).casefold()


def bare(text: str) -> str:
    """A text without spaces and marks, as terms are held against it."""
    return "".join(RUNS.findall(plain(text)))


def numbers(key: bytes, pieces: Iterable[str]) -> list[int]:
    """Pieces under a key, as the index keeps them."""
    return sorted({int.from_bytes(hashlib.blake2b(one.encode(), key=key, digest_size=8).digest(), "big", signed=True) for one in pieces})


def key_of(keys: Keyring, office: str, level: str, year: int) -> bytes:
    """The key of a level. What is sealed has one of its year, made from the key that seals it, and ends with that. Raises Destroyed."""
    if level == CLOSED:
        return hashlib.blake2b(b"register words", key=keys.unsealing(f"{office}:{year}"), digest_size=32).digest()
    return keys.mac("digest", office, "words", level)


def known_years(keys: Keyring, office: str, first: int, last: int) -> list[int]:
    """The years of an office whose key is there."""
    found = []
    for year in range(first, last + 1):
        try:
            keys.unsealing(f"{office}:{year}")
        except Destroyed:
            continue
        found.append(year)
    return found
