"""The closed list of forms: names, which form of a book is the same paper, who may draw it up, and when it makes sense."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from api.office import Seen
from domain.core import current

INSIDE = frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor"})
UNIT, COMPLAINANT = "unit", "complainant"
TELEPHONE = frozenset({"telephone", "hotline", "phone", "service_phone"})
VISIT = frozenset({"visit", "on_site", "oral", "window", "in_person"})
RESULTS = frozenset({"concluded", "reviewed", "fed_back", "answered_on_the_spot"})
PAPERS = frozenset({"served", "accepted", "not_accepted", "fed_back", "answered_on_the_spot"})
DONE = ("answering", "following", "closed", "archived")


class Why(NamedTuple):
    """Why a form cannot be drawn up now, with what to do."""

    code: str
    zh: str
    en: str


REASONS = {one.code: one for one in (
    Why("not_for_you", "此表由受理单位内部制作", "This form is drawn up inside the office that takes complaints"),
    Why("other_channel", "此件不是由这一途径投诉的，请用与途径相符的登记表", "The complaint came another way: take the register form of its channel"),
    Why("not_passed_on", "此件尚未转办、交办，转办后可制作", "Not passed to a unit yet: pass it on first"),
    Why("not_accepted_yet", "此件尚未受理或登记，受理后可制作", "Neither accepted nor registered yet: do that first"),
    Why("was_refused", "此件不予受理，请用不予受理告知", "It was not accepted: take the notice of refusal"),
    Why("not_refused", "此件没有作出不予受理或引导的决定", "Nobody has decided not to accept it or to guide it elsewhere"),
    Why("no_result_yet", "此件尚未办结，办结并审核后可制作", "Not concluded yet: conclude and review it first"),
    Why("nothing_to_serve", "此件还没有可以送达的文书", "There is no paper to serve yet"),
    Why("not_ended", "此件尚未反馈，反馈或结案后可立卷", "Not answered yet: a file is made up after the answer"),
)}  # fmt: skip

When = Callable[[Seen, frozenset[str]], str]  # the case, and the kinds of events that the reader hears of; the code of a reason, or ''


@dataclass(frozen=True)
class Form:
    """One form: id (also of its template), names, words that a book's own form of the same paper has in its name, readers, and the reason why not now ('' = now)."""

    id: str
    zh: str
    en: str
    words: tuple[str, ...]
    readers: frozenset[str]
    when: When
    kinds: tuple[str, ...] = ("register", "slip", "letter", "record", "document", "report")


def _never(found: Seen, heard: frozenset[str]) -> str:
    return ""


def _channel(*wanted: str) -> When:
    def why(found: Seen, heard: frozenset[str]) -> str:
        return "" if not wanted or {_way(found)} & set(wanted) else "other_channel"

    return why


def _way(found: Seen) -> str:
    """How the complaint came, roughly: by its channel's id, else by what the book calls it."""
    channel = str(found.shown.get("channel") or "")
    named = str(found.law.row("channel", channel).get("zh", ""))
    if channel in TELEPHONE or any(word in named for word in ("电话", "来电", "热线")):
        return "both" if "来访" in named else "telephone"
    return "visit" if channel in VISIT or any(word in named for word in ("来访", "现场", "当面", "上门", "来人", "口头", "前来", "前往")) else "other"


def _parts(found: Seen, heard: frozenset[str]) -> str:
    return "" if found.shown.get("assignments") else "not_passed_on"


def _handled(found: Seen, heard: frozenset[str]) -> str:
    return "" if found.shown.get("assignments") or found.shown.get("disposition") == "own" else "not_passed_on"


def _taken(found: Seen, heard: frozenset[str]) -> str:
    if found.shown.get("outcome") in ("not_accepted", "guided"):
        return "was_refused"
    return "" if heard & {"accepted", "registered"} or found.shown.get("register_no") else "not_accepted_yet"


def _refused(found: Seen, heard: frozenset[str]) -> str:
    return "" if found.shown.get("outcome") in ("not_accepted", "guided") else "not_refused"


def _result(found: Seen, heard: frozenset[str]) -> str:
    if found.shown.get("outcome") in ("not_accepted", "guided"):
        return "was_refused"
    return "" if found.shown.get("phase") in DONE and (heard & RESULTS or found.shown.get("found")) else "no_result_yet"


def _serve(found: Seen, heard: frozenset[str]) -> str:
    return "" if heard & PAPERS else "nothing_to_serve"


def _ended(found: Seen, heard: frozenset[str]) -> str:
    return "" if found.shown.get("phase") in DONE[1:] else "not_ended"


_BOTH, _LETTERS = INSIDE | {UNIT}, INSIDE | {COMPLAINANT}
FORMS: Mapping[str, Form] = {one.id: one for one in (
    Form("register_telephone", "投诉登记表（电话）", "Register form, telephone", ("登记表", "登记册", "登记簿", "登记处理记录", "来电记录"), INSIDE, _channel("telephone", "both"), ("register",)),
    Form("register_visit", "投诉登记表（来访）", "Register form, visit", ("登记表", "登记册", "登记簿", "登记处理记录", "来访登记"), INSIDE, _channel("visit", "both"), ("register",)),
    Form("register_letter", "投诉登记表（信函、网络及其他）", "Register form, letter and other ways", ("登记表", "登记册", "登记簿", "登记"), INSIDE, _channel("other"), ("register",)),
    Form("slip", "投诉处理单", "Handling slip", ("投诉处理单",), INSIDE, _never),
    Form("transfer_slip", "投诉转（督）办单", "Transfer slip with the unit's reply", ("转(督)办单", "转办单"), _BOTH, _parts),
    Form("urging", "催办单", "Urging record", ("催办单",), INSIDE, _parts),
    Form("handling", "投诉承办单", "Handling sheet of the unit", ("承办单",), _BOTH, _handled),
    Form("reading", "投诉呈阅件", "Paper for the leader's decision", ("呈阅件",), INSIDE, _never),
    Form("acknowledgement", "投诉受理确认函", "Letter of acknowledgement", ("确认函",), _LETTERS, _taken),
    Form("result", "投诉处理结果通知书", "Notice of the result", ("处理结果通知", "投诉处理通知单"), _LETTERS, _result),
    Form("refusal", "不予受理告知书", "Notice of refusal", ("不予受理",), _LETTERS, _refused),
    Form("receipt", "送达回证", "Proof of service", ("送达回证",), INSIDE, _serve),
    Form("cover", "投诉卷宗封面", "Cover of the file", ("卷宗封面",), INSIDE, _ended),
    Form("contents", "卷内目录", "List of the file", ("卷内目录", "案卷目录"), INSIDE, _ended),
)}  # fmt: skip


def readers_of(found: Seen) -> frozenset[str]:
    """As whom somebody draws up a form: roles inside the office, a unit, the complainant."""
    if found.reader.person == COMPLAINANT:
        return frozenset({COMPLAINANT})
    return frozenset(found.reader.roles) & INSIDE or (frozenset({UNIT}) if found.shown.get("assignments") else frozenset())


def kinds_of(found: Seen) -> frozenset[str]:
    """The kinds of events that the reader hears of."""
    return frozenset(event["kind"] for event in found.told())


def refusal(found: Seen, form: Form, heard: frozenset[str] | None = None) -> Why | None:
    """Why this reader cannot draw up this form now; None where they can."""
    if heard is None:
        heard = kinds_of(found)
    if not form.readers & readers_of(found):
        return REASONS["not_for_you"]
    return REASONS.get(form.when(found, heard))


def book_forms(found: Seen, form: Form) -> list[tuple[str, dict[str, Any]]]:
    """The book's own forms that are this paper; of several registers the one of this channel."""
    rows = [(name, row) for name, row in current(found.law, found.case).table("form").items() if row.get("kind") in form.kinds and any(word in str(row.get("zh", "")) for word in form.words)]
    fitting = [(name, row) for name, row in rows if _channels(row) is None or found.shown.get("channel") in (_channels(row) or ())]
    own = [(name, row) for name, row in fitting if _channels(row) is not None]
    return own or fitting


def _channels(row: Mapping[str, Any]) -> list[str] | None:
    wanted = row.get("when", {}).get("channel")
    return None if wanted is None else [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list) else []


def title(found: Seen, form: Form) -> str:
    """What the book calls this paper, else what we do."""
    own = book_forms(found, form)
    return str(own[0][1]["zh"]) if own else form.zh


def available(found: Seen) -> list[dict[str, Any]]:
    """Every form for this reader: whether it makes sense now, else why not; whether the identity may be put in."""
    rows, heard = [], kinds_of(found)
    for form in FORMS.values():
        why = refusal(found, form, heard)
        rows.append({
            "form": form.id, "zh": form.zh if why and why.code == "other_channel" else title(found, form), "en": form.en, "now": why is None, "why": why._asdict() if why else None,
            "identity": why is None and bool(found.shown.get("identity")),
        })  # fmt: skip
    return rows
