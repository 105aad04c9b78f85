"""One way of writing payloads for worker, API, tests and replay: compressed, then AES-GCM, key id beside it.

A payload that cannot be opened is handed on with a marker instead of raising: a bad message must never wedge a case.
"""

import dataclasses
import hashlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
    SerializationContext,
)

SEALED, UNOPENED = b"huiyin/aes-gcm", b"huiyin/unopened"
COMPRESS_ABOVE = 1024
LEVEL = 3  # a law by value: half the time of the usual 6 for a tenth more bytes
MOST = 16 * 1024 * 1024  # a bomb of zeros unpacks no further


@dataclass(frozen=True)
class CodecKeys:
    """AES-256 keys by id; `writes` names the one that new payloads use, all others only read."""

    keys: Mapping[str, bytes]
    writes: str


class OrderedJSON(JSONPlainPayloadConverter):
    """JSON that keeps the order of keys: rows of a book and columns of a form are read in the order they were written."""

    def to_payload(self, value: Any) -> Payload | None:
        """See the SDK; its own sorts the keys, and copies a dataclass with all that lies in it, a whole law for example."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
            if any(id(part) in _WRITTEN for part in value.values()):
                text = "{" + ",".join(f'"{name}":{_text(part)}' for name, part in value.items()) + "}"
                return Payload(metadata={"encoding": self.encoding.encode()}, data=text.encode())
        text = _text(value)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=text.encode())


_WRITTEN: dict[int, tuple[Any, str]] = {}  # by a value's place in memory; kept, so it stays there
_MOST_WRITTEN = 256


def write_once(value: Any) -> None:
    """Write the JSON of a value that travels with every filing, a law, now and for ever: it must not change any more."""
    if len(_WRITTEN) >= _MOST_WRITTEN:
        _WRITTEN.clear()
    _WRITTEN[id(value)] = (value, _text(value))


def _text(value: Any) -> str:
    known = _WRITTEN.get(id(value))
    return known[1] if known else json.dumps(value, cls=AdvancedJSONEncoder, separators=(",", ":"), ensure_ascii=False)


class Plain(CompositePayloadConverter):
    """The SDK's converters, with ordered JSON in the place of its own."""

    def __init__(self) -> None:
        """All of the default ones but JSON."""
        others = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(OrderedJSON() if one.encoding == "json/plain" else one for one in others))


class SealingCodec(PayloadCodec):
    """AES-GCM over the compressed payload; the key id is authenticated with it."""

    def __init__(self, keys: CodecKeys) -> None:
        self.ciphers = {name: AESGCM(key) for name, key in keys.keys.items()}
        self.writes = keys.writes
        if keys.writes not in self.ciphers:
            raise ValueError(f"the writing key {keys.writes!r} is not among the keys")

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal each payload whole, metadata included."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open each; what cannot be opened comes back marked, with its digest."""
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        plain = payload.SerializeToString()
        packed = b"\1" + zlib.compress(plain, LEVEL) if len(plain) > COMPRESS_ABOVE else b"\0" + plain
        nonce = os.urandom(12)
        sealed = nonce + self.ciphers[self.writes].encrypt(nonce, packed, self.writes.encode())
        return Payload(metadata={"encoding": SEALED, "key": self.writes.encode()}, data=sealed)

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != SEALED:
            return unopened(payload, "plain")
        name = payload.metadata.get("key", b"").decode(errors="replace")
        cipher = self.ciphers.get(name)
        if cipher is None:
            return unopened(payload, "key")
        try:
            packed = cipher.decrypt(payload.data[:12], payload.data[12:], name.encode())
            plain = _unpacked(packed)
            return Payload.FromString(plain)
        except (InvalidTag, ValueError, zlib.error):
            return unopened(payload, "cut")
        except Exception as wrong:  # noqa: BLE001 - protobuf's DecodeError has no stable home; authentic bytes of ours never get here
            return unopened(payload, type(wrong).__name__)


def _unpacked(packed: bytes) -> bytes:
    if packed[:1] != b"\1":
        return packed[1:]
    opener = zlib.decompressobj()
    plain = opener.decompress(packed[1:], MOST)
    if opener.unconsumed_tail:
        raise ValueError("unpacks to more than a payload may hold")
    return plain


def unopened(payload: Payload, why: str) -> Payload:
    """The marker: why, and the SHA-256 of what arrived."""
    digest = hashlib.sha256(payload.data).hexdigest()
    return Payload(metadata={"encoding": UNOPENED, "why": why.encode()}, data=digest.encode())


class Sealed(DataConverter):
    """Every payload alike, whatever it belongs to, and each where it stands: nothing of ours lies in a store outside.

    A payload that says it does is one that cannot be opened. The SDK's own converter raises instead, and the case is stuck until somebody resets it.
    """

    def with_context(self, context: SerializationContext) -> "Sealed":  # noqa: ARG002 - the SDK's shape
        """The same: no part of it looks at a context."""
        return self

    async def _decode_reference_payload_sequence(self, payloads: Sequence[Payload]) -> Any:
        return payloads

    async def _external_retrieve_payload_sequence(self, payloads: Sequence[Payload]) -> Any:
        return payloads

    async def _external_store_payload_sequence(self, payloads: Sequence[Payload]) -> Any:
        return payloads

    async def _encode_reference_payload_sequence(self, payloads: Sequence[Payload]) -> Any:
        return payloads


def data_converter(keys: CodecKeys) -> DataConverter:
    """The converter that every party uses; error texts are sealed too."""
    return Sealed(payload_converter_class=Plain, payload_codec=SealingCodec(keys), failure_converter_class=DefaultFailureConverterWithEncodedAttributes)
