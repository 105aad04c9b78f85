"""What travels to a case: its start, and acts as signed statements. `parse` is total: a bad message becomes a recorded refusal."""

import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.core import Case, Command, iso
from domain.revising import are_keys

WORKFLOW, COURIER, LEDGER = "Complaint", "Courier", "Ledger"
QUERY_STATE, QUERY_TIMELINE = "state", "timeline"
DEEPEST, LONGEST = 24, 400_000  # nesting, and characters of one message: beyond any form, below any engine's limit
SYSTEM_KEY = "system-1"  # the workers' own key; it speaks for nobody but the system
LAW, KEYS = "law", "keys"  # what a ledger is told: the law with the keys, or the keys alone
SIGNED = ("case", "id", "act", "actor", "post", "unit", "entered_by", "paper", "received_at", "entered_at")


@dataclass(frozen=True)
class Start:
    """The input of a case: the law by value, who may sign, and the first acts (the filing among them).

    `case`, `carried` and `telling` are set by continue-as-new only: the folded case, acts already judged, in order, and notices on their way.
    """

    case_id: str
    office: str
    book: str
    law: dict[str, Any]
    keys: dict[str, str] = field(default_factory=dict)  # key id -> Ed25519 public key, hex
    inbox: list[dict[str, Any]] = field(default_factory=list)
    clock_offset: float = 0.0  # seconds; stories only
    case: dict[str, Any] | None = None
    carried: list[dict[str, Any]] = field(default_factory=list)
    telling: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LedgerStart:
    """The input of a ledger: its office and book, the law by value, who may sign; the state is set by continue-as-new only."""

    office: str
    book: str
    law: dict[str, Any]
    keys: dict[str, str] = field(default_factory=dict)
    clock_offset: float = 0.0  # seconds; stories only
    state: dict[str, Any] | None = None
    inbox: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What a finished case says of itself; enough to hold the record against."""

    version: int
    chain_head: str


class Malformed(ValueError):
    """A message of another shape than a statement's."""


def workflow_id(key: bytes, office: str, caller: str, idempotency_key: str) -> str:
    """The id of a case, the same for every retry of a filing; HMAC, so it holds nothing about anybody."""
    text = json.dumps([office, caller, idempotency_key], ensure_ascii=False)
    return "case-" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def courier_id(office: str) -> str:
    """The workflow id of an office's courier."""
    return f"courier:{office}"


def statement(case_id: str, command: Command) -> bytes:
    """The bytes that are signed: who wishes what on which case and when; the fields by their digest."""
    plain = {**command.dump(), "case": case_id}
    said = {name: plain[name] for name in SIGNED}
    said["fields"] = hashlib.sha256(_canonical(command.fields)).hexdigest()
    return _canonical(said)


def sign(case_id: str, command: Command, key_id: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The message of an act: the command, the id of the key and the signature (hex). Its signal's name is the act."""
    message = {name: value for name, value in command.dump().items() if name != "flaw"}
    return {**message, "key": key_id, "signature": key.sign(statement(case_id, command)).hex()}


def key_pair() -> tuple[Ed25519PrivateKey, str]:
    """A new signing key and its public half as hex, as `Start.keys` carries it."""
    private = Ed25519PrivateKey.generate()
    return private, private.public_key().public_bytes_raw().hex()


def keys_of(start: Start, case: Case, waiting: Iterable[Command] = ()) -> dict[str, str]:
    """Who may sign now: the keys of the start with the recorded revisions and those that wait to be recorded; an empty value has revoked a key.

    A revision counts from its arrival, else an act that came right behind it would be judged by the keys of before.
    """
    known = {**start.keys, **(case.revisions.get("keys") or {})}
    for one in waiting:
        if names_keys(one.act, one.fields) and one.actor == "system" and one.id not in case.commands and are_keys(one.fields.get("value")):
            known |= one.fields["value"]
    return {name: value for name, value in known.items() if isinstance(value, str) and value}


def names_keys(act: str, fields: Mapping[str, Any]) -> bool:
    """Whether an act says who may sign: of a case its revision of keys, of a ledger its law and keys."""
    return act in (LAW, KEYS) or (act == "revise" and fields.get("what") == "keys")


def parse(name: str, raw: Any, case_id: str, keys: Mapping[str, str], now: datetime) -> Command:
    """The command of a message, or one with a flaw: malformed or unsigned_act. Never raises on any JSON value."""
    try:
        command = _command(name, raw)
        if not verified(command, raw, case_id, keys):
            return flawed("unsigned_act", name, digest_of(raw), now)
        return command
    except Exception:  # noqa: BLE001 - total: whatever is wrong with it, it is kept as a refusal with its digest
        return flawed("malformed", name, digest_of(raw), now)


def shaped(name: str, raw: Any) -> bool:
    """Whether a message has a statement's shape: what its sender asks, who has just signed it. Never raises."""
    try:
        _command(name, raw)
    except Exception:  # noqa: BLE001 - total, as `parse` is
        return False
    return True


def flawed(flaw: str, name: str, digest: str, now: datetime) -> Command:
    """An unfit message as a command; its id is its digest, so a forged id can never take a real one's place."""
    return Command(f"{flaw}:{digest[:32]}", _clean(name), {}, now, now, "", flaw=flaw)


def verified(command: Command, raw: Mapping[str, Any], case_id: str, keys: Mapping[str, str]) -> bool:
    """Whether a known key has signed exactly this act for exactly this case."""
    public = keys.get(str(raw.get("key", "")))
    if not public or (raw.get("key") == SYSTEM_KEY and command.actor != "system"):
        return False
    if names_keys(command.act, command.fields) and raw.get("key") != SYSTEM_KEY and keys.get(SYSTEM_KEY):
        return False  # who has stolen the API's key shall not bring in another
    try:
        _opened(public).verify(bytes.fromhex(str(raw.get("signature", ""))), statement(case_id, command))
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _opened(public: str) -> Ed25519PublicKey:
    """A public key of the few that an installation has."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))


def refused_as(message: Mapping[str, Any]) -> str:
    """The id under which a case keeps a message that it could not verify."""
    return f"unsigned_act:{digest_of(message)[:32]}"


def digest_of(raw: Any) -> str:
    """SHA-256 (hex) of whatever arrived."""
    try:
        return hashlib.sha256(_canonical(raw)).hexdigest()
    except Exception:  # noqa: BLE001 - no JSON at all, too deep, half a surrogate
        return hashlib.sha256(repr(type(raw)).encode()).hexdigest()


def _command(name: str, raw: Any) -> Command:
    if not isinstance(raw, Mapping):
        raise Malformed("a statement is an object")
    _fit(raw, DEEPEST)
    if len(_canonical(raw)) > LONGEST:
        raise Malformed("too long")
    if raw.get("act") != name or not raw.get("id") or not isinstance(raw["fields"], Mapping):
        raise Malformed("the act, its id or its fields")
    plain = {key: value for key, value in raw.items() if key not in ("key", "signature", "flaw", "fields")}
    if any(not isinstance(value, str) for value in plain.values()) or len(raw["id"]) > 200:
        raise Malformed("all but fields is text")
    if str(raw["id"]).startswith(("malformed:", "undecryptable:", "unsigned_act:")):
        raise Malformed("an id of ours")
    command = Command.load({**plain, "fields": raw["fields"]})
    if iso(command.received_at) != raw["received_at"] or iso(command.entered_at) != raw["entered_at"]:
        raise Malformed("instants are written as the core writes them")
    return command


def fit(value: Any) -> None:
    """Raises Malformed where a value could not be kept: NUL, half a surrogate, endless numbers, nesting beyond any form."""
    try:
        _fit(value, DEEPEST)
    except UnicodeError:
        raise Malformed("half a surrogate") from None


def _fit(value: Any, depth: int) -> None:
    """Raises where Postgres' jsonb, UTF-8 or a hash could not carry the value: depth, NUL, surrogates, endless numbers."""
    if depth <= 0:
        raise Malformed("too deep")
    if isinstance(value, str):
        value.encode()
        if "\x00" in value:
            raise Malformed("NUL")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _fit(str(key), depth - 1)
            _fit(one, depth - 1)
    elif isinstance(value, Sequence):
        for one in value:
            _fit(one, depth - 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise Malformed("not a number")
    elif isinstance(value, int) and abs(value) >= 10**30:
        raise Malformed("endless number")


def _clean(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("\x00", "")[:80]


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
