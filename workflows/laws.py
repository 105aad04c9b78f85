"""A law by value is parsed once per content and shared by all cases of a process: it is never changed in place."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from domain.core import Law, law_load

_KNOWN: dict[bytes, Law] = {}
_MOST = 256


def law_of(value: Mapping[str, Any]) -> Law:
    """The law that `law_value` wrote; equal values give the same object."""
    digest = hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).digest()  # in its own order: rows are read as they were written
    law = _KNOWN.get(digest)
    if law is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        law = _KNOWN[digest] = law_load(value)
    return law
