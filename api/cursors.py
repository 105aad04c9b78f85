"""Where a page of a list begins or ends, as an opaque text: sealed, because the place of a row may be a date that its reader's view does not hold."""

import base64
import json
import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.errors import Problem
from api.keyring import Keyring
from api.queries_lists import Place


def cursor_of(keys: Keyring, order: str, place: Place | None, *, back: bool = False) -> str:
    """The cursor of the page after a place, or with `back` of the page before it; '' where there is none."""
    if place is None:
        return ""
    value = place[0].isoformat() if isinstance(place[0], datetime) else str(place[0])
    nonce = os.urandom(12)
    sealed = _box(keys).encrypt(nonce, json.dumps([value, place[1], back], ensure_ascii=False).encode(), order.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def place_of(keys: Keyring, order: str, cursor: str) -> tuple[Place | None, Place | None]:
    """The places after and before which the page lies, one of them at most; raises Problem body_invalid on what this order never gave."""
    if not cursor:
        return None, None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        value, key, back = json.loads(_box(keys).decrypt(raw[:12], raw[12:], order.encode()))
    except (ValueError, InvalidTag):
        raise Problem("body_invalid", detail=[{"field": "cursor", "why": "as `next` or `previous` gave it, under the same order"}]) from None
    place = (value if order == "longest" else datetime.fromisoformat(value), str(key))
    return (None, place) if back else (place, None)


def _box(keys: Keyring) -> AESGCM:
    return AESGCM(keys.mac("body", "cursor"))
