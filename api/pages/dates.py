"""Instants and days as people read them: Beijing time with the weekday, and how many working days are left. Nothing is computed here but words."""

from datetime import date, datetime
from typing import Any

from api.gateway import now
from api.pages.labels import DAYS_EN, DAYS_ZH
from domain.core import Law
from domain.counting import days_left
from domain.workdays import ZONE

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(value: Any, lang: str = "zh") -> str:
    """'2025年10月9日 星期四' of a date, an instant or its ISO text; '' of nothing."""
    day = _day(value)
    if day is None:
        return ""
    if lang == "en":
        return f"{DAYS_EN[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日 星期{DAYS_ZH[day.weekday()]}"


def instant_words(value: Any, lang: str = "zh") -> str:
    """The day and the minute at +08:00."""
    at = _instant(value)
    return f"{day_words(at.date(), lang)} {at:%H:%M}" if at is not None else day_words(value, lang)


def short_words(value: Any) -> str:
    """'10-09 14:03' for narrow columns; with the year where it is not this one."""
    at = _instant(value)
    if at is None:
        day = _day(value)
        return "" if day is None else f"{day:%Y-%m-%d}"
    return f"{at:%m-%d %H:%M}" if at.year == now().year else f"{at:%Y-%m-%d %H:%M}"


def left_words(due_day: Any, law: Law, lang: str = "zh") -> str:
    """'还有 2 个工作日', '今天到期', '已过 3 个工作日'; counted by the core's working days."""
    day = _day(due_day)
    if day is None:
        return ""
    n, today = days_left(now().date(), day, law.calendar), now().date()
    if day == today:
        return "due today" if lang == "en" else "今天到期"
    if day > today:
        if n == 0:
            return "no working day left" if lang == "en" else "到期前已无工作日"
        return f"{n} working day{'s' if n > 1 else ''} left" if lang == "en" else f"还有 {n} 个工作日"
    return f"{-n} working day{'s' if n != -1 else ''} past" if lang == "en" else f"已过 {-n} 个工作日"


def urgency(due_day: Any, law: Law) -> str:
    """'overdue', 'soon' (within three working days) or 'later': the colour and the word of a date."""
    day = _day(due_day)
    if day is None:
        return "none"
    if day < now().date():
        return "overdue"
    return "soon" if days_left(now().date(), day, law.calendar) <= 3 else "later"


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(ZONE)
    text = str(value or "")
    if len(text) <= 10:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)


def _day(value: Any) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    at = _instant(value)
    if at is not None:
        return at.date()
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None
