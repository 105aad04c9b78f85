"""The lists of a form: facts, approvals, assignments, progress, clocks, urges, papers to serve, papers of the file."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.forms.case_values import ANSWERS, PASSED, Told
from api.forms.chinese import date_only, moment, text
from api.forms.names import DECISIONS, STATES

Row = dict[str, str]
# What an event puts into the file: the paper's name; forms that a book names stand under their own names.
PAPERS = {
    "filed": "投诉材料", "registered": "投诉登记表", "supplemented": "补充材料", "asked_once": "一次性告知书", "not_accepted": "不予受理告知书", "guided": "引导告知", "diverted": "移送函",
    "proposed": "拟办意见", "approved": "审批意见", "instructed": "领导批示", "transferred": "投诉转（督）办单", "assigned": "交办单", "joint": "会同办理单", "submitted": "呈阅件", "forwarded": "转送函",
    "extended": "延期审批", "concluded": "办结报告", "reviewed": "审核意见", "urged": "催办单", "supervised": "督查记录", "order_issued": "责令通知", "fed_back": "处理结果反馈", "answered_on_the_spot": "当场答复记录",
    "replied_to_source": "回复来源单位", "reported_up": "上报材料", "served": "送达回证", "return_visited": "回访记录", "withdrawal_wished": "撤回申请", "withdrawal_settled": "撤回核实记录", "appealed": "申诉材料",
    "incident_recorded": "情况记录", "explained": "说明情况记录", "material_added": "补交材料", "rated": "投诉人评价",
}  # fmt: skip
TO_SERVE = {"accepted": "投诉受理确认函", "not_accepted": "不予受理告知书", "fed_back": "投诉处理结果通知书", "answered_on_the_spot": "投诉处理结果通知书"}


def lists(told: Told) -> dict[str, list[Row]]:
    """Every field of `FIELDS` that is a list, but the columns of the book's own form."""
    file = _numbered(_papers(told))
    return {
        "事项": list(_facts(told)), "审批记录": [_approval(told, event) for event in told.of("proposed", "approved", "approval_returned", "approval_rejected", "instructed", "submitted") if "actor" in event],
        "承办记录": [_part(told, part) for part in told.shown.get("assignments", {}).values()], "办理进度": list(_progress(told)), "期限表": [_clock(told, one) for one in told.counts],
        "催办记录": list(_urges(told)), "送达文书": list(_to_serve(told)), "卷内目录": file,
    }  # fmt: skip


def _facts(told: Told) -> Iterator[Row]:
    """What nobody entered, what means no and what is so by default is left out."""
    for name, value in told.shown.get("facts", {}).items():
        row = told.names.law.row("fact", name)
        if row.get("zh") and value not in (None, "", False, []) and value != row.get("default"):
            yield {"名称": str(row["zh"]), "内容": told.names.fact(name, value)}


def _approval(told: Told, event: Mapping[str, Any]) -> Row:
    decision = told.field(event, "decision")
    said = "：".join(one for one in (DECISIONS.get(decision, decision), told.field(event, "opinion", "text", "reason")) if one)
    actor = text(event.get("actor"))
    return {"环节": told.names.event(event["kind"]) or "审批", "姓名": told.names.one(actor), "职务": told.names.posts(actor, text(event.get("post"))), "意见": said, "日期": date_only(event["at"])}


def _part(told: Told, part: Mapping[str, Any]) -> Row:
    names = told.names
    role = {"lead": "主办", "support": "协办"}.get(text(part.get("role")), "承办")
    return {
        "单位": names.unit(part["unit"]) if part.get("unit") else names.one(part.get("person")), "角色": role, "承办人": told.handler(part), "转办日期": date_only(part.get("sent_at")),
        "签收日期": date_only(part.get("received_at")), "报告日期": date_only(part.get("reported_at")), "摘要": text(part.get("excerpt")),
    }  # fmt: skip


def _progress(told: Told) -> Iterator[Row]:
    for event in told.of("progressed", "complied", "explained"):
        said = told.field(event, "text")
        if said:
            yield {"日期": date_only(event["at"]), "经办人": told.names.one(event.get("actor", "")), "内容": said}


def _clock(told: Told, one: Mapping[str, Any]) -> Row:
    return {"名称": text(one["zh"]), "起算": date_only(one["start"]), "到期": date_only(one["due_day"]), "状态": STATES.get(one["state"], text(one["state"])), "依据": "、".join(one["clause"])}


def _urges(told: Told) -> Iterator[Row]:
    """Each urge with its six fields; before the first one a line with all that is known, to be filled by hand."""
    parts = [part for part in told.shown.get("assignments", {}).values() if not (part.get("returned_at") or part.get("taken_over_at"))]
    waiting = next((part for part in parts if not part.get("reported_at")), parts[0] if parts else {})
    unit, handler = told.names.unit(waiting.get("unit", "")), told.handler(waiting)
    urged = [event for event in told.of("urged") if "fields" in event]
    for n, event in enumerate(urged, 1):
        last = n == len(urged)
        yield {
            "时间": moment(event["at"]), "次数": f"第{n}次", "被催办单位": told.names.unit(told.field(event, "unit")) or (last and told.cell("被催办单位")) or unit,
            "承办人": told.names.one(told.field(event, "handler")) or (last and told.cell("承办人姓名")) or handler, "查处情况": told.field(event, "state"), "进度": told.field(event, "progress", "note"),
        }  # fmt: skip
    if not urged and waiting:
        yield {"时间": moment(told.now), "次数": "第1次", "被催办单位": unit, "承办人": handler, "查处情况": "", "进度": ""}


def _to_serve(told: Told) -> Iterator[Row]:
    """What was served under the book's rows; where it has none, what this case has to hand to the complainant."""
    number = text(told.shown.get("register_no"))
    served = told.of("served")
    for event in served:
        yield {"名称": told.names.row("serve", event.get("subject") or told.field(event, "what")), "编号": number, "日期": date_only(told.field(event, "date") or event["at"])}
    if not served:
        for event in told.of(*TO_SERVE):
            yield {"名称": TO_SERVE[event["kind"]], "编号": number, "日期": date_only(event["at"])}


def _papers(told: Told) -> Iterator[Row]:
    """The papers of the file in the order of the events; one event may bring several: its own and the book's forms filled with it."""
    number, listed = text(told.shown.get("register_no")), ""
    for event in told.events:
        kind, fields, by = event["kind"], event.get("fields", {}), told.names.one(event.get("actor", ""))
        names = [told.names.row("form", name) for name in fields.get("forms") or ()]
        if kind == "sent":
            names.append(told.names.row("form", event.get("subject") or fields.get("form")))
        elif kind in PAPERS and not (kind == "registered" and "登记" in f"{listed}{names}"):  # one register form, under its own name
            names.insert(0, PAPERS[kind])
        listed += "".join(names)
        remark = f"附件{len(fields['attachments'])}件" if fields.get("attachments") else "按条款自动记录" if event.get("actor") == "system" else ""
        for name in dict.fromkeys(names):
            yield {"题名": name, "责任者": by if by != "系统" else "", "日期": date_only(event["at"]), "编号": number if kind in (*PASSED, *ANSWERS, "not_accepted") else "", "备注": remark}


def _numbered(rows: Iterator[Row]) -> list[Row]:
    return [{"序号": str(n), **row} for n, row in enumerate(rows, 1)]
