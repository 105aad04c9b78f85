"""Cells as values: days and times as people write them, numbers that Excel has made of telephones, words in every width."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.asking import SINCE, UNTIL
from domain.workdays import ZONE

ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
DAY = re.compile(r"(?P<y>\d{4})(?:[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?|(?P<mm>\d{2})(?P<dd>\d{2}))(?P<rest>.*)", re.DOTALL)
CLOCK = re.compile(r"[T,]?(?:星期[一二三四五六日天]|周[一二三四五六日天]|\([^)]*\))?[T,]?(?P<half>上午|早上|凌晨|中午|下午|晚上|晚|am|pm)?(?P<h>\d{1,2})(?:[:点时](?P<half_past>半)?(?:(?P<m>\d{1,2})分?)?(?::(?P<s>\d{1,2})(?:\.\d+)?秒?)?)(?P<pm>am|pm)?(?:\+08:?00)?")
TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")
SERIALS = range(20_000, 80_000)  # days as Excel counts them: 1954 to 2119
PRECISE = 15  # digits that a number in Excel keeps


class Wrong(ValueError):
    """A cell that cannot be read as what it should be; the message is a code of `findings`."""


def text(value: Any) -> str:
    """A cell as text; raises Wrong where Excel shows an error."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M") if value.time() != time() else value.strftime("%Y-%m-%d")
    found = str(value).strip()
    if found in ERRORS:
        raise Wrong("cell_error")
    return found


def number(value: Any) -> str:
    """A telephone or identity number; raises Wrong where Excel has rounded it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10**PRECISE:
        raise Wrong("number_rounded")
    found = text(value)
    if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", found):
        raise Wrong("number_rounded")
    return found


def flag(value: Any) -> bool:
    """Yes or no; raises Wrong on other words."""
    if isinstance(value, bool):
        return value
    found = text(value).casefold()
    if found in ("是", "有", "√", "y", "yes", "1", "true", "匿名"):
        return True
    if found in ("", "否", "无", "×", "x", "n", "no", "0", "false", "实名"):
        return False
    raise Wrong("value_unknown")


def moment(value: Any, *, mac: bool = False) -> tuple[date, time | None]:
    """The day of a cell, and the time where it says one; raises Wrong date_unreadable."""
    if isinstance(value, datetime):
        return _sound(value.date()), (value.time().replace(microsecond=0) if value.time() != time() else None)
    if isinstance(value, date):
        return _sound(value), None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _serial(float(value), mac=mac) if int(value) in SERIALS else _written(str(int(value)))
    return _written(text(value), mac=mac)


def clock(value: Any) -> time | None:
    """The time of a cell of its own; None where it is empty; raises Wrong."""
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.time().replace(microsecond=0)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if isinstance(value, float) and 0 <= value < 1:
        return (datetime(2000, 1, 1) + timedelta(seconds=round(value * 86400))).time()  # noqa: DTZ001 - a time of the wall
    return _clock(_normal(text(value)))


def instant_of(day: date, at: time | None, opens: str) -> datetime:
    """The instant at +08:00; where a register names no time, the hour at which the office opens."""
    return datetime.combine(day, at or time.fromisoformat(opens), ZONE)


def _serial(value: float, *, mac: bool) -> tuple[date, time | None]:
    found = (datetime(1904, 1, 1) if mac else datetime(1899, 12, 30)) + timedelta(seconds=round(value * 86400))  # noqa: DTZ001 - a day of the wall
    return _sound(found.date()), (found.time() if found.time() != time() else None)


def _normal(written: str) -> str:
    plain = unicodedata.normalize("NFKC", written).strip()
    plain = TENS.sub(lambda m: f"{m[1].translate(DIGITS) or '1'}{m[2].translate(DIGITS) or '0'}", plain).translate(DIGITS) if "年" in plain or "月" in plain else plain
    return re.sub(r"\s+", "", re.sub(r"(?<=\d)\s+(?=\d)", ",", plain)).casefold().replace("t", "T")


def _written(written: str, *, mac: bool = False) -> tuple[date, time | None]:
    plain = _normal(written)
    if re.fullmatch(r"\d{5}(\.\d+)?", plain) and int(float(plain)) in SERIALS:
        return _serial(float(plain), mac=mac)
    found = DAY.fullmatch(plain)
    if found is None:
        raise Wrong("date_unreadable")
    try:
        day = date(int(found["y"]), int(found["m"] or found["mm"]), int(found["d"] or found["dd"]))
    except ValueError:
        raise Wrong("date_unreadable") from None
    return _sound(day), (_clock(found["rest"]) if found["rest"] else None)


def _clock(plain: str) -> time | None:
    if not plain:
        return None
    if re.fullmatch(r"(星期|周).|\(.*\)|上午|下午", plain):
        return None
    found = CLOCK.fullmatch(plain)
    if found is None:
        raise Wrong("date_unreadable")
    hour, half = int(found["h"]), found["half"] or found["pm"] or ""
    if half in ("下午", "晚上", "晚", "pm") and hour < 12:
        hour += 12
    try:
        return time(hour, 30 if found["half_past"] else int(found["m"] or 0), int(found["s"] or 0))
    except ValueError:
        raise Wrong("date_unreadable") from None


def _sound(day: date) -> date:
    if not SINCE <= day <= UNTIL:
        raise Wrong("date_unreadable")
    return day
