"""Closed rows as read-only records: what is personal sealed, found again by digests, shown as a case that is over."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api import sealing
from api.imports.cases import seal
from api.imports.planning import Plan
from api.keyring import Keyring
from domain.core import Law
from domain.old_records import old_record, who_may_know


@dataclass(frozen=True)
class Kept:
    """One record on its way into its table."""

    id: str
    office: str
    source: str
    line: int
    number: str
    received_at: datetime
    closed_at: datetime | None
    units: list[str]
    about: dict[str, Any]
    sealed: str
    outcome: str
    digests: list[str]
    content: str
    flat: dict[str, Any]
    law: str

    def row(self) -> tuple[Any, ...]:
        """The values of `store.RECORD`, in its order."""
        return (
            self.id, self.office, self.source, self.line, self.number, self.received_at, self.closed_at, self.units, json.dumps(self.about, ensure_ascii=False),
            self.sealed, self.outcome, self.digests, self.content, json.dumps(self.flat, ensure_ascii=False), self.law,
        )  # fmt: skip


def record_of(keys: Keyring, law: Law, office: str, source: str, name: str, plan: Plan, content: str, digest: str) -> Kept:
    """The record of a closed row."""
    if plan.received_at is None:
        raise ValueError("a record has the instant of its receipt")
    people = [{**row, **({"name": seal(keys, office, plan, {"words": row["name"]})} if row.get("name") else {})} for row in plan.about.get("respondents", ())]
    about = {"kind": plan.about.get("kind") or next(iter(law.table("kind")), "complaint"), "channel": plan.about.get("channel"), "source": plan.about.get("source") or "self"}
    about |= {"clerk": plan.about.get("clerk", ""), "facts": plan.about.get("facts", {}), "respondents": people, "anonymous": bool(plan.about.get("anonymous"))}
    sealed = seal(keys, office, plan, {"identity": plan.identity, "text": plan.text, "register": plan.other})
    outcome = seal(keys, office, plan, {"words": plan.outcome}) if plan.outcome else ""
    units = list(dict.fromkeys(plan.about.get("units", ())))
    case = old_record(name, {**about, "old_no": plan.number, "received_at": plan.received_at, "closed_at": plan.closed_at, "units": units}, law)
    return Kept(
        name, office, source, plan.row, plan.number, plan.received_at, plan.closed_at, units, about, sealed, outcome,
        sealing.digests(keys, office, plan.identity), keys.mac("digest", office, "row", content).hex(), who_may_know(case, law), digest,
    )  # fmt: skip
