"""What a step writes: events as canonical text, outcomes, notices, the projection, and the wish for a register number."""

import hashlib
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from activities.types import Batch
from domain.core import Case, Event, Law, Notice, canonical, current, entries_of, iso, law_text, notices, projection


def batch_of(before: Case, after: Case, events: Sequence[Event], law: Law, law_hash: str = "") -> Batch:
    """The batch for `record`, decided on `before`; `after` has the events folded, its number still the placeholder; the first names its law."""
    ask = next((number_ask(event, before.office) for event in events if awaits_number(event)), None)
    return Batch(
        before.id, before.office, before.book, before.version, [_row(event, ask) for event in events], outcomes(events),
        [notice_row(one) for one in notices(events, after, current(law, after))], projection(after, law), ask, law_hash,
        entries=entries_of(before, events, law) or None,
    )  # fmt: skip


def with_law(batch: Batch, value: Mapping[str, Any]) -> Batch:
    """The batch with the text of the law it names."""
    return replace(batch, law_text=law_text(value)) if batch.law else batch


def awaits_number(event: Event) -> bool:
    """Whether the event carries the placeholder that `record` replaces."""
    return event.kind == "registered" and event.data.get("patch", {}).get("attrs", {}).get("register_no") == "#"


def number_ask(event: Event, office: str) -> dict[str, Any]:
    """The office's pattern taken apart, and a token that nothing a person typed can equal (it is a hash of the text around it)."""
    attrs = event.data["patch"]["attrs"]
    prefix, width, suffix, seen = "", 0, "", False
    for literal, name, spec, _ in string.Formatter().parse(attrs["register_pattern"]):
        shown = literal + (format(attrs["register_year"], spec or "") if name == "year" else "")
        prefix, suffix = (prefix, suffix + shown) if seen else (prefix + shown, suffix)
        if name == "n":
            width, seen = int((spec or "0").strip("d") or 0), True
    token = "#" + hashlib.sha256(canonical(event).encode()).hexdigest()
    return {"office": office, "year": attrs["register_year"], "prefix": prefix, "width": width, "suffix": suffix, "token": token}


def _row(event: Event, ask: dict[str, Any] | None) -> dict[str, Any]:
    shown = _with_token(event, ask["token"]) if ask and awaits_number(event) else event
    return {
        "seq": event.seq, "kind": event.kind, "at": iso(event.at), "actor": event.actor, "command_id": event.command_id, "text": canonical(shown),
    }  # fmt: skip


def _with_token(event: Event, token: str) -> Event:
    attrs = {k: v for k, v in event.data["patch"]["attrs"].items() if k != "register_pattern"}
    return replace(event, data={**event.data, "patch": {**event.data["patch"], "attrs": {**attrs, "register_no": token}}})


def outcomes(events: Iterable[Event]) -> list[dict[str, Any]]:
    """For each command its answer and the events that followed from it; an alarm's events belong to nobody."""
    found: list[dict[str, Any]] = []
    mine: dict[str, Any] | None = None
    for event in events:
        if event.command_id:
            code = str(event.data["code"]) if event.kind == "refused" else "accepted"
            mine = {"command_id": event.command_id, "code": code, "first_seq": event.seq, "last_seq": event.seq}
            found.append(mine)
        elif "rung" in event.data.get("patch", {}):
            mine = None
        elif mine is not None:
            mine["last_seq"] = event.seq
    return found


def notice_row(one: Notice) -> dict[str, Any]:
    """A notice as the outbox keeps it."""
    return {"key": one.key, "to": list(one.to), "form": one.form, "clause": list(one.clause), "demanded": one.demanded, "data": one.data}
