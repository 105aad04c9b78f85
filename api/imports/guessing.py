"""A first mapping from the headings alone, for a person to look at: what offices usually call their columns, and what the book needs besides."""

from collections.abc import Iterable
from typing import Any

from api.imports.mapping import Mapping, Step
from domain.core import Law

SYNONYMS: dict[str, tuple[str, ...]] = {
    "number": ("编号", "登记编号", "登记号", "受理编号", "投诉编号", "件号", "登记序号", "流水号", "number", "no"),
    "received_on": ("收到日期", "收到时间", "收件日期", "收件时间", "登记日期", "登记时间", "来电日期", "来电时间", "来访时间", "来访日期", "来信日期", "投诉日期", "投诉时间", "接诉时间", "接诉日期", "日期", "received"),
    "received_time": ("时刻", "来电时刻", "具体时间"),
    "kind": ("类别", "投诉类别", "类型", "事项类别", "kind"),
    "channel": ("渠道", "来源渠道", "投诉渠道", "投诉方式", "方式", "受理方式", "channel"),
    "source": ("来源", "来源单位", "交办来源", "source"),
    "name": ("姓名", "投诉人", "投诉人姓名", "来电人", "来访人", "举报人", "信访人", "反映人", "联系人", "name"),
    "telephone": ("电话", "联系电话", "投诉人电话", "手机", "手机号", "联系方式", "来电号码", "telephone", "phone"),
    "id_number": ("身份证号", "身份证号码", "证件号", "证件号码"),
    "address": ("地址", "住址", "联系地址", "address"),
    "anonymous": ("匿名", "是否匿名"),
    "text": ("内容", "投诉内容", "反映内容", "主要内容", "投诉事项", "反映问题", "诉求", "诉求内容", "事由", "text"),
    "respondent": ("被投诉人", "被投诉人姓名", "被举报人", "被反映人", "投诉对象", "respondent"),
    "respondent_unit": ("被投诉单位", "被投诉部门", "被举报单位", "被反映单位", "涉及单位"),
    "unit": ("承办单位", "承办部门", "办理单位", "处理单位", "责任单位", "转办单位", "转交办理单位", "unit"),
    "clerk": ("登记人", "经办人", "受理人", "接待人", "接听人", "记录人", "clerk"),
    "status": ("状态", "办理状态", "办理情况状态", "是否办结", "进度", "status"),
    "closed_on": ("办结日期", "办结时间", "结案日期", "结案时间", "完成日期", "完成时间", "closed"),
    "outcome": ("办理结果", "处理结果", "结果", "处理情况", "办理情况", "答复内容", "outcome"),
    "satisfaction": ("满意度", "是否满意", "satisfaction"),
    "remark": ("备注", "说明", "remark"),
}  # fmt: skip
ACCEPTED = ("受理日期", "受理时间")
APPROVED, APPROVER, OPINION = ("审批日期", "审批时间", "批示日期", "批示时间", "签批日期"), ("审批人", "审批领导", "批示领导", "批示人", "签批人"), ("审批意见", "批示意见", "领导批示", "批示内容", "拟办意见")
SENT, EXCERPT = ("转办日期", "转办时间", "交办日期", "交办时间", "转交时间"), ("转办内容", "转办摘要", "转办意见", "交办意见")
SIGNED = ("签收日期", "签收时间")
KNOWN = frozenset(word for words in (*SYNONYMS.values(), ACCEPTED, APPROVED, APPROVER, OPINION, SENT, EXCERPT, SIGNED) for word in words)


def guess(headings: Iterable[str], law: Law) -> Mapping:
    """The mapping that the headings suggest under this book; what nobody knows is kept beside the record, and is no field."""
    names = [name for name in headings if name]
    columns: dict[str, str] = {}
    for field, words in SYNONYMS.items():
        found = next((name for word in words for name in names if name.casefold() == word and name not in columns), "")
        if found:
            columns[found] = field
    columns |= {name: f"fact:{key}" for key, row in law.table("fact").items() for name in names if name not in columns and name == row.get("zh")}
    constants = {} if "channel" in columns.values() or len(law.table("channel")) != 1 else {"channel": next(iter(law.table("channel")))}
    steps = _steps(names, columns, law)
    return Mapping(columns=columns, constants=constants, act=steps, old_papers=bool(steps))


def _steps(names: list[str], columns: dict[str, str], law: Law) -> list[Step]:
    def named(words: tuple[str, ...]) -> str:
        return next((word for word in words if word in names), "")

    sent, approved = named(SENT), named(APPROVED)
    begun = named(ACCEPTED) or (next((name for name, field in columns.items() if field == "received_on"), "") if sent or approved else "")
    unit = next((name for name, field in columns.items() if field == "unit"), "")
    found: list[Step] = []
    if begun and law.flow("accept", "act") == "act":
        found.append(Step(act="accept", on=begun))
    if begun and law.flow("register", "filed") == "registered":
        found.append(Step(act="register", on=begun))
    by = f"{{{approver}}}" if (approver := named(APPROVER)) else ""
    if approved:
        opinion = named(OPINION)
        found.append(Step(act="approve", on=approved, by=by, fields={"decision": "agree", "opinion": f"{{{opinion}}}" if opinion else "见旧登记册"}))
    if sent and unit:
        words: dict[str, Any] = {"unit": f"{{{unit}}}", "excerpt": f"{{{excerpt}}}" if (excerpt := named(EXCERPT)) else "已按旧登记册转办,内容见原转办单"}
        found.append(Step(act="transfer", on=sent, by=by if _may_not(law, "transfer") else "", fields=words))
        if signed := named(SIGNED):
            found.append(Step(act="sign_in", on=signed, by="liaison"))
    return found


def _may_not(law: Law, act: str) -> bool:
    """Whether no intake post may do an act: then whoever approved did it."""
    return not any(act in row.get("may", ()) for row in law.table("post").values() if row.get("role") == "intake")
