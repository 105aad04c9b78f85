"""The values of a case for its forms, made of what the reader's view and ears hold, and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.forms.chinese import CLOSED, WITHHELD, day, moment, text
from api.forms.names import ANSWERS as YES_NO
from api.forms.names import DECISIONS, PHASES, Names
from domain.acts import SEALED
from domain.facts import SEALED as ELSEWHERE

# Which words of the sealed identity stand for which field, in the order of preference.
IDENTITY = {
    "投诉人姓名": ("name", "姓名"), "联系方式": ("telephone", "phone", "mobile", "contact", "email", "联系方式"), "工作单位": ("work_unit", "employer", "工作单位"),
    "职业": ("occupation", "职业"), "家庭住址": ("address", "家庭住址"), "证件号码": ("id_number", "证件号码"),
}  # fmt: skip
ANSWERS = ("fed_back", "answered_on_the_spot")
LENGTHS = {"working_days": "个工作日", "calendar_days": "日", "days": "日"}
PASSED = ("transferred", "assigned", "joint", "submitted", "forwarded")


@dataclass(frozen=True)
class Told:
    """What one reader knows of a case, words opened: the view, the events, the counted clocks, the answers; the identity only where it was opened for this print."""

    shown: Mapping[str, Any]
    events: list[dict[str, Any]]
    counts: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    names: Names
    reader: str
    now: datetime
    opened: Mapping[str, Any] | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)  # columns of the book's forms, by their Chinese name

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """Events of some kinds, in order."""
        return [event for event in self.events if event["kind"] in kinds]

    def last(self, *kinds: str) -> dict[str, Any]:
        """The last of them, {} where none."""
        return (self.of(*kinds) or [{}])[-1]

    def day_of(self, *kinds: str, first: bool = False) -> str:
        """The day of the last (or first) of them."""
        found = self.of(*kinds)
        return day(found[0 if first else -1]["at"]) if found else ""

    def cell(self, *labels: str) -> str:
        """A column of the book's forms under one of these names; what stands in the sealed identity is not here."""
        for label in labels:
            value = self.cells.get(label)
            if value not in (None, "", ELSEWHERE):
                return self.worded(value)
        return ""

    def handler(self, part: Mapping[str, Any]) -> str:
        """Who has an assignment in hand: the one named, the unit's liaison, else whoever is waited for there."""
        named = part.get("person") or part.get("liaison")
        waited = [who for task in self.shown.get("tasks", ()) if task["act"] == "conclude" for who in task["who"] if self.names.people.get(who, {}).get("unit") == part.get("unit")]
        return self.names.many([named] if named else waited)

    def worded(self, value: Any) -> str:
        """A column's value: instants as days, ids of units as names."""
        if isinstance(value, (list, tuple)):
            return "、".join(self.worded(one) for one in value)
        if isinstance(value, str):
            return self.names.unit(value) if value in self.names.units else self.names.one(value) if value in self.names.people else day(value)
        return text(value)

    def field(self, event: Mapping[str, Any], *names: str) -> str:
        """A field of an event that the reader may hear."""
        fields = event.get("fields", {})
        return next((text(fields[name]) for name in names if fields.get(name) not in (None, "", [], {})), "")


def case_values(told: Told) -> dict[str, Any]:
    """Every field of `FIELDS` that is a text, but those of the sheet itself; unescaped."""
    return {**_head(told), **_persons(told), **_contents(told), **_way(told), **_work(told), **_answer(told)}


def _head(told: Told) -> dict[str, str]:
    shown, names, office = told.shown, told.names, told.names.law.office.get("office", {})
    received = shown.get("received_at")
    taken = [actor for kind in ("accepted", "registered", "filed") for event in told.of(kind) if (actor := event.get("actor", "")) not in ("", "system", "complainant", "public")]
    number = text(shown.get("register_no"))
    return {
        "机构": str(office.get("zh", "")), "机构电话": text(office.get("telephone")), "制度": str(names.law.table("book").get("title", "")),
        "今天": day(told.now), "制表人": names.one(told.reader), "制表时间": moment(told.now), "密级提示": "内部资料　注意保密" if told.opened is not None else "",
        "编号": "" if number == "#" else number, "收到时间": moment(received), "收到日期": day(received), "受理日期": told.day_of("accepted", first=True),
        "登记日期": told.day_of("registered", first=True) or (told.day_of("filed", first=True) if number else ""), "受理人": names.one(taken[0]) if taken else "",
        "渠道": names.row("channel", shown.get("channel")), "来源": _source(told), "类别": names.row("kind", shown.get("kind")),
        "件别": names.fact("grade", shown.get("facts", {}).get("grade")), "环节": _phase(told),
    }  # fmt: skip


def _source(told: Told) -> str:
    source = text(told.shown.get("source"))
    named = told.names.row("source", source)
    return "群众投诉" if named == "self" else named


def _phase(told: Told) -> str:
    phase = text(told.shown.get("phase"))
    return PHASES.get(phase, phase)


def _persons(told: Told) -> dict[str, str]:
    shown, names, who = told.shown, told.names, dict(told.opened.get("identity") or {}) if told.opened is not None else {}
    blank = "" if told.opened is not None else CLOSED if shown.get("identity") else "" if "identity" in shown else WITHHELD
    found = {name: next((text(who[key]) for key in keys if who.get(key)), blank) for name, keys in IDENTITY.items()}
    unnamed = not who.get("name") if told.opened is not None else not shown.get("identity", "withheld")
    found["投诉人姓名"] = "（未留姓名）" if unnamed else found["投诉人姓名"]
    rows, facts = shown.get("respondents", ()), shown.get("facts", {})
    people = [names.one(row["person"]) if row.get("person") else text(row.get("name")) for row in rows]
    units = [names.unit(row["unit"]) for row in rows if row.get("unit")]
    windows = [text(row["window"]) for row in rows if row.get("window")]
    return {
        **found, "投诉人称呼": text(who.get("name")) or "投诉人",
        "被投诉人": "、".join(dict.fromkeys(one for one in people if one)) or text(facts.get("respondent_name")) or told.cell("被投诉人", "被投诉人姓名"),
        "被投诉单位": "、".join(dict.fromkeys(units)) or told.cell("被投诉单位"), "窗口号": text(facts.get("window_no")) or "、".join(dict.fromkeys(windows)),
        "具体办事时间": day(facts.get("business_time")) or told.cell("具体办事时间", "办事时间"), "办理事项": names.fact("matter", facts.get("matter")) or told.cell("办理事项", "办事项目", "反映的事项", "投诉事项"),
        "投诉理由": text(facts.get("reason")) or names.fact("ground", facts.get("ground")) or told.cell("投诉理由", "投诉原因"),
    }  # fmt: skip


def _contents(told: Told) -> dict[str, str]:
    shown = told.shown
    original = text((told.opened or {}).get("text"))
    excerpts = list(dict.fromkeys(text(part["excerpt"]) for part in shown.get("assignments", {}).values() if part.get("excerpt")))
    summary = told.cell("投诉的主要内容", "投诉内容", "主要内容", "反映的问题", "反映的事项", "投诉事项", "来电内容", "投诉举报内容")
    hidden = f"{CLOSED[:-1]}，启封须说明理由）" if str(shown.get("identity") or "").startswith(SEALED) and told.opened is None else ""
    files = [*shown.get("attachments", ()), *told.of("material_added")]
    return {
        "投诉内容": summary or original or "\n".join(excerpts) or hidden, "投诉原文": original, "要求": told.cell("要求", "投诉人的要求", "诉求"),
        "投诉记录": told.cell("通话记录", "口头投诉记录", "投诉记录", "来电记录", "接待记录"), "核实签字": told.cell("投诉举报人核实签字", "投诉人签字", "签字"),
        "录音告知": moment(told.last("filed").get("fields", {}).get("recording", {}).get("told_at")), "附件": f"{len(files)}件" if files else "",
    }  # fmt: skip


def _way(told: Told) -> dict[str, str]:
    names, parts = told.names, list(told.shown.get("assignments", {}).values())
    proposed, passed = told.last("proposed"), told.last(*PASSED, "own")
    agreed = [event for event in told.of("approved", "approval_returned", "approval_rejected") if told.field(event, "opinion", "reason", "decision")]
    roles = {role: [part["unit"] for part in parts if part.get("role") == role and part.get("unit")] for role in ("lead", "support")}
    approvals = [_signed(told, event, _decision(told, event)) for event in agreed]
    orders = [_signed(told, event, told.field(event, "text")) for event in told.of("instructed") if "fields" in event]
    return {
        "拟办意见": told.field(proposed, "opinion") or told.field(passed, "opinion") or ("" if approvals else text(told.shown.get("opinion"))),
        "审批意见": "\n".join(approvals), "领导批示": "\n".join(orders), "领导意见": "\n".join([*approvals, *orders]),
        "转办单位": names.many(f"unit:{part['unit']}" if part.get("unit") else part.get("person", "") for part in parts) or ("自办" if told.shown.get("disposition") == "own" else ""),
        "转办日期": day(parts[0].get("sent_at")) if parts else told.day_of(*PASSED), "转办摘要": "\n".join(dict.fromkeys(text(part["excerpt"]) for part in parts if part.get("excerpt"))),
        "转办意见": told.field(told.last(*PASSED), "opinion"), "承办人": _handlers(told, parts), "主办单位": names.many(roles["lead"]), "协办单位": names.many(roles["support"]),
        "签收日期": "、".join(dict.fromkeys(day(part["received_at"]) for part in parts if part.get("received_at"))), "要求报告日期": "、".join(dict.fromkeys(day(part["report_by"]) for part in parts if part.get("report_by"))),
        **_deadline(told),
    }  # fmt: skip


def _handlers(told: Told, parts: list[Mapping[str, Any]]) -> str:
    named = "、".join(dict.fromkeys(one for part in parts if (one := told.handler(part))))
    own = told.last("own", "taken_over").get("actor", "") if told.shown.get("disposition") == "own" else ""
    return named or told.names.one(own or told.last("unit_received", "concluded").get("actor", "")).removeprefix("系统")


def _decision(told: Told, event: Mapping[str, Any]) -> str:
    decision = told.field(event, "decision")
    return "：".join(part for part in (DECISIONS.get(decision, decision), told.field(event, "opinion", "reason")) if part)


def _signed(told: Told, event: Mapping[str, Any], said: str) -> str:
    return f"{said}（{told.names.one(event.get('actor', ''))} {day(event['at'])}）"


def main_clock(counts: list[dict[str, Any]]) -> dict[str, Any]:
    """The clock that a form prints as the limit of the case: open ones first, one of finishing before others, the nearest before later ones."""
    own = [one for one in counts if not one["key"].startswith(("duty:", "order:"))]
    return min(own, key=lambda one: (one["state"] != "open", not any(word in one["zh"] for word in ("办结", "处理完毕", "处理结果", "办理")), one["due_day"]), default={})


def _deadline(told: Told) -> dict[str, str]:
    clock = main_clock(told.counts)
    if not clock:
        return {"办结期限": "", "期限说明": ""}
    provisional = "（年历未公布，暂定）" if clock["provisional"] else ""
    counted = max((one["n"] or 0 for one in clock["days"]), default=0)
    limit = told.names.law.row("term", clock["key"].partition(":")[0]).get("limit", {})
    length = next((f"，{counted}{word}" for unit, word in LENGTHS.items() if counted and limit.get(unit) == counted), "")  # only where the count is the book's own figure
    basis = f"；依据{told.names.clause(clock['clause'])}" if clock["clause"] else ""
    return {"办结期限": f"{day(clock['due_day'])}{provisional}", "期限说明": f"{clock['zh']}：自{day(clock['start'])}起{length}{basis}"}


def _work(told: Told) -> dict[str, str]:
    names, shown, done, reviewed = told.names, told.shown, told.of("concluded"), told.last("reviewed")
    last = done[-1] if done else {}
    finding = names.finding(shown.get("found") or told.field(last, "finding"))
    measures = [names.row("measure", one.get("measure", one.get("kind"))) if isinstance(one, Mapping) else text(one) for one in shown.get("measures", ())]
    items = reviewed.get("fields", {}).get("items", {})
    check = names.law.row("check", reviewed.get("subject", "")).get("items", {})
    return {
        "查处情况": "\n".join(one for event in done if (one := told.field(event, "report"))) or told.cell("投诉事由及调查核实情况", "调查情况", "查处结果", "办理情况", "处理情况", "查处情况"),
        "认定结论": finding, "处理意见": told.cell("处理意见", "具体处理意见") or told.field(last, "measures"), "责任人处理意见": told.cell("对相关责任人处理意见"),
        "教训和整改": told.cell("应吸取的教训及整改措施", "整改措施"), "处理措施": "、".join(dict.fromkeys(one for one in [*measures, told.field(last, "measures")] if one)),
        "办结日期": told.day_of("reviewed", "concluded", "answered_on_the_spot"), "经办人": names.one(last.get("actor", "")) or told.cell("经办人"),
        "审核意见": "；".join(f"{check.get(name, {}).get('zh', name)}：{YES_NO.get(text(value), text(value))}" for name, value in items.items()) + (f"（{names.one(reviewed.get('actor', ''))} {day(reviewed['at'])}）" if items else ""),
    }  # fmt: skip


def _answer(told: Told) -> dict[str, str]:
    names, event = told.names, told.last(*ANSWERS)
    said = {**event.get("fields", {})} or next((one for one in reversed(told.answers) if one["kind"] in ANSWERS), {})
    refused = told.last("not_accepted", "guided")
    answered: dict[str, Any] = next((one for one in reversed(told.answers) if one["kind"] in ("not_accepted", "guided")), {})
    why = {**answered, **refused.get("fields", {})}
    ground = names.row("admit", why.get("ground")) if why.get("ground") else ""
    served = told.last("served")
    suggestions = text(said.get("suggestions")) or text(said.get("contents", {}).get("suggestions") if isinstance(said.get("contents"), Mapping) else "")
    return {
        "反馈内容": text(said.get("text")), "反馈方式": names.mode(said.get("mode")), "反馈日期": told.day_of(*ANSWERS), "反馈人": names.one(event.get("actor", "")),
        "满意度": names.mark(told.shown.get("satisfaction")) or told.cell("客户对处理结果的满意程度", "满意程度"), "意见建议": suggestions,
        "不予受理理由": "；".join(one for one in (ground, text(why.get("reason"))) if one), "不予受理依据": text(why.get("basis")) or names.clause(refused.get("clause", ())),
        "去处": names.one(why.get("route") or why.get("where")), "不予受理说明": text(why.get("explanation")), "不予受理日期": told.day_of("not_accepted", "guided"),
        "送达方式": text(served.get("fields", {}).get("how")), "送达日期": day(served.get("fields", {}).get("date") or served.get("at")),
        "结案日期": told.day_of("closed"), "归档日期": told.day_of("archived"), "保管期限": _kept(told),
    }  # fmt: skip


def _kept(told: Told) -> str:
    keep = (told.names.law.table("archive") or {}).get("keep", {})
    if isinstance(keep, Mapping) and "param" in keep:
        row = told.names.law.row("param", str(keep["param"]))
        keep = row.get("value", row.get("default", ""))
    if isinstance(keep, Mapping):
        keep = keep.get("years", keep.get("floor", ""))
        keep = keep.get("years", "") if isinstance(keep, Mapping) else keep
    return f"{keep}年" if keep not in ("", None) else ""
