"""A law by value is parsed once per content and shared by all cases of a process: it is never changed in place."""

from collections.abc import Mapping
from typing import Any

from activities.types import LAWS
from domain.core import Law, law_load, law_text, text_hash

_KNOWN: dict[str, Law] = {}
_MOST = 256


def law_of(value: Mapping[str, Any]) -> Law:
    """The law that `law_value` wrote; equal values give the same object."""
    return bound(value)[0]


def bound(value: Mapping[str, Any]) -> tuple[Law, str]:
    """The law and its hash; its text is kept for this process's `record`."""
    text = law_text(value)
    digest = text_hash(text)
    law = _KNOWN.get(digest)
    if law is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
            LAWS.clear()
        law = _KNOWN[digest] = law_load(value)
    LAWS[digest] = text
    return law, digest
