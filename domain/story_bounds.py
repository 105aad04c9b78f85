"""Boundary stories: the beginning of a told story moved to a given day, with the last day of each term counted by hand."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.story_text import WEEKDAYS, StoryError, merged, variants, when

KNOWN = frozenset({"of", "acts", "on", "due", "act", "why"})
_MOMENT = re.compile(r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)\+08:00)?)?")
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def bounds(story: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each `[[bounds]]` of a story as stories of their own, one for each day in `on`, named `story@number-day`."""
    told = {str(one["story"]): one for one in variants(story)}
    for n, row in enumerate(story.get("bounds", ()), 1):
        name = f"{story['story']}#{row['of']}" if row.get("of") else str(story["story"])
        if set(row) - KNOWN or not {"on", "due"} <= set(row) or name not in told:
            raise StoryError(f"{story['story']}: bounds {n} needs on and due, may have acts, act, why and of (a variant of this story)")
        days = [row["on"]] if isinstance(row["on"], str) else list(row["on"])
        for place, day in enumerate(days):
            try:
                yield _bound(told[name], row, place, when(day if ":" in day else f"{day} 00:00"), f"{story['story']}@{n}")
            except (StoryError, IndexError) as wrong:
                raise StoryError(f"{story['story']}: bounds {n}, {day}: {wrong}") from None


def _bound(base: Mapping[str, Any], row: Mapping[str, Any], place: int, on: datetime, name: str) -> dict[str, Any]:
    acts = list(base.get("act", ()))[: int(row.get("acts", len(base.get("act", ()))))]
    last = when(acts[-1]["at"])
    to = on if (on.hour, on.minute) != (0, 0) else on.replace(hour=last.hour, minute=last.minute)
    moved = merged([_moved(act, to - last) for act in acts], _nth(row.get("act", {}), place))
    due = sorted(((term, str(_nth(days, place))) for term, days in row["due"].items()), key=lambda one: _last(one[1]))
    expect = [one for term, day in due for one in _sides(term, to, day)]
    head = {key: value for key, value in base.items() if key not in ("act", "expect", "until", "proves", "bounds")}
    return {**head, "story": f"{name}-{to:%Y-%m-%d}", "title": str(row.get("why", base.get("title", ""))), "act": moved, "expect": expect}


def _sides(term: str, start: datetime, day: str) -> Iterator[dict[str, Any]]:
    """In time on the last legal minute, late at the first that is not."""
    kept, late = _last(day), _last(day) + _MINUTE
    clock = {"term": term, "start": f"{start:%Y-%m-%d}", "due": day}
    yield {"at": f"{kept:%Y-%m-%d %H:%M}", "clocks": [{**clock, "state": "open"}], "no_events": [f"overdue:{term}"]}
    yield {"at": f"{late:%Y-%m-%d %H:%M}", "clocks": [clock], "events": [f"overdue:{term}"]}


def _last(day: str) -> datetime:
    return when(day) if ":" in day else when(f"{day} 00:00") + _DAY - _MINUTE


def _nth(value: Any, place: int) -> Any:
    return value[place] if isinstance(value, list) else value


def _moved(value: Any, by: timedelta) -> Any:
    """Every date of an act, as many days later: what somebody was told before it stays before it."""
    if isinstance(value, Mapping):
        return {key: _moved(one, by) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, by) for one in value]
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    if not found[2]:
        return f"{when(f'{found[1]} 00:00') + timedelta(days=round(by / _DAY)):%Y-%m-%d}"
    at = when(f"{found[1]} {found[2]}") + by
    return at.isoformat() if found[3] else f"{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d %H:%M}"
