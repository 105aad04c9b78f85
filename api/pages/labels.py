"""The words of pages for what the core names: phases, events, roles, fields. Chinese and English; the book's own names come from its rows."""

from domain.acts import ACTS

PHASES = {
    "none": ("未收件", "not filed"), "filed": ("收到", "received"), "opinion": ("拟办", "opinion"), "handling": ("承办", "in work"), "review": ("审核", "review"),
    "answering": ("答复", "answering"), "following": ("回访", "following"), "closed": ("办结", "closed"), "archived": ("归档", "archived"),
}  # fmt: skip
ROLES = {
    "intake": ("受理", "intake"), "centre_head": ("中心负责人", "centre head"), "leader_in_charge": ("分管领导", "leader in charge"), "principal": ("主要领导", "principal leader"),
    "unit_liaison": ("承办单位", "handling unit"), "supervisor": ("督查", "supervisor"), "auditor": ("审计", "auditor"), "admin": ("管理员", "administrator"), "complainant": ("投诉人", "complainant"),
}  # fmt: skip
EVENTS = {act.event: (act.zh, act.en) for act in ACTS.values()} | {
    "refused": ("未获准的操作", "an act was refused"), "answers_given": ("答复齐备", "all answers given"), "board_ended": ("榜单期满", "a board ended"), "date_moved": ("期限变动", "a date moved"),
    "decided": ("作出决定", "decided"), "extension_asked": ("提出延期", "extension asked for"), "extension_declined": ("延期未成", "extension declined"), "fired": ("累计触发", "a count fired"),
    "found": ("查明", "found"), "measure_declined": ("不予处理", "measure declined"), "measure_proposed": ("提出处理", "measure proposed"), "missed_before_entry": ("补录前已过的期限", "terms missed before entry"),
    "opinion_fixed": ("意见审定", "opinion fixed"), "triggered": ("按规则触发", "a rule fired"), "urge_due": ("到催办时间", "time to urge"), "waived": ("免办", "waived"), "warned": ("临期提醒", "due soon"),
    "overdue": ("逾期", "overdue"), "duty_overdue": ("待办逾期", "a duty is overdue"), "not_accepted": ("不予受理", "not accepted"), "checked": ("审核通过一关", "one check passed"), "reviewed": ("审核通过", "reviewed"),
    "sent_back": ("退回重办", "sent back"), "explained": ("说明情况", "explained"), "registered": ("登记", "registered"), "withdrawn": ("撤回", "withdrawn"), "opened": ("另立案件", "another case opened"),
    "unit_received": ("签收", "signed in"), "returned": ("退单", "handed back"),
}  # fmt: skip
WHYS = {"complex": ("情况复杂", "complex"), "special": ("情况特殊", "special circumstances"), "force_majeure": ("不可抗力", "force majeure")}
DECISIONS = {"agree": ("同意", "agree"), "return": ("退回", "return"), "reject": ("不同意", "reject")}
RELATIONS = {
    "repeat_of": ("重复投诉", "repeat of"), "duplicate_of": ("同一投诉重复提交", "duplicate of"), "appeal_of": ("申诉件", "appeal of"), "about": ("相关", "about"), "group": ("并案办理", "handled together"), "led_to": ("由本件另立", "opened from here"),
}  # fmt: skip
MODES = {
    "telephone": ("电话", "telephone"), "visit": ("上门", "visit"), "letter": ("书面", "letter"), "face_to_face": ("当面", "face to face"), "link": ("链接", "link"), "signature": ("签名", "signature"),
    "in_person": ("当面", "in person"), "online": ("网上", "online"), "on_site": ("现场", "on site"), "paper": ("纸质", "on paper"), "electronic": ("电子", "electronic"),
    "written": ("书面", "in writing"), "oral": ("口头", "orally"), "web": ("网上", "on the web"), "mail": ("邮寄", "by mail"), "sms": ("短信", "text message"),
}  # fmt: skip
REVISIONS = {"calendar": ("工作日历", "calendar"), "office": ("机构", "office"), "people": ("人员和单位", "people and units"), "keys": ("签名密钥", "signing key")}
SIGNATURES = {"signed": ("已签名", "signed"), "refused": ("拒绝签名", "refused"), "noted": ("无法签名,已注明", "noted")}
SHOWN = {"identity": ("身份", "identity"), "contact": ("联系方式", "contact"), "original": ("原文", "original"), "form": ("登记表", "forms"), "evidence": ("证据", "evidence"), "progress": ("进展", "progress"), "existence": ("投诉本身", "that there is a complaint")}
NOTICES = {  # notices that are no event, no act and no document of a book
    "task": ("新的待办", "a new task"), "reminder": ("提醒", "reminder"), "digest": ("汇总", "digest"), "urge_due": ("请催办", "time to urge"), "receipt": ("收件回执", "receipt"), "answer": ("答复", "answer"),
    "warned": ("临期提醒", "due soon"), "overdue": ("逾期通知", "overdue"), "acceptance": ("受理告知", "accepted"), "unsent": ("通知未送达", "a notice did not arrive"),
}  # fmt: skip
IDENTITY = {
    "name": ("姓名", "name"), "telephone": ("电话", "telephone"), "id_number": ("证件号码", "identity number"), "address": ("地址", "address"), "email": ("电子邮箱", "e-mail"), "work_unit": ("工作单位", "workplace"),
    "gender": ("性别", "gender"), "age": ("年龄", "age"), "proxy_name": ("代理人姓名", "name of the proxy"), "proxy_telephone": ("代理人电话", "telephone of the proxy"), "occupation": ("职业", "occupation"),
}  # fmt: skip
# Fields of acts: what stands before the box.
FIELDS = {
    "appeal_route": ("申诉途径", "how to appeal"), "result": ("处理结果", "result"), "refusal_reason": ("不予办理的理由", "why it was refused"),
    "kind": ("类别", "kind"), "reason": ("理由", "reason"), "missing": ("缺少的内容(每行一项)", "what is missing (one a line)"), "note": ("备注", "note"), "ground": ("依据的情形", "ground"), "basis": ("依据", "basis"),
    "route": ("去向(应向何处反映)", "where to turn"), "explanation": ("解释", "explanation"), "where": ("引导去向", "where to"), "to": ("对象", "to whom"), "ends": ("整件移送,本处不再办理", "the whole case goes"),
    "text": ("内容", "text"), "satisfaction": ("满意度", "satisfaction"), "signature": ("签名", "signature"), "call_note": ("通话记录", "note of the call"), "finding": ("调查结论", "finding"), "mode": ("方式", "how"),
    "measures": ("处理措施", "measures"), "opinion": ("意见", "opinion"), "chain": ("审批事项", "approval"), "unit": ("单位", "unit"), "decision": ("审批结果", "decision"), "limit": ("限定期限", "limit"), "limit_on": ("要求完成日期", "to be done by"),
    "person": ("人员", "person"), "excerpt": ("转办摘要(承办单位只看到这些)", "excerpt (all that the unit sees)"), "means": ("送达方式", "means"), "liaison": ("联络人", "liaison"), "lead": ("主办", "lead"), "support": ("协办单位", "supporting units"),
    "report_by": ("要求回报日期", "report by"), "attachments": ("随转附件", "attachments passed on"), "form": ("文书", "document"), "other_unit": ("应由哪个单位办理", "which unit it belongs to"), "duty": ("待办事项", "duty"), "waived": ("免办理由", "why waived"),
    "called": ("联系的人", "who was called"), "arrived": ("到场的人", "who came"), "told_at": ("告知时间", "told at"), "participants": ("参加人", "participants"), "proof": ("凭证", "proof"), "date": ("日期", "date"), "medium": ("形式", "medium"),
    "until": ("至", "until"), "term": ("期限", "term"), "why": ("延期理由", "why"), "explained": ("已如何说明", "how it was explained"), "understood": ("投诉人理解", "the complainant understands"), "report": ("办理情况", "report"), "legal_basis": ("法律依据", "legal basis"),
    "evidence": ("证据(每行一项)", "evidence (one a line)"), "remark": ("附注", "remark"), "suggestions": ("投诉人的建议", "suggestions"), "state": ("目前状态", "state"), "progress": ("办理进度", "progress"), "handler": ("承办人", "handler"), "serious": ("情节严重", "serious"),
    "order": ("责令种类", "order"), "due_on": ("限定日期", "due on"), "demand": ("要求", "demand"), "measure": ("处理种类", "measure"), "value": ("值", "value"), "amount": ("数额", "amount"), "declined": ("不作处理的理由", "why declined"), "what": ("事项", "what"),
    "description": ("名称和说明", "description"), "number": ("数量或编号", "number"), "custodian": ("保管人", "custodian"), "item": ("物品", "item"), "how": ("方式", "how"), "reported_to": ("已报告", "reported to"), "police_at": ("报警时间", "police called at"), "outcome": ("结果", "outcome"),
    "own_wish": ("确属本人自愿", "their own wish"), "way": ("途径", "way"), "consent": ("同意凭据", "consent"), "retaliation": ("有打击报复", "there was retaliation"), "for_person": ("替谁", "for whom"), "by": ("由谁", "by whom"), "from": ("自", "from"),
    "fact": ("更正事项", "fact"), "mark": ("更正时间点", "instant"), "relation": ("关系", "relation"), "case": ("案件", "case"), "sha": ("附件", "file"), "accusation": ("控告", "accusation"), "channel": ("渠道", "channel"), "source": ("来源", "source"),
}  # fmt: skip
DAYS_ZH, DAYS_EN = "一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def of(table: dict[str, tuple[str, str]], key: str, lang: str) -> str:
    """The word of a key in a language; the key itself where the table has none."""
    zh, en = table.get(key, (key, key))
    return en if lang == "en" else zh
