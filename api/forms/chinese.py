"""Texts as a form prints them: days and instants in Chinese, nothing that Word cannot hold or that would disguise itself on paper."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from domain.acts import SEALED
from domain.core import instant

WEEKDAYS = "一二三四五六日"
CLOSED, WITHHELD = "（已封存）", "（保密）"
# Control characters, half surrogates and what is no character: no Word file may hold them. Overrides of direction print another text than was written.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
BRACES = re.compile(r"\{_\{|\}_\}|\{_%|%_\}")  # what the template engine would turn into its own signs


def day(value: Any) -> str:
    """ISO text, a day or an instant as "2025年10月9日 星期四"; other text as it is."""
    found = _read(value)
    if found is None:
        return text(value)
    return f"{found.year}年{found.month}月{found.day}日 星期{WEEKDAYS[found.weekday()]}"


def date_only(value: Any) -> str:
    """The day without its weekday, for narrow columns."""
    return day(value).partition(" 星期")[0]


def moment(value: Any) -> str:
    """The day with the time of day where it has one."""
    found = _read(value)
    return f"{day(value)} {found:%H:%M}" if isinstance(found, datetime) else day(value)


def _read(value: Any) -> date | datetime | None:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value
    written = str(value or "")
    try:
        return date.fromisoformat(written) if len(written) == 10 else instant(written)
    except ValueError:
        return None


def text(value: Any) -> str:
    """Any plain value in words: lists joined, a missing value "", a sealed one as sealed."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        if "not_given" in value:
            return f"（未提供：{text(value['not_given'])}）"
        if "na" in value:
            why = value.get("reason") or ("" if value["na"] is True else value["na"])
            return f"不适用：{text(why)}" if why else "不适用"
        return "；".join(f"{key}：{text(one)}" for key, one in value.items() if one not in (None, ""))
    if isinstance(value, (list, tuple)):
        return "、".join(text(one) for one in value if one not in (None, ""))
    return CLOSED if str(value).startswith(SEALED) else str(value)


def fit(value: str) -> Markup:
    """The text as it may stand in a Word file: safe as XML, lines kept, nothing in it is a sign of the template."""
    plain = UNFIT.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    safe = str(escape(plain))
    return Markup(BRACES.sub(lambda found: found[0].replace("_", "&#95;"), safe))  # noqa: S704 - escaped in the line before
