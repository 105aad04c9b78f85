"""Examples that the description of the API shows, and that its tests send."""

from typing import Any

from domain.acts import ACTS

FILING: dict[str, Any] = {
    "office": "district", "channel": "telephone", "text": "窗口工作人员没有一次告知所需材料。",
    "identity": {"name": "示例·投诉人", "telephone": "13800000000"}, "facts": {"ground": "y5"}, "respondents": [{"person": "zhou", "unit": "land"}],
}  # fmt: skip
VALUES: dict[str, Any] = {
    "text": "情况说明", "reason": "理由", "opinion": "同意转办", "decision": "agree", "excerpt": "请核实窗口是否一次告知", "unit": "land", "person": "li", "to": "complainant",
    "satisfaction": "satisfied", "sha": "0" * 64, "relation": "repeat_of", "for_person": "li", "by": "zhao", "report": "已核实,已整改", "ground": "out_of_scope",
}  # fmt: skip
KINDS: dict[str, Any] = {"text": "文字", "flag": True, "table": {}, "list": [], "date": "2026-10-12", "any": "值"}
FOLLOW: dict[str, dict[str, str]] = {
    "rate": {"satisfaction": "satisfied", "text": "答复及时"}, "add": {"note": "补充:当天还有一位同事在场"}, "withdraw": {"reason": "问题已解决"},
    "supplement": {"reason": "办事时间是上午十点"}, "appeal": {"reason": "答复没有回应第二点"}, "retaliation": {"text": "投诉后办件被拖延"},
}  # fmt: skip


def wish(act: str) -> dict[str, Any]:
    """A body for an act: its required fields, else the first one."""
    fields = ACTS[act].fields
    named = [name for name, kind in fields.items() if kind.endswith("*")] or list(fields)[:1]
    return {"fields": {name: VALUES.get(name, KINDS[fields[name].rstrip("*")]) for name in named}}


PROBLEM: dict[str, Any] = {
    "type": "urn:huiyin:approval_missing", "status": 409, "code": "approval_missing", "title": "尚未经审批", "title_en": "Not yet approved",
    "remedy": "请等待所列人员审批", "remedy_en": "Wait for the approver named", "clause": ["办理制度 4 a"], "who": ["li"],
}  # fmt: skip
RECEIPT: dict[str, Any] = {
    "case": "case-3f6c0f2a9b7e4d10", "receipt": "1234 5678 9012 3456 7897", "received_at": "2026-10-12T09:30:00+08:00", "files": [], "follow": "/api/v1/follow",
    "recorded": True, "register_no": "2026-1", "version": 1,
}  # fmt: skip
DONE: dict[str, Any] = {
    "recorded": True, "version": 4, "phase": "opinion",
    "events": [{"seq": 4, "kind": "approved", "at": "2026-10-12T10:00:00+08:00", "subject": "general", "clause": ["办理制度 4 a"], "actor": "li", "post": "leader_in_charge", "entered_by": "", "fields": {"decision": "agree"}}],
}  # fmt: skip
LATER: dict[str, Any] = {"recorded": False, "command": "case-…:…", "look": "/api/v1/complaints/case-…/commands/…", "why": "pending", "note": "已收件,正在登记。Accepted, being recorded."}
CASE: dict[str, Any] = {"case": "case-3f6c0f2a9b7e4d10", "register_no": "2026-1", "phase": "handling", "version": 7, "clocks": [], "tasks": []}
FORM_ROW: dict[str, Any] = {"form": "register_telephone", "zh": "投诉受理登记表", "en": "Register form, telephone", "now": True, "why": None, "identity": True}
WAY: dict[str, Any] = {"key": "superior", "sort": "appeal", "zh": "向上级投诉处理机构申诉", "to": [{"zh": "上级投诉处理机构", "en": ""}], "place": "", "marks": [], "opens": "", "due_day": "", "code": "", "clause": ["三.4(2)"], "reading": ""}
LINE: dict[str, Any] = {"id": "case-3f6c0f2a9b7e4d10", "register_no": "2026-1", "phase": "handling", "next_due_day": "2026-10-26", "overdue": False, "provisional": False, "version": 7}
DUE: dict[str, Any] = {
    "items": [{"term": "general", "zh": "一般投诉", "clause": ["六.1"], "start": "2026-09-30T00:00:00+08:00", "due_day": "2026-10-10", "overdue_at": "2026-10-11T00:00:00+08:00", "provisional": False, "days": [{"day": "2026-09-30", "kind": "start", "n": None}]}]
}  # fmt: skip
LEDGER: dict[str, dict[str, Any]] = {
    "fulfil": {"recur": "quarter", "period": "2026-Q4", "figures": "受理12件", "analysis": "补贴类居多"},
    "decide": {"proposal": "return_letter", "decision": "agree"},
    "draw": {"draw": "feedback_check"},
}
VERSION = {
    "version": 2, "book": "district-e-supervision", "state": "in_force", "in_force_from": "2027-01-01", "in_force_until": "", "supersedes": 1,
    "sha256": "47576a1a6e15bb839efbd3d74a0b177bf3e9a6110300eeb958f34da9aa801f7f", "rule_sha256": "cbe988eb341fced8407dbf6c6ba0ab1c6d27d25c6eeed704602bd1c5749b14ce",
}  # fmt: skip

MAPPING: dict[str, Any] = {
    "columns": {"编号": "number", "收到时间": "received_on", "投诉方式": "channel", "投诉人": "name", "联系电话": "telephone", "投诉内容": "text", "办结日期": "closed_on"},
    "values": {"channel": {"12345": "telephone"}}, "act": [{"act": "accept", "on": "受理日期"}],
}  # fmt: skip
CHANGES: dict[str, dict[str, Any]] = {
    "added": {"what": "added", "name": "示例·田新来", "posts": ["clerk"], "unit": "jczx", "rank": "科员", "reason": "新录用"},
    "posts": {"what": "posts", "posts": ["clerk"], "unit": "jczx", "from": "2026-12-01", "reason": "轮岗"},
    "left": {"what": "left", "successor": "xu", "from": "2026-12-31", "reason": "退休"},
    "substitute": {"what": "substitute", "by": "xu", "from": "2026-12-01", "until": "2026-12-05", "reason": "外出学习"},
    "substitute_ended": {"what": "substitute_ended", "by": "xu", "from": "2026-12-01", "reason": "提前返回"},
}  # fmt: skip
PERSON: dict[str, Any] = {"person": "tian", "name": "示例·田新来", "unit": "jczx", "posts": ["clerk"], "rank": "科员", "left": "", "account": "first"}
SIGNED: dict[str, Any] = {
    "office": "district", "seq": 1, "what": "added", "person": "tian", "value": {"name": "示例·田新来", "posts": ["clerk"], "unit": "jczx", "rank": "科员"}, "from": "2026-11-25", "reason": "新录用", "by": "luo",
    "at": "2026-11-25T09:30:00+08:00",
}  # fmt: skip
WHOLE: dict[str, Any] = {**PERSON, "substitutes": [], "changes": [SIGNED], "sign_ins": [{"what": "reset", "by": "luo", "at": "2026-11-25T09:31:00+08:00", "reason": "开设账号"}]}
BODIES: dict[str, dict[str, Any]] = {
    "/views": {"name": "窗口单位逾期", "wish": {"respondent_unit": "land", "overdue": "true", "order": "due"}},
    "/candidates": {"draft": "3f6c0f2a9b7e4d10", "identity": {"telephone": "13800000000"}, "persons": ["zhou"], "facts": {"ground": "y5"}},
    "/lookups": {"kind": "telephone", "value": "13800000000", "reason": "来电人称曾投诉过"}, "/imports/{name}/mapping": MAPPING, "/imports/{name}/run": {"report": "0" * 64},
    "/people/{person}/account": {"do": "disable", "reason": "借调外单位"},
    "/complaints/{case_id}/forms/{form}": {"identity": False, "reason": "送分管领导阅批"},
    "/offices/{office}/versions/confirm": {"sha256": VERSION["sha256"], "reason": "全文核对无误"},
}  # fmt: skip
IMPORT: dict[str, Any] = {
    "id": "import-3f6c0f2a9b7e4d10a1b2c3d4", "state": "checked", "error": None, "rows": {"total": 4, "record": 2, "case": 1, "refused": 1}, "done": {"record": 0, "case": 0, "known": 0, "refused": 1, "left": 3},
    "report": "0" * 64, "groups": [{"column": "投诉方式", "code": "value_unknown", "value": "微信", "rows": 1}], "mapping": MAPPING,
    "findings": [{"row": 4, "column": "投诉方式", "code": "value_unknown", "title": "这个值没有对应", "remedy": "请在列对照(values)中加上对应的说法,或更正单元格", "clause": [], "detail": {"value": "微信"}}],
}  # fmt: skip
OLD: dict[str, Any] = {"id": "old-3f6c0f2a9b7e4d10", "mark": "旧册", "number": "2025-001", "received_at": "2025-01-06T09:20:00+08:00", "closed_at": "2025-01-17T09:00:00+08:00", "kind": "complaint", "units": ["land"], "outcome": "属实;已道歉"}
BOARD: dict[str, Any] = {
    "today": "2026-10-12", "soon": "2026-10-15", "total": 1, "groups": [{"group": "soon", "count": 1, "list": "/api/v1/complaints?deadline=soon&order=due"}],
    "holders": [{"who": "li", "count": 1, "overdue": 0, "since": "2026-10-12T10:00:00+08:00", "list": "/api/v1/complaints?open=true&waiting_on=li&order=longest"}],
}  # fmt: skip
MONTH: dict[str, Any] = {
    "month": "2026-10", "provisional": False, "total": 1,
    "days": [{"day": "2026-10-15", "kind": "workday", "zh": "工作日", "en": "working day", "work": True, "count": 1, "overdue": 0, "list": "/api/v1/complaints?open=true&due_from=2026-10-15&due_to=2026-10-15&order=due"}],
}  # fmt: skip
VIEWS: dict[str, Any] = {"items": [{"name": "逾期未结", "name_en": "Overdue and open", "wish": {"open": "true", "overdue": "true", "order": "due"}, "own": False}]}
CANDIDATES: dict[str, Any] = {
    "items": [{"case": "case-3f6c0f2a9b7e4d10", "register_no": "2026-1", "phase": "handling", "received_at": "2026-10-12T09:30:00+08:00", "respondent_units": ["land"], "waiting_on": ["liu"], "why": ["telephone", "unit", "ground"], "certain": True}]
}  # fmt: skip
