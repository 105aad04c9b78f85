"""The words of a rulebook's rows as a person reads them: limits, conditions, persons, events, steps; Chinese, with the names of the book."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.acts import ACTS
from domain.clocks import clause_of
from domain.codes import CODES

UNITS = {
    "working_days": "个工作日", "days": "日", "weeks": "周", "months": "个月", "years": "年", "hours": "小时",
    "working_hours": "个工作小时", "minutes": "分钟", "seconds": "秒",
}  # fmt: skip
PERIODS = {"day": "日", "week": "周", "month": "月", "quarter": "季度", "half": "半年", "year": "年"}
LIMIT_WORDS: dict[str, Callable[[Any], str]] = {
    "same_day": lambda _: "当日",
    "day_of_next_month": lambda n: f"次月{n}日",
    "day_of_month": lambda n: f"每月{n}日",
    "end_of": lambda period: f"{PERIODS.get(period, period)}末",
    "vague": lambda word: f"“{word}”(时限由本单位的词表定)",
    "param": lambda key: f"由本单位定(param.{key})",
    "fact": lambda key: f"按所填 {key}",
    "table": lambda key: f"按期限表 {key}",
    "entered": lambda _: "按所填日期",
    "itself": lambda yes: "" if yes else "该日不计在内",
    "key": lambda key: f"按 {key} 查",
    "roll": lambda how: "遇休息日不顺延" if how == "none" else "遇休息日顺延",
}
LISTS = {"first_of": "先有数者:", "earliest_of": "最早者:"}
PEOPLE = {
    "complainant": "投诉人", "proxy": "代理人", "public": "公众", "respondent": "被投诉人", "respondent_unit": "被投诉单位", "superior_of_respondent": "被投诉人的上级",
    "clerk": "经办人", "first_asked": "首问责任人", "handler": "承办人", "handling_unit": "承办单位", "lead_unit": "主办单位", "support_unit": "协办单位", "assigner": "交办人",
    "proposer": "拟办人", "author": "作者", "source": "来源单位", "parent": "上级单位", "system": "系统", "everyone": "所有人",
}  # fmt: skip
FACTS = {
    "kind": "类别", "source": "来源", "channel": "渠道", "phase": "阶段", "round": "轮次", "disposition": "办理方式", "unit_kind": "单位类别", "found": "调查结论",
    "respondent": "被投诉对象", "respondent_rank": "被投诉人职级", "respondent_kind": "被投诉人类别", "respondent_count": "被投诉人数", "respondent_units": "被投诉单位数",
    "respondent_staff_kind": "被投诉人身份", "handling_unit_kind": "承办单位类别", "clerk_unit_kind": "经办单位类别", "anonymous": "匿名", "real_name": "实名", "proxy": "代理",
    "has_contact": "留有联系方式", "repeat_no": "重复次数", "hour_kind": "工作时间", "late": "逾期", "outcome": "结果", "satisfaction": "满意度", "first_asked": "首问责任人",
    "extension_asked": "已申请延期", "responsibility": "责任", "legal_correction_date": "责令时所定日期", "register_no": "登记编号", "report_by": "要求的回报日期", "summary": "摘要", "identity": "身份",
}  # fmt: skip
MOMENTS = {act.event: act.zh for act in ACTS.values()} | {
    "finished": "办结", "found": "查明", "decided": "作出处理决定", "opinion_fixed": "意见审定", "acceptance_told": "告知受理", "papers_complete": "材料齐备", "extension_asked": "申请延期",
    "asked_again": "再次要求补充", "withdrawal_coerced": "查明撤回非本意", "incoming": "收件", "opinion": "拟办",
}  # fmt: skip
PREFIXES = {
    "sent": ("发出", "form"), "received": ("收到", "form"), "signed": ("签署", "form"), "form": ("已填", "form"), "done": ("办毕", "duty"), "duty": ("待办", "duty"),
    "duty_overdue": ("逾期未办", "duty"), "overdue": ("逾期", "term"), "approved": ("批准", "chain"), "proposed": ("拟办", "chain"), "refused": ("不批准", "chain"),
    "served": ("送达", "order"), "order_issued": ("责令", "order"), "measured": ("处理", "measure"), "measure_proposed": ("提出处理", "measure"), "published": ("公布", "publish"),
    "reported": ("报告", "report"), "set": ("认定", "fact"), "fact": ("事项", "fact"), "counter": ("计数到", "counter"), "quota": ("计数到限", "counter"), "incident_recorded": ("情况", "incident"),
    "fed_back": ("答复", "answer"), "explained": ("说明", "term"), "opened": ("立案", "kind"), "event": ("已", ""), "field": ("填写", ""),
}  # fmt: skip
LEDGER_ACTS = {
    "enter": "登记事项", "annul": "撤销登记", "fulfil": "办理定期事项", "draw": "抽取", "decide": "决定", "post_up": "上榜", "take_down": "撤榜", "keep_hold": "暂停销毁", "lift_hold": "恢复销毁",
    "dispose": "销毁档案",
}  # fmt: skip
OPERATORS = {"at_least": "至少", "over": "超过", "below": "低于", "has": "含有", "under": "属于", "is": "是"}
STEPS = {"propose": "拟办", "decide": "决定", "consent": "同意", "agree": "会签", "instruct": "批示"}


CHOICES = {
    "text": "文字", "flag": "是或否", "one_of": "单选", "some_of": "多选", "number": "数字", "date": "日期", "unit": "单位", "person": "个人", "term": "期限", "limits": "期限表", "choice": "选择",
    "act": "由人办理", "auto": "自动", "none": "无", "incoming": "收件", "opinion": "拟办", "register": "登记簿", "record": "记录", "report": "报告", "letter": "函件", "slip": "单据", "order": "责令书",
    "in_force": "现行有效", "partial": "文本有缺(所缺部分除外均适用)", "incomplete": "文本不全,不收新件", "lapsed": "已失效,不收新件", "soft": "一般(超过须说明)", "window": "只可在此期间", "floor": "不得早于", "target": "目标",
    "move": "移动期限", "explain": "只作说明", "entered": "按所填", "before_due": "期满以前", "assignment": "每次承办", "office": "本单位", "step": "每步", "organ": "机关", "send_back": "退回重办",
    "identity": "身份", "contact": "联系方式", "original": "原件", "form": "文书", "evidence": "证据", "progress": "进展", "existence": "投诉本身", "need": "办理需要", "never": "任何时候不得",
    "intake": "受理", "centre_head": "中心负责人", "unit_liaison": "单位联系人", "auditor": "审计", "admin": "管理", "principal": "主要领导", "supervisor": "监督", "leader_in_charge": "分管领导",
    "third_party": "第三方", "support": "协助", "participant": "参加", "deemed": "视为", "reason": "理由", "basis": "依据", "route": "途径", "explanation": "解释", **PERIODS,
}  # fmt: skip


class Words:
    """The names that one book gives to its rows, and everything said with them."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        self.book = book

    def name(self, table: str, key: Any) -> str:
        """The Chinese name of a row, its key where it has none."""
        row = (self.book.get(table) or {}).get(key) if isinstance(key, str) else None
        return str(row["zh"]) if isinstance(row, Mapping) and row.get("zh") else str(key)

    def limit(self, value: Any) -> str:
        """A limit in words; figures stand as in the book."""
        if isinstance(value, bool) or not isinstance(value, Mapping):
            return self.choice(value)
        parts = []
        for key, part in value.items():
            if key in UNITS:
                figures = part if isinstance(part, list) else [part]
                parts.append("至".join(map(str, figures)) + UNITS[key])
            elif key == "clause":
                parts.append(f"〔{'、'.join(clause_of(value))}〕")
            elif key in LISTS:
                parts.append(LISTS[key] + "、".join(self.limit(one) for one in part))
            elif key in LIMIT_WORDS:
                parts.append(LIMIT_WORDS[key](self.moment(part) if key in ("fact", "key") else part))
            else:
                parts.append(f"{LABELS.get(key, key)} {self.moment(part) if key == 'from' else self.limit(part)}")
        return ",".join(part for part in parts if part)

    def condition(self, value: Any) -> str:
        """A table of conditions, or several of which one must hold."""
        if isinstance(value, list):
            return ";或者 ".join(self.condition(one) for one in value)
        return "且".join(self._one(key, wanted) for key, wanted in value.items()) if isinstance(value, Mapping) else self.plain(value)

    def _one(self, key: str, wanted: Any) -> str:
        label = FACTS.get(key) or (self.name("fact", key) if key in (self.book.get("fact") or {}) else self.moment(key.replace(".", ":")))
        if isinstance(wanted, Mapping):
            return f"{label}{','.join(self._compared(key, op, value) for op, value in wanted.items())}"
        if isinstance(wanted, bool):
            return label if wanted else f"非{label}"
        return f"{label}为{self.option(key, wanted)}"

    def _compared(self, key: str, operator: str, value: Any) -> str:
        if operator == "unknown":
            return "未定" if value else "已定"
        return OPERATORS.get(operator, operator) + (self.who(value) if operator == "is" else self.option(key, value))

    def option(self, fact: str, value: Any) -> str:
        """The name of a fact's value."""
        if isinstance(value, list):
            return "或".join(self.option(fact, one) for one in value)
        options = ((self.book.get("fact") or {}).get(fact) or {}).get("options") or {}
        if isinstance(options.get(value) if isinstance(value, str) else None, Mapping):
            return str(options[value].get("zh", value))
        table = {"found": "finding", "handling_unit_kind": "unit_kind", "clerk_unit_kind": "unit_kind"}.get(fact, fact)
        if fact == "disposition" and value in ACTS:
            return ACTS[value].zh
        return self.name(table, value)

    def who(self, value: Any) -> str:
        """A post or relation, 'post:relation', a list of them, or rows that choose."""
        if isinstance(value, list):
            return "、".join(self.who(one) for one in value)
        if isinstance(value, Mapping):
            return self.row(value)
        return "·".join(PEOPLE.get(part) or self._office(part) for part in reversed(value.split(":"))) if isinstance(value, str) else self.plain(value)

    def _office(self, key: str) -> str:
        return next((self.name(table, key) for table in ("post", "unit_kind", "body", "fact", "param") if key in (self.book.get(table) or {})), key)

    def moment(self, value: Any) -> str:
        """An event, one with its subject, any or all of several; a limit where the row says until with one."""
        if isinstance(value, list):
            return "、".join(self.moment(one) for one in value)
        if isinstance(value, Mapping):
            said = {"any": "以先到者为准:", "all": "全部:"}
            return "".join(f"{said[key]}{self.moment(part)}" for key, part in value.items()) if set(value) <= set(said) else self.limit(value)
        head, _, subject = str(value).partition(":")
        if not subject:
            return MOMENTS.get(head) or FACTS.get(head) or self.name("fact", head)
        word, table = PREFIXES.get(head, (head, ""))
        return f"{word}“{self.name(table, subject) if table else MOMENTS.get(subject, self.name('fact', subject))}”"

    def acts(self, value: Any) -> str:
        """Acts by their names."""
        if isinstance(value, list):
            return "、".join(self.acts(one) for one in value)
        return "一切操作" if value == "*" else ACTS[value].zh if value in ACTS else LEDGER_ACTS.get(value) or self.plain(value)

    def choice(self, value: Any) -> str:
        """A word of the vocabulary's closed lists."""
        if isinstance(value, list):
            return "、".join(self.choice(one) for one in value)
        return CHOICES.get(value) or self.moment(value) if isinstance(value, str) else self.plain(value)

    def code(self, value: Any) -> str:
        """What a refusal says."""
        return f"{CODES[value].zh} {value}" if value in CODES else self.plain(value)

    def terms(self, value: Any) -> str:
        """Terms, or limits tables, by their names."""
        if isinstance(value, list):
            return "、".join(self.terms(one) for one in value)
        return self.name("term" if value in (self.book.get("term") or {}) else "limits", value) if isinstance(value, str) else self.plain(value)

    def steps(self, value: Any) -> str:
        """The steps of one approval, in order."""
        return " → ".join(f"{self.who(post)}{STEPS.get(str(how), '') or self.plain(how)}" for step in value for post, how in step.items())

    def row(self, row: Mapping[str, Any]) -> str:
        """A nested row on one line: name, fields, clauses."""
        said = [f"{label} {text}".strip() for label, text in self.fields(row)]
        cited = f"〔{'、'.join(clause_of(row))}〕" if clause_of(row) else ""
        return "".join((str(row.get("zh", "")), f"({';'.join(said)})" if said and row.get("zh") else ";".join(said), cited))

    def fields(self, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What a row says, field by field, beside its name, clauses and reading."""
        ways = WAYS | {"from": Words.who} if "hide" in row else WAYS
        labels = LABELS | {"from": "不给"} if "hide" in row else LABELS
        return [(labels.get(key, key), ways.get(key, Words.plain)(self, value)) for key, value in row.items() if key not in ("zh", "en", "clause", "reading", "office")]

    def named(self, value: Any) -> str:
        """Rows under names: options, columns, modes."""
        if not isinstance(value, Mapping):
            return self.plain(value)
        return ";".join(f"{self.row(part)} [{key}]" if isinstance(part, Mapping) else f"{self.plain(part)} [{key}]" for key, part in value.items())

    def rows(self, value: Any) -> str:
        """Rows of which the first that fits is taken."""
        return " / ".join(self.row(one) if isinstance(one, Mapping) else self.plain(one) for one in value) if isinstance(value, list) else self.plain(value)

    def plain(self, value: Any) -> str:
        """Any other value."""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(self.row(one) if isinstance(one, Mapping) else self.plain(one) for one in value)
        if isinstance(value, Mapping):
            return self.limit(value) if set(value) & {*UNITS, *LIMIT_WORDS, *LISTS} else self.named(value)
        return self.moment(value) if isinstance(value, str) and ":" in value and value.split(":")[0] in PREFIXES else str(value)


WAYS: dict[str, Callable[[Words, Any], str]] = {
    **dict.fromkeys(("when", "any", "unless"), Words.condition),
    **dict.fromkeys(("by", "to", "only_to", "except", "only_by", "tell", "from_post", "bars", "opens_at", "chair", "members", "decided_by"), Words.who),
    **dict.fromkeys(("from", "until", "on", "event", "keeps_until", "counts", "ends_after", "floor"), Words.moment),
    **dict.fromkeys(("may", "act", "before", "needed_for", "blocks", "does", "do"), Words.acts),
    **dict.fromkeys(("limit", "due", "adds", "in_all", "default"), Words.limit),
    **dict.fromkeys(("accept", "register", "opinion", "close", "archive", "is", "role", "per", "kind", "nature", "effect", "asked", "on_fail", "every", "receive", "status", "say", "hide", "opens"), Words.choice),
    "code": Words.code, "of": Words.terms, "beside": Words.terms, "requires": Words.who,
    "steps": Words.steps, "rows": Words.rows, "options": Words.named, "columns": Words.named, "modes": Words.named, "reasons": Words.named,
}  # fmt: skip
TITLES: dict[str, Callable[[Words, Mapping[str, Any]], str]] = {
    "gate": lambda words, row: f"{words.acts(row.get('act', '*'))}的先决条件",
    "recuse": lambda words, row: f"{words.acts(row.get('act', '*'))}的回避",
    "secret": lambda words, row: f"{words.choice(row.get('hide', []))}的保密",
    "trigger": lambda words, row: f"{words.moment(row.get('on', ''))}的后果",
    "counter": lambda words, row: f"{words.moment(row.get('counts', ''))}的计数",
    "chain": lambda words, row: f"{words.acts(row.get('before', []))}的审批",
}
LABELS = {
    "may": "可办", "role": "角色", "holders": "人数", "per": "按", "named_by": "指定人", "requires": "须有", "is": "形式", "options": "选项", "default": "默认", "by": "由", "to": "给",
    "when": "当", "any": "或当", "unless": "除非", "rows": "依次", "reason": "须写理由", "needs": "须有", "sets": "即认定", "code": "代码", "say": "须说明", "registers": "登记", "turns_into": "转为",
    "kind": "种类", "needed_for": "须先于", "columns": "栏目", "required": "必填", "not_given": "可注明未提供", "sign": "签字", "from": "自", "until": "至", "limit": "时限", "set": "同组", "beside": "并行于",
    "nature": "性质", "runs": "累计", "of": "对", "act": "操作", "effect": "效果", "adds": "延长", "in_all": "总计", "times": "次数", "asked": "申请时间", "why": "事由", "chain": "审批",
    "before": "须先于", "steps": "步骤", "given": "用于", "sequence": "先后", "bars_words": "禁用词语", "only_by": "只由", "on": "起因", "within": "以内", "does": "即为", "blocks": "未办不得",
    "again": "再次", "series": "编号", "due": "期限", "one_of": "其中之一", "where": "何处", "strip": "隐去", "board": "榜", "hide": "保密内容", "only_to": "只给", "opens": "可见条件",
    "except": "例外", "contents": "内容", "modes": "方式", "consent": "须同意", "event": "事件", "form": "文书", "counts": "计", "dated": "日期按", "at": "达到", "less": "减去", "warn": "预警",
    "then": "后果", "each": "每", "every": "周期", "what": "事由", "count": "数目", "formula": "算式", "share": "比例", "always": "必抽", "items": "项目", "on_fail": "不合格", "bars": "回避",
    "na": "可不适用", "return": "退还", "kinds": "种类", "outcomes": "结果", "do": "去向", "choice": "可选", "support": "协办", "report_by": "回报期限", "ends_after": "结束于",
    "keeps_until": "负责至", "declares": "须告知", "opened_by": "由谁提出", "flow": "流程", "feedback": "须答复", "complainant": "有投诉人", "respondent": "有被投诉人", "opens_at": "开启人",
    "accept": "受理", "register": "登记", "opinion": "拟办", "close": "结案", "archive": "归档", "scale": "等级", "at_most": "最多", "up_to": "至多", "key": "依", "field": "栏目", "keys": "按", "issue": "发出", "propose": "提出",
    "number": "文号", "based_on": "依据", "interpreter": "解释机关", "binds": "适用", "source": "来源", "issuer": "制发机关", "issued_on": "印发日期", "in_force_from": "施行日期",
    "in_force_until": "失效日期", "status": "效力", "title": "名称", "id": "编号", "receive": "签收", "receive_limit": "视为签收的时间", "disposition": "办理方式", "late": "逾期", "shares": "同批", "reopens_on": "改变后重批", "turns": "可转为", "keep": "保存", "reasons": "事由", "follow_up": "跟踪", "deemed": "视为", "satisfied": "满意", "basically": "基本满意", "dissatisfied": "不满意",
    "value": "值", "signature": "签字", "mean": "平均", "duration": "用时", "target": "目标", "rank": "排序", "excludes": "不计", "coverage": "覆盖", "floor": "最短", "name": "名称", "decided_by": "由谁决定", "scores": "分项评价", "assignment": "每个承办单位",
}  # fmt: skip
