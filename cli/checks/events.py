"""Which events can come at all under a book: what its posts may do, and what its own rows bring about."""

from collections.abc import Callable, Iterable
from typing import Any

from cli.checks.base import Book, Row, walk, words
from domain.acts import ACTS
from domain.asking import COMPLAINT_ACTS, OPEN_ACTS
from domain.clocks import SILENT

SENDING = ("transfer", "assign", "joint", "submit")
WAYS = (*SENDING, "own", "forward")
# Acts that are possible only where the book has a row for them.
NEEDS_ROW: dict[str, Callable[[Book], Any]] = {
    "propose": lambda b: b.table("chain"), "approve": lambda b: b.table("chain"), "do": lambda b: b.table("duty") or any("on" in row for _, row in b.named("recur")), "document": lambda b: b.table("form"),
    "review": lambda b: b.table("check"), "urge": lambda b: b.table("urge"), "supervise": lambda b: b.table("supervise"), "order": lambda b: b.table("order"),
    "confirm": lambda b: b.table("order"), "comply": lambda b: b.table("order"), "publish": lambda b: b.table("publish"), "report": lambda b: b.table("report"),
    "serve": lambda b: b.table("serve"), "return_visit": lambda b: b.table("satisfy").get("visit"), "redo": lambda b: b.table("assign").get("redo"),
    "measure": lambda b: b.table("measure") or b.table("trigger"), "counted": lambda b: b.table("counter"), "request_extension": lambda b: b.table("extend"),
    "refuse": lambda b: any("turns_into" not in row for _, row in b.named("admit")), "turn_into": lambda b: len(b.table("kind")) > 1,
    "incident": lambda b: b.table("incident"), "hold_item": lambda b: b.table("hold"), "hand_over_item": lambda b: b.table("hold"), "return_item": lambda b: b.table("hold"),
    "hand_back": lambda b: b.table("assign").get("return", {}).get("open") is not False,
    "feedback": lambda b: not b.table("answer") or _answers(b, "fed_back"), "reply_to_source": lambda b: _answers(b, "replied_to_source"),
    "report_up": lambda b: _answers(b, "reported_up"), "answer_on_the_spot": lambda b: not b.table("answer") or _answers(b, "answered_on_the_spot"),
}  # fmt: skip


def _answers(book: Book, event: str) -> bool:
    return any(row.get("event", "fed_back") == event for _, row in book.named("answer"))


def has_row(book: Book, act: str) -> bool:
    """Whether a book has what an act is about."""
    needed = NEEDS_ROW.get(act)
    return needed is None or bool(needed(book))


def able(book: Book, act: str) -> bool:
    """Whether somebody may do an act under a book, and the book has what it is about."""
    row = ACTS.get(act)
    if row is None or not has_row(book, act):
        return False
    return row.judged or act in COMPLAINT_ACTS or act in OPEN_ACTS or any(act in one.get("may", ()) for _, one in book.named("post"))


def flows(book: Book, step: str, usual: str) -> set[str]:
    """How a step may pass, under the book and under each of its kinds."""
    general = str(book.table("flow").get(step, usual))
    return {str(row["flow"][step]) if step in (row.get("flow") or {}) else general for _, row in book.named("kind")} | ({general} if not book.table("kind") else set())


def comes(book: Book) -> frozenset[str]:
    """Names of all events that can come, with their subjects; `kind:*` where any subject will do."""
    return book.once("comes", _comes)  # type: ignore[no-any-return]


def possible(book: Book, name: str) -> bool:
    """Whether an event of this name can come."""
    known = comes(book)
    return name in known or f"{name.partition(':')[0]}:*" in known or (name.endswith(":*") and any(one.startswith(name[:-1]) for one in known))


def _comes(book: Book) -> frozenset[str]:
    found = {row.event for act, row in ACTS.items() if able(book, act)} | {"refused", "noted", "missed_before_entry", "date_moved", "ended"}
    found |= {name for act, names in MARKS.items() if able(book, act) for name in names}
    found |= {f"{kind}:{key}" for table, kinds in SUBJECTS.items() for key, _ in book.named(table) for kind in kinds}
    found |= {f"{kind}:*" for kind in ("unit_received", "consented", "linked", "recused_person", "corrected", "diverted")}
    found |= _flow(book) | _clocks(book) | _facts(book) | _caused(book) | _opened(book)
    if not book.table("check") and "concluded" in found:
        found.add("finished")
    if {"finished", "answered_on_the_spot"} & found:
        found |= {"answers_given"}
    return frozenset(found - _not_brought(book, found))


MARKS = {
    "answer_on_the_spot": ("concluded", "finished", "fed_back"), "review": ("finished", "checked", "sent_back"), "redo": ("sent_back",),
    "settle_withdrawal": ("ended", "withdrawn", "withdrawal_coerced"), "ask_once": ("asked_again",), "approve": ("approval_returned", "approval_rejected"),
    "request_extension": ("extension_asked", "explained", "extension_declined"), "file": ("instructed",), "conclude": ("found",),
    "return_visit": ("reopened",), "measure": ("measure_declined",), "do": ("waived",),
}  # fmt: skip
SUBJECTS = {
    "chain": ("approved", "decided", "proposed"), "form": ("sent", "signed", "refused", "noted"), "duty": ("done", "waived"), "answer": ("fed_back", "replied_to_source", "reported_up"),
    "check": ("reviewed", "checked", "sent_back"), "admit": ("not_accepted",), "urge": ("urged", "urge_due"), "order": ("order_issued", "served", "complied", "confirmed"),
    "measure": ("measured", "measure_declined"), "publish": ("published",), "report": ("reported",), "incident": ("incident_recorded",), "serve": ("served",),
    "again": ("appealed",), "finding": ("found",), "counter": ("counter", "quota"), "kind": ("turned_into",), "recur": ("missed", "done"),
    "term": ("explained", "extended", "extension_asked"), "limits": ("explained", "extended", "extension_asked"),
}  # fmt: skip


def _flow(book: Book) -> set[str]:
    found = set()
    if "filed" in flows(book, "register", "filed") or "accepted" in flows(book, "register", "filed"):
        found.add("registered")
    if "auto" in flows(book, "accept", "act") or flows(book, "start", "filed") != {"filed"}:
        found.add("accepted")
    if flows(book, "opinion", "") - {""}:
        found.add("opinion_fixed")
    if "own" in flows(book, "dispose", "act"):
        found.add("own")
    if "auto" in flows(book, "close", "auto"):
        found |= {"closed"}
    if "auto" in flows(book, "archive", "auto"):
        found |= {"archived"}
    if book.table("assign").get("receive") == "deemed" and any(able(book, act) for act in SENDING):
        found.add("unit_received")
    return found


def _clocks(book: Book) -> set[str]:
    rows = [*book.named("term"), *((key, {**table, **row}) for key, table in book.named("limits") for row in table.get("rows", ()))]
    late = {f"overdue:{key}" for key, row in rows if row.get("nature", "must") not in SILENT}
    late |= {f"overdue:order:{key}" for key, row in book.named("order") if "due" in row}
    duties = {f"duty_overdue:duty:{key}" for key, row in book.named("duty") if "within" in row} | {f"duty_overdue:duty:{key}" for key, row in book.named("recur") if "on" in row}
    return late | duties | ({"overdue", "warned"} if late else set()) | ({"duty_overdue"} if duties else set()) | ({"urge_due"} if book.table("urge") else set())


def _facts(book: Book) -> set[str]:
    """`set:FACT` of every fact that somebody, an option, a chain or a trigger can set."""
    found = {f"set:{key}" for key, row in book.named("fact") if "rows" not in row or "by" in row}
    for _, row in walk(book.rows):
        if isinstance(row.get("sets"), (dict, list)):
            found |= {f"set:{name}" for name in row["sets"]}
    found |= {f"set:{name}" for _, row in book.named("trigger") for name in row.get("then", {}).get("flag", ())}
    return found | {"set:limit_on", "set:promised_on"}


def _caused(book: Book) -> set[str]:
    """What triggers bring about."""
    found: set[str] = set()
    for _, row in book.named("trigger"):
        then = row.get("then", {})
        for key, kinds in THEN.items():
            for name in words(then.get(key)) if key in then else ():
                found |= {kind.partition(":")[0] for kind in kinds} | {kind.format(name) for kind in kinds}
        found |= {"flagged"} if "flag" in then else {"triggered"} if "tell" in then else set()
    return found


THEN: dict[str, tuple[str, ...]] = {
    "propose": ("measure_proposed:{}", "opens:{}"), "issue": ("order_issued:{}", "served:{}"), "supervise": ("supervised:{}",), "find": ("found:{}",),
    "open": ("opens:{}",), "open_duty": ("opened:{}", "triggered:{}"), "link": ("triggered:{}",),
}  # fmt: skip


def _opened(book: Book) -> set[str]:
    found = {f"opens:{row['kind']}" for _, row in book.named("again") if "kind" in row}
    found |= {f"supervised:{name}" for name in book.table("supervise").get("reasons", ())}
    return found


def _not_brought(book: Book, found: Iterable[str]) -> set[str]:
    """Subjects of acts that nobody can do, and duties that an act of their own or an event fulfils: no word is taken for them."""
    dead = {row.event for act, row in ACTS.items() if not able(book, act)} - {"own", "accepted", "registered", "closed", "archived", "unit_received", "concluded", "finished", "fed_back"}
    idle = {f"{event}:{name}" for event in ("sent", "signed", "refused") for name, row in book.named("form") if ledger_only(row)}
    idle |= {f"done:{name}" for name, row in book.named("duty") if "until" in row and "does" in row}
    return idle | {name for name in found if ":" in name and name.partition(":")[0] in dead & set(SINGLE_SUBJECTS)}


SINGLE_SUBJECTS = ("not_accepted", "urged", "complied", "confirmed", "published", "reported", "incident_recorded", "turned_into", "appealed", "reviewed")


def ledger_only(form: Row) -> bool:
    """Whether a form is filled in the ledger and never in a case."""
    return bool((form.get("when") or {}).get("phase") == "none")
