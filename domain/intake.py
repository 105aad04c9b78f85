"""Acts of the phase 收到: file, register, complete, accept, refuse, guide, divert, turn into another kind."""

from collections.abc import Mapping
from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import instant, iso
from domain.clocks import clause_of
from domain.facts import file_forms, set_facts
from domain.first import first_of, first_row
from domain.kinds import check_opening, check_parties, turning
from domain.kinds import turn_into as turned
from domain.law import Law

IDENTITY = ("anonymous", "real_name", "has_contact", "proxy")


def file(ask: Ask) -> Draft:
    """接到: kind, channel and source are known to the book; facts and forms are as it asks; identity stays sealed."""
    fields = ask.fields
    kind = fields.get("kind") or next(iter(ask.law.table("kind")), "complaint")
    about = ask.law.row("kind", str(kind))
    source = fields.get("source") or about.get("source") or "self"
    clauses = [
        *_listed(ask.law, "kind", kind, "kind_not_in_book"),
        *(_listed(ask.law, "channel", fields.get("channel") or "", "channel_not_listed") if fields.get("channel") or about.get("channel") is not False else ()),
        *(_listed(ask.law, "source", source, "source_not_in_book") if source != "self" else ()),
    ]
    _status(ask)
    _old(ask)
    origin = fields.get("origin") or {}
    if origin and ask.person != "system":  # only a case opens another one so
        raise Refusal("not_yours_to_set", None, "origin")
    check_opening(ask, about)
    respondents = _respondents(ask)
    facts = _facts_at_filing(ask)
    check_parties(ask, about)
    draft = Draft("filed", "", tuple(dict.fromkeys(clauses)), phase="filed")
    draft.put(
        "attrs", kind=kind, channel=fields.get("channel"), source=source, respondents=respondents, round=1,
        received_at=iso(ask.command.received_at), entered_at=iso(ask.command.entered_at),
        clerk=str(origin.get("by", "")) if ask.person in ("complainant", "public", "system") else ask.person,
        first_asked=first_of(ask, ask.person),
        identity=fields.get("identity", ""), digests=fields.get("digests", []), summary_sha=fields.get("summary_sha", ""),
        attachments=fields.get("attachments", []), source_person=fields.get("source_person", ""),
        **{name: fields[name] for name in IDENTITY if name in fields},
    )  # fmt: skip
    if origin:
        draft.put("attrs", links=[{"relation": origin.get("relation", "about"), "case": origin.get("case", "")}])
    if about.get("complainant") is False or (fields.get("anonymous") and "has_contact" not in fields):
        draft.put("attrs", has_contact=False)
    if "accusation" in fields and "accusation" in ask.law.table("fact"):
        facts["accusation"] = fields["accusation"]
    draft.put("facts", **facts)
    draft.put("forms", **file_forms(ask, fields.get("forms") or {}, facts))
    if ask.text("old_no"):
        draft.put("attrs", old_no=ask.text("old_no"))
    for n, item in enumerate(fields.get("items") or [], 1):
        draft.put("items", **{f"i{n}": _item(ask, item)})
    draft.marks += [f"set:{name}" for name in facts]
    draft.marks += [f"sent:{name}" for name in fields.get("forms") or {}]
    if source in ("superior", "leader", "government"):
        draft.marks.append("instructed")
    return draft


def _listed(law: Law, table: str, value: str, code: str) -> tuple[str, ...]:
    rows = law.table(table)
    if value not in rows:
        raise Refusal(code, None, {"given": value, "listed": sorted(rows)})
    return clause_of(rows[value])


def _status(ask: Ask) -> None:
    book = ask.law.table("book")
    status = book.get("status", "in_force")
    day = ask.command.received_at.date().isoformat()
    since, until = (str(book.get(name) or ask.param(name) or "") for name in ("in_force_from", "in_force_until"))
    if status == "incomplete":
        raise Refusal("book_incomplete", book)
    if (status == "lapsed" and not until) or (until and day > until):  # what was received while it was in force runs to its end
        raise Refusal("book_lapsed", book, until)
    for name in book.get("needs", ()):
        if ask.param(name) in (None, "", [], {}):
            raise Refusal("param_missing", ask.law.row("param", name), name)
    if since and day < since:
        raise Refusal("before_in_force", book, since)


def _old(ask: Ask) -> None:
    """From an old register a case comes with a person, a reason and the register as its paper; a complainant has none."""
    if not ask.text("old_no"):
        return
    if ask.person in ("complainant", "public"):
        raise Refusal("not_your_act", None, None, ask.may())
    ask.need(["reason"])
    if not ask.command.paper:
        raise Refusal("field_missing", None, ["paper"])


def _respondents(ask: Ask) -> list[dict[str, Any]]:
    people, units = ask.law.office.get("person", {}), ask.law.office.get("unit", {})
    found = []
    for row in ask.fields.get("respondents") or []:
        if not isinstance(row, Mapping):
            raise Refusal("field_invalid", None, ["respondents"])
        known = people.get(row.get("person", ""), {})
        if row.get("unit") and row["unit"] not in units:
            raise Refusal("unit_unknown", None, row["unit"])
        inherited = {key: known[key] for key in ("unit", "rank", "staff_kind", "window") if known.get(key)}
        found.append({**inherited, **{k: v for k, v in row.items() if v not in (None, "")}})
    return found


def _facts_at_filing(ask: Ask) -> dict[str, Any]:
    facts = dict(ask.fields.get("facts") or {})
    if ask.person in ("complainant", "public"):  # what is asked of a clerk is not a complainant's to set, but nothing is lost
        held = {n: v for n, v in facts.items() if "by" in ask.law.row("fact", n)}
        facts = {n: v for n, v in facts.items() if n not in held}
        return set_facts(ask, facts)
    return set_facts(ask, facts)


def _item(ask: Ask, item: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for _, row in ask.fitting("hold") if item.get("kind") in row.get("kinds", ())]
    if not rows:
        raise Refusal("value_undefined", None, {"item": item.get("kind")})
    missing = [name for name in ("kind", "description", "custodian") if not item.get(name)]
    if missing:
        raise Refusal("field_missing", rows[0], missing)
    return {**item, "held_at": iso(ask.command.received_at), "clause": list(clause_of(rows[0]))}


def register(ask: Ask) -> Draft:
    """登记: only where the book makes it an act of its own."""
    if "registered" in ask.case.marks:
        raise Refusal("wrong_phase", None, "registered")
    draft = Draft("registered", "", clause_of(ask.law.table("flow")))
    return number(ask.law, draft, ask).put("forms", **file_forms(ask, ask.fields.get("forms") or {}, {}))


def number(law: Law, draft: Draft, ask: Any) -> Draft:
    """Ask for a register number; `record` gives it, gapless by office and year (design, section 1)."""
    pattern = str(law.office.get("office", {}).get("number", "{year}-{n}"))
    attrs = ask.case.attrs  # an old case has its old number; ours is of the year in which it came in here
    year = instant(attrs["entered_at"]).year if attrs.get("old_no") else ask.command.received_at.year
    return draft.put("attrs", register_no="#", register_year=year, register_pattern=pattern)


def supplement(ask: Ask) -> Draft:
    """What was missing, brought later; new respondents stand beside the old."""
    facts = set_facts(ask, ask.fields.get("facts") or {})
    draft = Draft("supplemented").put("facts", **facts)
    added = _respondents(ask)
    if added:
        draft.put("attrs", respondents=[*ask.case.attrs.get("respondents", []), *added])
    draft.put("forms", **file_forms(ask, ask.fields.get("forms") or {}, facts))
    draft.marks += [f"set:{name}" for name in facts]
    return draft


def ask_once(ask: Ask) -> Draft:
    """一次性告知: all that is missing at one time; a second list needs a reason."""
    again = "asked_once" in ask.case.marks
    if again and not ask.text("note"):
        raise Refusal("reason_missing", None, "note")
    return Draft("asked_once", marks=["asked_again"] if again else []).put("attrs", asked_for=ask.fields["missing"])


def accept(ask: Ask) -> Draft:
    """受理: not while a ground for refusing holds."""
    facts = set_facts(ask, ask.fields.get("facts") or {})
    if "accepted" in ask.case.marks:
        raise Refusal("wrong_phase", None, "accepted")
    due = turning(ask)
    if due is not None:
        raise Refusal("turns_into", due[1], due[0])
    for name, row in ask.fitting("admit"):
        if (row.get("when") or row.get("any")) and "turns_into" not in row:
            raise Refusal(str(row.get("code", "out_of_scope")), row, name)
    draft = Draft("accepted", "", (), phase="opinion").put("facts", **facts)
    draft.put("forms", **file_forms(ask, ask.fields.get("forms") or {}, facts))
    draft.marks += [f"set:{name}" for name in facts] + [f"sent:{name}" for name in ask.fields.get("forms") or {}]
    draft.put("attrs", clerk=ask.case.attrs.get("clerk") or ask.person)
    return draft


def refuse(ask: Ask) -> Draft:
    """不予受理: on a ground of the book that holds, with what it must say."""
    ground = ask.text("ground")
    row = ask.law.table("admit").get(ground)
    if row is None and ask.law.table("first"):  # whoever is asked first may not turn anybody away
        raise Refusal("refusal_not_open", first_row(ask), ground)
    if row is None:
        raise Refusal("value_undefined", None, {"ground": ground, "listed": sorted(ask.law.table("admit"))})
    facts = set_facts(ask, ask.fields.get("facts") or {})
    if not ask.holds(row):
        raise Refusal("refusal_not_open", row, ground)
    if "turns_into" in row:
        raise Refusal("turns_into", row, row["turns_into"])
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_your_act", row, ground, ask.who(row["by"]))
    ask.need(list(row.get("say", ())), row, "refusal_without_reason")
    draft = Draft("not_accepted", ground, clause_of(row), phase="closed", marks=["ended"]).put("facts", **facts)
    return draft.put("attrs", outcome="not_accepted", refusal=row.get("code", ""))


def guide(ask: Ask) -> Draft:
    """引导: the matter belongs elsewhere, the way is told; a book with rows for guiding opens it only by them."""
    from domain.routing import bound_row

    row = bound_row(ask, "guide")
    if not row and ask.case.phase != "filed":  # without a row for it, what was taken in is not sent away past its approvals and terms
        raise Refusal("wrong_phase", None, {"phase": ask.case.phase, "legal": ["filed"]})
    draft = Draft("guided", "", clause_of(row), phase="closed", marks=["ended"]).put("attrs", outcome="guided")
    facts = set_facts(ask, ask.fields.get("facts") or {})
    forms = file_forms(ask, ask.fields.get("forms") or {}, facts)
    draft.marks += [f"set:{name}" for name in facts] + [f"sent:{name}" for name in forms]
    return draft.put("facts", **facts).put("forms", **forms)


def divert(ask: Ask) -> Draft:
    """移送: to another body; ends every clock of this book only if the whole case goes."""
    from domain.routing import check_route

    row = check_route(ask, "divert", ask.text("to"))
    ends = bool(ask.fields.get("ends"))
    if ends and row.get("ends_after", "filed") not in ask.case.marks:
        raise Refusal("not_fed_back", row, row["ends_after"])
    draft = Draft("diverted", "", clause_of(row), phase="closed" if ends else "", marks=["ended"] if ends else [])
    return draft.put("attrs", diverted_to=ask.text("to"), **({"outcome": "diverted"} if ends else {}))


def turn_into(ask: Ask) -> Draft:
    """Another kind of the same book, under the same number."""
    return turned(ask, _listed(ask.law, "kind", ask.text("kind"), "kind_not_in_book"))


def classify(ask: Ask) -> Draft:
    """认定: facts that choose terms, chains and routes; terms chosen anew count from the same start."""
    facts = set_facts(ask, ask.fields["facts"])
    clauses = [c for name in facts for c in clause_of(ask.law.row("fact", name))]
    draft = Draft("classified", "", tuple(dict.fromkeys(clauses))).put("facts", **facts)
    draft.marks += [f"set:{name}" for name in facts]
    return draft
