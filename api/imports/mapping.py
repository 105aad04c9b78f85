"""How the columns of an old register become fields: a table that people read and edit, as TOML or JSON."""

import json
import tomllib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.errors import Problem
from api.imports.reading import plain
from domain.acts import ACTS

# field → what it is, for people
FIELDS = {
    "number": "旧册编号", "received_on": "收到日期(可带时间)", "received_time": "收到时间", "kind": "类别", "channel": "渠道", "source": "来源", "name": "投诉人姓名", "telephone": "电话",
    "id_number": "证件号码", "address": "地址", "anonymous": "匿名", "text": "内容", "respondent": "被投诉人", "respondent_unit": "被投诉单位", "unit": "承办单位", "clerk": "登记人、经办人",
    "status": "状态", "closed_on": "办结日期", "outcome": "办理结果", "satisfaction": "满意度", "remark": "备注", "ignore": "不导入",
}  # fmt: skip
IDENTITY = ("name", "telephone", "id_number", "address")
MOST_STEPS = 30
CLOSED = ("办结", "已办结", "结案", "已结案", "归档", "已归档", "完成", "已完成", "已答复", "closed", "不予受理", "已撤回", "撤回")
OPEN = ("在办", "办理中", "正在办理", "未办结", "未结案", "待办", "待处理", "处理中", "转办中", "已受理", "受理", "已转办", "转办", "登记", "已登记", "open")


class Step(BaseModel):
    """An act that had happened by then: it counts for a row whose day column is filled; `{heading}` in a field stands for that cell."""

    model_config = ConfigDict(extra="forbid")
    act: str = Field(max_length=40)
    on: str = Field(max_length=200, description="the column with its day")
    by: str = Field(default="", max_length=200, description="who decided: a person of the office, `{heading}`, or `liaison`; the importer where empty")
    fields: dict[str, Any] = Field(default_factory=dict, max_length=40)


class Mapping(BaseModel):
    """One register of one office."""

    model_config = ConfigDict(extra="forbid")
    sheet: str = Field(default="", max_length=200)
    heading_row: int = Field(default=0, ge=0, le=1000)
    columns: dict[str, str] = Field(default_factory=dict, max_length=200, description="heading → field, or fact:NAME")
    values: dict[str, dict[str, str]] = Field(default_factory=dict, max_length=60, description="field → word in the cell → word of the rulebook")
    constants: dict[str, str] = Field(default_factory=dict, max_length=40, description="field → value where the register has no column for it")
    closed_words: list[str] = Field(default_factory=list, max_length=100)
    open_words: list[str] = Field(default_factory=list, max_length=100)
    act: list[Step] = Field(default_factory=list, max_length=MOST_STEPS)
    old_papers: bool = Field(default=False, description="documents that the book asks for lie in the old file: the case refers to it by the old number")

    def heading(self, field: str) -> str:
        """The column of a field, '' where none is mapped to it."""
        return next((heading for heading, one in self.columns.items() if one == field), "")

    def word(self, field: str, value: str) -> str:
        """A cell's word as the rulebook says it."""
        known = {plain(word): mine for word, mine in self.values.get(field, {}).items()}
        return known.get(plain(value), value)

    def canonical(self) -> str:
        """The one text that is hashed: equal mappings make one import."""
        return json.dumps(self.model_dump(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse(raw: bytes) -> Mapping:
    """A mapping from TOML or JSON. Raises Problem body_invalid, pydantic's ValidationError."""
    try:
        value = json.loads(raw) if raw.lstrip().startswith(b"{") else tomllib.loads(raw.decode())
    except (ValueError, UnicodeDecodeError) as wrong:
        raise Problem("body_invalid", detail=[{"field": "mapping", "why": f"{type(wrong).__name__}: TOML or JSON"}]) from None
    found = Mapping.model_validate(value)
    return found.model_copy(update={"columns": {plain(heading): field for heading, field in found.columns.items()}})


def to_toml(mapping: Mapping) -> str:
    """The mapping as a file that people edit."""
    text = ["# 旧登记册的列对照 how the columns of the old register become fields; 栏目 fields:", "# " + " ".join(f"{field}={zh}" for field, zh in FIELDS.items()) + " fact:事项", ""]
    text += [f"{name} = {_value(getattr(mapping, name))}" for name in ("sheet", "heading_row", "old_papers", "closed_words", "open_words") if getattr(mapping, name)]
    for name in ("columns", "constants"):
        rows = getattr(mapping, name)
        text += ["", f"[{name}]", *(f"{_value(key)} = {_value(value)}" for key, value in rows.items())] if rows else []
    for field, rows in mapping.values.items():
        text += ["", f"[values.{_value(field)}]", *(f"{_value(key)} = {_value(value)}" for key, value in rows.items())]
    for step in mapping.act:
        text += ["", "[[act]]", f"act = {_value(step.act)}  # {ACTS[step.act].zh if step.act in ACTS else ''}", f"on = {_value(step.on)}", *([f"by = {_value(step.by)}"] if step.by else []), *([f"fields = {_value(step.fields)}"] if step.fields else [])]
    return "\n".join(text) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
