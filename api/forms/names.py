"""What ids are called in Chinese: people, units and posts of the office file, rows and values of the book."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.forms.chinese import day, text
from domain.acts import ACTS
from domain.core import Law

OUTSIDE = {"complainant": "投诉人", "public": "群众", "proxy": "代理人", "system": "系统"}
PHASES = {"filed": "待受理", "opinion": "拟办审批", "handling": "办理", "review": "审核", "answering": "反馈", "following": "跟踪回访", "closed": "已结案", "archived": "已归档"}
STATES = {"open": "未到期", "met": "按期完成", "late": "逾期完成", "ended": "已终止"}
DECISIONS = {"agree": "同意", "return": "退回", "reject": "不同意"}
FOUND = {"true": "属实", "partly": "部分属实", "untrue": "不属实", "unverifiable": "无法查实"}
ANSWERS = {"yes": "是", "no": "否"}
_EVENTS = {act.event: act.zh for act in ACTS.values()}


class Names:
    """The words of one law for what stands in its cases."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.people: Mapping[str, Any] = law.office.get("person", {})
        self.units: Mapping[str, Any] = law.office.get("unit", {})

    def one(self, key: Any) -> str:
        """A person, a unit ('unit:tax' or 'tax') or an outsider; other text as it is."""
        name = text(key)
        if name in OUTSIDE:
            return OUTSIDE[name]
        if name.removeprefix("unit:") in self.units and name not in self.people:
            unit = name.removeprefix("unit:")
            return str(self.units[unit].get("zh", unit))
        return str(self.people.get(name, {}).get("name", name))

    def unit(self, key: Any) -> str:
        """A unit by its id."""
        return str(self.units.get(text(key), {}).get("zh", text(key)))

    def many(self, keys: Iterable[Any]) -> str:
        """Several, each once."""
        return "、".join(dict.fromkeys(name for key in keys if (name := self.one(key))))

    def posts(self, person: str, post: str = "") -> str:
        """The post a person acted in, else all they hold."""
        held = [post] if post else self.people.get(person, {}).get("posts", ())
        return "、".join(self.row("post", one) for one in held)

    def row(self, table: str, key: Any) -> str:
        """A row of the book by its Chinese name; the key itself where the book has none."""
        row = self.law.table(table).get(text(key))
        return str(row.get("zh", text(key))) if isinstance(row, Mapping) else text(key)

    def finding(self, value: Any) -> str:
        """A finding of the book; its common words where the book gives them no name."""
        named = self.row("finding", value)
        return FOUND.get(named, named)

    def mark(self, value: Any) -> str:
        """A mark of the book's scale of satisfaction."""
        named = (self.law.table("satisfy") or {}).get("scale", {}).get(text(value), text(value))
        return str(named.get("zh", text(value))) if isinstance(named, Mapping) else str(named)

    def mode(self, value: Any) -> str:
        """A way of answering, as some answer row of the book calls it."""
        rows = (row.get("modes", {}).get(text(value)) for row in self.law.table("answer").values())
        return next((str(row["zh"]) for row in rows if isinstance(row, Mapping) and "zh" in row), text(value))

    def fact(self, name: str, value: Any) -> str:
        """A fact's value in words: the option's name, yes or no, a day in Chinese."""
        row = self.law.row("fact", name)
        options = row.get("options", {})
        if options:
            chosen = value if isinstance(value, (list, tuple)) else [value]
            return "、".join(str(options.get(one, {}).get("zh", one)) if isinstance(one, str) else text(one) for one in chosen)
        if row.get("is") == "date":
            return day(value)
        return self.one(value) if isinstance(value, str) and (value in self.units or value in self.people) else text(value)

    def event(self, kind: str) -> str:
        """What happened, in the words of its act."""
        return _EVENTS.get(kind, "")

    def clause(self, clauses: Iterable[Any]) -> str:
        """Clauses of the book, named with it."""
        listed = "、".join(str(one) for one in clauses)
        title = self.law.table("book").get("title", "")
        return f"《{title}》{listed}" if listed and title else listed
