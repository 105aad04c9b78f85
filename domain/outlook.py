"""What would become of a complaint before it is sent, and of an act before it is done: the same rules are asked, nothing happens."""

from dataclasses import dataclass
from typing import Any

from domain.asking import Refused
from domain.case import Case, Command
from domain.context import Context
from domain.decisions import decide
from domain.law import Law, current
from domain.people import related
from domain.views import INSIDE, WITHHELD, closed_rules, reader_of, view

KINDS = ("existence", *(kind for kind in WITHHELD if kind in ("identity", "contact", "original", "progress")))
LOOKERS = INSIDE | {"auditor"}
ALL, SOME, NONE = "all", "some", "none"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a group of people would see: by kind of content `all`, `some` (of them) or `none`. group: a post, or a relation of the case."""

    group: str
    post: bool
    sees: dict[str, str]


def after(case: Case, command: Command, law: Law) -> Case | Refused:
    """The case as it would be after a command, or the refusal that the command would meet."""
    answer = decide(case, command, law)
    return answer if isinstance(answer, Refused) else answer.after


def sights(case: Case, law: Law) -> list[Sight]:
    """Who would see what of this case under its book: those who look over it by post, whoever gets it to handle, whom it is about, auditors and administrators."""
    law = current(law, case)
    people = law.office.get("person", {})
    accused = {*_people(related(["respondent", "respondent_unit"], case, law.office), people)}
    found = []
    for post, row in law.table("post").items():
        held = [one for one, about in people.items() if post in about.get("posts", ()) and one not in accused]
        if held and row.get("role") in LOOKERS:
            found.append(Sight(post, post=True, sees=_seen(case, held, law)))
    units = [unit for unit in law.office.get("unit", {}) if any(_handles(about, unit, law) for about in people.values())]
    handed = [(_handed(case, unit), [one for one, about in people.items() if _handles(about, unit, law) and one not in accused]) for unit in units]
    handed = [(sent, held) for sent, held in handed if held]
    if handed:
        found.append(Sight("handling_unit", post=False, sees=_joined([_seen(sent, held, law) for sent, held in handed])))
    named = _about(case, law)
    meant = [one for one in _people(related(["respondent", "respondent_unit"], named, law.office), people) if not LOOKERS.intersection(reader_of(one, law).roles)]
    if meant:
        own = next((people[one]["unit"] for one in meant if people[one].get("unit")), "")
        found.append(Sight("respondent", post=False, sees=_seen(named, meant, law)))
        heads = [one for one in meant if _handles(people[one], own, law)]
        if heads:
            found.append(Sight("respondent_unit_handling", post=False, sees=_seen(_handed(named, own), heads, law)))
    return found


def rules(case: Case, law: Law) -> list[tuple[str, dict[str, Any]]]:
    """The secrets of the book that would hold for this case."""
    context = Context(case, current(law, case))
    known = closed_rules(context, "existence", *WITHHELD)
    return [(key, row) for key, row in context.fitting("secret")] if known else []


def _seen(case: Case, readers: list[str], law: Law) -> dict[str, str]:
    views = [view(case, reader_of(one, law), law) for one in readers]
    return {kind: _share([_open(kind, shown) for shown in views]) for kind in KINDS}


def _open(kind: str, shown: dict[str, Any] | None) -> bool:
    if shown is None:
        return False
    return kind == "existence" or ("phase" if kind == "progress" else WITHHELD[kind][0]) in shown


def _share(answers: list[bool]) -> str:
    return ALL if all(answers) else SOME if any(answers) else NONE


def _joined(parts: list[dict[str, str]]) -> dict[str, str]:
    return {kind: next(iter(words)) if len(words := {part[kind] for part in parts}) == 1 else SOME for kind in KINDS}


def _handles(about: dict[str, Any], unit: str, law: Law) -> bool:
    return about.get("unit") == unit and any(law.row("post", post).get("role") == "unit_liaison" for post in about.get("posts", ()))


def _handed(case: Case, unit: str) -> Case:
    """The case as it would be with a unit that got it to handle."""
    part = {"unit": unit, "role": "", "excerpt": "…", "sent_at": case.attrs.get("received_at", "")}
    return case.supposed({"assignments": {"a1": part}, "attrs": {"phase": "handling", "disposition": "transfer"}})


def _about(case: Case, law: Law) -> Case:
    """The case with somebody complained of, where the complainant named nobody of the office: any member of a handling unit stands for them."""
    people = law.office.get("person", {})
    if _people(related(["respondent", "respondent_unit"], case, law.office), people):
        return case
    staffed = [unit for unit in law.office.get("unit", {}) if any(_handles(about, unit, law) for about in people.values())]
    other = next((one for one, about in people.items() if about.get("unit") in staffed and not LOOKERS.intersection(reader_of(one, law).roles)), "")
    return case.supposed({"attrs": {"respondents": [*case.attrs.get("respondents", []), *([{"person": other, "unit": people[other]["unit"]}] if other else [])]}})


def _people(ids: list[str], people: dict[str, Any]) -> list[str]:
    units = {one.removeprefix("unit:") for one in ids if one.startswith("unit:")}
    return [one for one, about in people.items() if one in ids or about.get("unit") in units]
