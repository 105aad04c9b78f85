"""Identity and original text, sealed under a key per office and filing year; keyed digests find a caller without knowing them."""

import base64
import json
import os
import re
import unicodedata
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.keyring import Keyring

DIGESTED = ("name", "telephone", "id_number")


def seal(keys: Keyring, office: str, year: int, content: dict[str, Any]) -> str:
    """Content as one opaque text: 'v1.office:year.base64'; destroying that key disposes of these people (design, section 5). Raises Destroyed."""
    nonce = os.urandom(12)
    label = f"{office}:{year}"
    sealed = AESGCM(keys.sealing(office, year)).encrypt(nonce, json.dumps(content, ensure_ascii=False).encode(), label.encode())
    return f"v1.{label}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(keys: Keyring, text: str) -> dict[str, Any]:
    """What `seal` closed; raises Destroyed where its key is gone, cryptography's InvalidTag or ValueError on anything else."""
    version, label, body = text.split(".", 2)
    if version != "v1":
        raise ValueError("unknown seal")
    raw = base64.urlsafe_b64decode(body)
    opened: dict[str, Any] = json.loads(AESGCM(keys.unsealing(label)).decrypt(raw[:12], raw[12:], label.encode()))
    return opened


def digests(keys: Keyring, office: str, identity: dict[str, Any]) -> list[str]:
    """Keyed digests of name, telephone and identity number, normalised; equal people give equal digests in one office only."""
    found = []
    for kind in DIGESTED:
        value = normalised(kind, str(identity.get(kind) or ""))
        if value:
            found.append(f"{kind}:{keys.mac('digest', office, kind, value).hex()}")
    return found


def normalised(kind: str, value: str) -> str:
    """Full-width to half-width, case folded; only digits of a telephone, without +86."""
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    if kind == "telephone":
        return re.sub(r"\D", "", plain).removeprefix("86") if len(re.sub(r"\D", "", plain)) > 11 else re.sub(r"\D", "", plain)
    return re.sub(r"[\s-]", "", plain)
