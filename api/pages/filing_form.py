"""The questions of a filing, made from the book: who it is about, the facts that its sender may set, the words, the identity; and the filing that the answers give."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from api.filing import PUBLIC, TEXT
from api.gateway import now
from api.pages.boxes import READ, Box, Group, fact_box
from api.pages.render import Names
from domain.asking import Ask
from domain.case import Case, Command
from domain.core import Law
from domain.kinds import BY_ITSELF

# Ways in which somebody sends their own words through a page, the nearest first; what a book calls it, it keeps.
BY_PAGE = ("web", "website", "online", "portal", "platform", "network", "electronic", "email", "written", "other", "any")
ROWS = 3  # respondents on one form
SAID = {"respondent_name": "r1.name"}  # facts of books that the form asks in its own place
CONTROL = frozenset({"typed", "key", "large", "step", "go", "draft", "filing", "began_at"})
IDENTITY = {
    "name": ("您的姓名", "Your name"), "telephone": ("联系电话", "Telephone"), "id_number": ("身份证号(可不填)", "Identity number (if you like)"), "address": ("通信地址或电子邮箱(可不填)", "Postal or mail address (if you like)"),
}  # fmt: skip
TOLD = {  # the same, as a clerk asks it of somebody else
    "name": ("投诉人姓名", "Name of the complainant"), "telephone": ("联系电话", "Telephone"), "id_number": ("身份证号", "Identity number"), "address": ("通信地址或电子邮箱", "Postal or mail address"),
}  # fmt: skip
PROXY = {"proxy_name": ("代理人姓名", "Name of the proxy"), "proxy_telephone": ("代理人电话", "Telephone of the proxy"), "proxy_relation": ("与投诉人的关系", "Relation to the complainant")}
MODES = (("real", "实名:我写明姓名,只有下一页所列的人看得到", "With my name: only those on the next page see it"), ("anonymous", "匿名:不写姓名,凭查询码查看结果", "Without my name: I follow it by the code"))


def channel_by_page(law: Law) -> str:
    """The channel that a filing through a page has in this book, '' where the book has none."""
    return next((one for one in BY_PAGE if one in law.table("channel")), "")


def kinds(law: Law, person: str, names: Names) -> tuple[tuple[str, str], ...]:
    """The kinds of case that this person may open by themselves."""
    found = []
    for key, row in law.table("kind").items():
        by = row.get("opened_by", ())
        words = {by} if isinstance(by, str) else set(by)
        if person == PUBLIC and (row.get("complainant") is False or (words and words.isdisjoint(BY_ITSELF["complainant"] + BY_ITSELF["public"])) or row.get("source", "self") != "self"):
            continue
        found.append((key, names.word(row) or key))
    return tuple(found)


def units(law: Law, names: Names) -> tuple[tuple[str, str], ...]:
    """The units that may be complained of."""
    bound = law.table("book").get("binds", {}).get("unit_kinds")
    return tuple((key, names.unit(key)) for key, row in law.office.get("unit", {}).items() if not bound or row.get("kind") in bound)


def asked(law: Law, person: str, given: Mapping[str, Any]) -> Ask:
    """The filing as the core would be asked, with what was typed so far."""
    fields: dict[str, Any] = {"channel": str(given.get("channel", "")), "facts": facts_of(law, given), "anonymous": given.get("mode") == "anonymous", "real_name": given.get("mode") == "real", "proxy": given.get("proxy") == "yes"}
    if given.get("kind"):
        fields["kind"] = str(given["kind"])
    at = now()
    return Ask(Case.new("", str(law.office.get("office", {}).get("id", "")), str(law.table("book").get("id", ""))), Command("", "file", fields, at, at, person), law)


def fact_boxes(law: Law, person: str, given: Mapping[str, Any], names: Names) -> tuple[list[Box], list[Box]]:
    """The facts that this person may set: those without which the case is not taken in, and the rest."""
    ask = asked(law, person, given)
    needed = _needed(ask)
    must: list[Box] = []
    rest: list[Box] = []
    for name, row in law.table("fact").items():
        if name in SAID or ("by" in row and not ask.named(row["by"])) or ("by" not in row and "rows" in row) or not ask.holds(row) or (person == PUBLIC and (row.get("is") == "person" or row.get("reason"))):  # names of staff, and what needs a reason, are not asked of the public
            continue
        box = fact_box(name, row, names, given.get(f"fact.{name}", ""))
        (must if name in needed else rest).append(box if "by" in row or person != PUBLIC else replace(box, clause=()))
    return must, rest


def _needed(ask: Ask) -> set[str]:
    rows = [row for _, row in ask.fitting("gate") if not {"file", "accept", "register"}.isdisjoint([row["act"]] if isinstance(row.get("act"), str) else row.get("act", ()))]
    found = {need.removeprefix("fact:") for row in rows for need in row.get("needs", ()) if need.startswith("fact:")}
    for name, row in ask.law.table("fact").items():
        chosen = ask.fact(name)
        option = row.get("options", {}).get(chosen, {}) if isinstance(chosen, str) else {}
        found |= {need.removeprefix("fact:") for need in (option.get("needs", ()) if isinstance(option, Mapping) else ())}
    return found


def respondent_boxes(law: Law, given: Mapping[str, Any], names: Names, n: int = 1) -> list[Box]:
    """Unit and name of one who is complained of."""
    en = names.lang == "en"
    return [
        Box(f"r{n}.unit", "Unit complained of" if en else "被投诉的单位", "one", units(law, names), value=given.get(f"r{n}.unit", ""), hint=("leave it if you do not know" if en else "不清楚可不选")),
        Box(f"r{n}.name", "Name of the person complained of" if en else "被投诉人姓名", value=given.get(f"r{n}.name", ""), hint=("or what you know of them: window, number of the badge" if en else "不知道姓名可以写工号、窗口或特征")),
    ]  # fmt: skip


def identity_boxes(given: Mapping[str, Any], lang: str, table: Mapping[str, tuple[str, str]] = IDENTITY) -> list[Box]:
    """Who complains."""
    return [Box(f"i.{key}", en if lang == "en" else zh, value=given.get(f"i.{key}", "")) for key, (zh, en) in table.items()]


def text_box(given: Mapping[str, Any], lang: str) -> Box:
    """The complaint in their own words."""
    hint = f"what happened, when, where, what you ask for; at most {TEXT} signs" if lang == "en" else "什么时间、什么地点、发生了什么、您的要求;最多两万字"
    return Box("text", "What you complain of" if lang == "en" else "投诉内容", "long", required=True, value=given.get("text", ""), hint=hint)


def mode_box(given: Mapping[str, Any], lang: str) -> Box:
    """With or without a name."""
    return Box("mode", "With or without your name" if lang == "en" else "实名还是匿名", "one", tuple((key, en if lang == "en" else zh) for key, zh, en in MODES), required=True, value=given.get("mode", "real"))


def proxy_box(given: Mapping[str, Any], lang: str) -> Box:
    """For oneself or for somebody else."""
    return Box("proxy", "I complain for somebody else" if lang == "en" else "我是代他人投诉", "yesno", value=given.get("proxy", ""))


def questions(law: Law, given: Mapping[str, Any], names: Names) -> list[Group]:
    """All questions of the form one by one, for who wants one a page; what is seldom needed is asked for only where they say so."""
    en = names.lang == "en"
    kind = kinds(law, PUBLIC, names)
    boxes = [Box("kind", "What is it" if en else "您要提出的是", "one", kind, required=True, value=given.get("kind", ""))] if len(kind) > 1 else []
    boxes.append(text_box(given, names.lang))
    if law.row("kind", str(given.get("kind") or (kind[0][0] if kind else ""))).get("respondent") is not False:
        boxes += _whom(law, given, names)
    must, rest = fact_boxes(law, PUBLIC, given, names)
    boxes += must
    if rest:
        boxes.append(Box("more", f"Some more can be told ({len(rest)} questions, none of them needed). Answer them?" if en else f"还有{len(rest)}个可填可不填的问题,要回答吗", "yesno", value=given.get("more", "")))
    boxes += rest if given.get("more") == "yes" else []
    boxes.append(mode_box(given, names.lang))
    boxes += identity_boxes(given, names.lang) if given.get("mode") == "real" else []
    boxes.append(proxy_box(given, names.lang))
    boxes += identity_boxes(given, names.lang, PROXY) if given.get("proxy") == "yes" else []
    return [Group("", (box,)) for box in boxes]


def _whom(law: Law, given: Mapping[str, Any], names: Names) -> Iterable[Box]:
    """Who is complained of, and after each whether there is another."""
    for n in range(1, ROWS + 1):
        yield from respondent_boxes(law, given, names, n)
        if n == ROWS:
            return
        yield Box(f"others{n}", "Somebody else too?" if names.lang == "en" else "还投诉别人吗", "yesno", value=given.get(f"others{n}", ""))
        if given.get(f"others{n}") != "yes":
            return


def may_skip(given: Mapping[str, Any], box: Box, lang: str) -> bool:
    """Whether a question may be left open."""
    blank = {**given, box.name: ""}
    return box.name not in ("mode", "kind") and box.name not in dict(wrong(blank, lang))


def facts_of(law: Law, given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that were given, in the kinds that the book knows."""
    found = {}
    for name, row in law.table("fact").items():
        raw = given.get(f"fact.{name}") or given.get(SAID.get(name, ""), "")
        value = READ[_kind(row)](raw) if raw not in ("", [], None) else None
        if value not in (None, "", []):
            found[name] = value
    return found


def _kind(row: Mapping[str, Any]) -> str:
    kind = str(row.get("is", "one_of" if "options" in row else "text"))
    return {"some_of": "some", "flag": "yesno", "number": "number"}.get(kind, "line")


def filing_of(law: Law, given: Mapping[str, Any], *, person: str = PUBLIC) -> dict[str, Any]:
    """The filing that the answers give, as the API takes it."""
    office = law.office.get("office", {})
    mode = str(given.get("mode", "real"))
    table = {**(IDENTITY if mode != "anonymous" or person != PUBLIC else {}), **(PROXY if given.get("proxy") == "yes" else {})}
    identity = {key: value for key in table if (value := str(given.get(f"i.{key}", "")).strip())}
    made: dict[str, Any] = {
        "office": str(office.get("id", "")), "channel": str(given.get("channel", "")), "text": str(given.get("text", "")).strip().replace("\r\n", "\n"), "identity": identity,
        "anonymous": mode == "anonymous", "real_name": mode == "real" and bool(identity.get("name")), "proxy": given.get("proxy") == "yes",
        "has_contact": not (mode == "anonymous" and not identity), "facts": facts_of(law, given), "respondents": list(_respondents(law, given)),
    }  # fmt: skip
    return made | ({"kind": str(given["kind"])} if given.get("kind") else {})


def _respondents(law: Law, given: Mapping[str, Any]) -> Iterable[dict[str, str]]:
    for n in range(1, ROWS + 1):
        unit, name = (str(given.get(f"r{n}.{key}", "")).strip() for key in ("unit", "name"))
        person = person_named(law, name, unit)
        row = {"unit": unit, "name": name, "person": person}
        if unit or name:
            yield {key: value for key, value in row.items() if value}


def person_named(law: Law, name: str, unit: str = "") -> str:
    """The one person of the office who bears this name: they are closed out from the first instant. '' where nobody or more than one does."""
    people: Mapping[str, Any] = law.office.get("person", {})
    found = [key for key, row in people.items() if name and name in (row.get("name"), str(row.get("name", "")).rpartition("·")[2]) and (not unit or row.get("unit") == unit)]
    return found[0] if len(found) == 1 else ""


def wrong(given: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """What is missing or too long, as (box, words)."""
    en, found = lang == "en", []
    if not str(given.get("text", "")).strip():
        found.append(("text", "Write what you complain of" if en else "请写明投诉内容"))
    elif len(str(given["text"])) > TEXT:
        found.append(("text", f"At most {TEXT} signs" if en else "投诉内容最多两万字,请精简或作为附件提交"))
    if given.get("mode", "real") == "real" and not str(given.get("i.name", "")).strip():
        found.append(("i.name", "Write your name, or choose to file without it" if en else "实名投诉请写姓名,或改选匿名"))
    if given.get("proxy") == "yes" and not str(given.get("i.proxy_name", "")).strip():
        found.append(("i.proxy_name", "Write the proxy's name" if en else "请写代理人姓名"))
    return found


def packed(given: Mapping[str, Any]) -> str:
    """What was typed, as one hidden field that goes along from page to page; nothing of it is kept here."""
    return json.dumps({key: value for key, value in given.items() if key not in CONTROL}, ensure_ascii=False)


def unpacked(text: str) -> dict[str, Any]:
    """What `packed` wrote; {} of anything else."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if key not in CONTROL and (isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value)))}
