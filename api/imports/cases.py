"""Open rows as cases: the filing and the acts that had happened by then, signed for by the importer, with the register as their paper; judged by the core before they are filed."""

import json
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api import sealing
from api import words as sealed_words
from api.imports.findings import Finding, of_refusal
from api.imports.planning import Deed, Plan
from api.keyring import Keyring
from api.receipts import index_of, receipt
from domain.acts import ACTS
from domain.asking import Ask
from domain.core import Case, Command, Event, Law, Refused, decide, fold, step

UNSEALED = "v1."  # stands for what a dry run does not seal


@dataclass(frozen=True)
class Entry:
    """Who brings the register in, why, under which law, and the SHA-256 of its file: the paper on which every act rests."""

    law: Law
    office: str
    importer: str
    reason: str
    paper: str
    old_papers: bool


@dataclass(frozen=True)
class Judged:
    """A row as the case it would be: its acts, and what the core says of them."""

    commands: list[Command]
    finding: Finding | None
    phase: str = ""
    missed: tuple[str, ...] = ()


def judged(entry: Entry, plan: Plan, case_id: str, entered: datetime, keys: Keyring | None = None) -> Judged:
    """The acts of a row, each as the core takes it after the one before; without keys nothing is sealed (a dry run)."""
    commands: list[Command] = []
    trial = Case.new(case_id, entry.office, str(entry.law.table("book").get("id", "")))
    deeds = [Deed("file", plan.received_at or entered, entry.importer, _filing(entry, plan, case_id, keys), ""), *plan.deeds]
    for n, deed in enumerate(deeds):
        command = _command(entry, plan, case_id, n, deed, entered, keys)
        if entry.old_papers:
            command.fields.update(_papers(trial, command, entry.law, plan.number))
        answer = decide(trial, command, entry.law)
        if isinstance(answer, Refused):
            return Judged(commands, of_refusal(plan.row, deed.column, deed.act, answer))
        for event in answer.events:
            fold(trial, event)
        commands.append(command)
    return _through(entry, plan, case_id, commands, entered, {command.id: deed for command, deed in zip(commands, deeds, strict=True)})


def _through(entry: Entry, plan: Plan, case_id: str, commands: list[Command], entered: datetime, deeds: Table[str, Deed]) -> Judged:
    """The same acts with the time between them: what the case's own worker will do."""
    case, events = step(Case.new(case_id, entry.office, str(entry.law.table("book").get("id", ""))), commands, entered, entry.law)
    no = next((event for event in events if event.kind == "refused"), None)
    if no is not None:
        deed = deeds[no.command_id]
        return Judged(commands, Finding(plan.row, deed.column, str(no.data["code"]), {"act": deed.act, "detail": no.data.get("detail"), "who": no.data.get("who", [])}, no.clause))
    return Judged(commands, None, case.phase, tuple(_missed(events)))


def _missed(events: list[Event]) -> list[str]:
    return [f"{one['kind']}:{one['subject']}" for event in events if event.kind == "missed_before_entry" for one in event.data["missed"]]


def content(cells: Table[str, Any]) -> str:
    """The cells of a row as one text: the same row is the same filing for ever."""
    return json.dumps({heading: str(value) for heading, value in cells.items() if value not in (None, "")}, ensure_ascii=False, sort_keys=True)


def _command(entry: Entry, plan: Plan, case_id: str, n: int, deed: Deed, entered: datetime, keys: Keyring | None) -> Command:
    fields = dict(deed.fields)
    if keys is not None and deed.act != "file":
        fields = sealed_words.sealed(keys, entry.office, _year(plan, entered), deed.act, fields)
    name = f"{case_id}:file" if n == 0 else f"{case_id}:old-{n}"
    return Command(name, deed.act, fields, deed.at, entered, deed.actor, entered_by=entry.importer, paper=entry.paper)


def _year(plan: Plan, entered: datetime) -> int:
    return (plan.received_at or entered).year


def _filing(entry: Entry, plan: Plan, case_id: str, keys: Keyring | None) -> dict[str, Any]:
    """The fields of the filing, as `api/filing.py` makes them, with the old number."""
    about = {name: value for name in ("kind", "channel", "source", "facts") if (value := plan.about.get(name))}
    people = [{**row, **({"name": seal(keys, entry.office, plan, {"words": row["name"]})} if row.get("name") else {})} for row in plan.about.get("respondents", ())]
    fields: dict[str, Any] = {**about, "old_no": plan.number, "reason": entry.reason, "anonymous": bool(plan.about.get("anonymous")), **({"respondents": people} if people else {})}
    fields["has_contact"] = not (fields["anonymous"] and not plan.identity)
    if plan.about.get("facts", {}).get("accusation") is not None:
        fields["accusation"] = plan.about["facts"]["accusation"]
    if plan.identity or plan.text or plan.other:
        fields["identity"] = seal(keys, entry.office, plan, {"identity": plan.identity, "text": plan.text, "register": plan.other})
    if keys is not None:
        if plan.text:
            fields["summary_sha"] = keys.mac("digest", entry.office, "text", plan.text).hex()
        fields["digests"] = [*sealing.digests(keys, entry.office, plan.identity), index_of(keys, receipt(keys, case_id))]
    return fields


def seal(keys: Keyring | None, office: str, plan: Plan, value: dict[str, Any]) -> str:
    """A value sealed under the year of receipt; in a dry run only a mark in its place."""
    return UNSEALED if keys is None or plan.received_at is None else sealing.seal(keys, office, plan.received_at.year, value)


def _papers(case: Case, command: Command, law: Law, number: str) -> dict[str, Any]:
    """Documents that the book asks for at this act: they lie in the old file, and the case refers to it by its old number."""
    if "forms" not in ACTS[command.act].fields:
        return {}
    given = dict(command.fields.get("forms") or {})
    for name, row in Ask(case, command, law).fitting("form"):
        if command.act in row.get("needed_for", ()) and name not in case.forms and name not in given:
            given[name] = {column: f"见旧登记册 {number}" for column, about in row.get("columns", {}).items() if about.get("required") and not about.get("sealed")}
    return {"forms": given} if given else {}
