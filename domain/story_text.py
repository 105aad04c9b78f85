"""The text of a story: its instants, its variants, its acts as commands."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from domain.case import Command
from domain.workdays import ZONE

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class StoryError(ValueError):
    """A story that cannot be read: says where and what to do."""


def when(text: str) -> datetime:
    """'Tue 2025-09-30 10:20' as an instant at +08:00; a weekday that does not fit the date is an error."""
    return _when(str(text))


@lru_cache(4096)  # an act's instant is asked for by the act, by the one before it and by what is expected between them
def _when(text: str) -> datetime:
    words = text.split()
    weekday = words.pop(0) if words and words[0] in WEEKDAYS else ""
    try:
        at = datetime.fromisoformat(" ".join(words)).replace(tzinfo=ZONE)
    except ValueError:
        raise StoryError(f"not an instant: {text!r}; write it like 'Tue 2025-09-30 10:20'") from None
    if weekday and WEEKDAYS[at.weekday()] != weekday:
        raise StoryError(f"{text!r}: {at.date()} is a {WEEKDAYS[at.weekday()]}")
    return at


def variants(story: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The story itself, then each variant as a story of its own, named `story#name`."""
    base = {k: v for k, v in story.items() if k not in ("variant", "bounds")}
    yield base
    told = {"": base}
    for change in story.get("variant", ()):
        if "name" not in change:
            raise StoryError(f"{story.get('story')}: a variant needs a name")
        if change.get("of", "") not in told:
            raise StoryError(f"{story.get('story')}: the variant {change['name']} is of {change['of']}, which does not stand before it")
        name = str(change["name"])
        told[name] = {**merged(told[change.get("of", "")], {k: v for k, v in change.items() if k not in ("name", "of")}), "story": f"{story['story']}#{name}"}
        yield told[name]


def merged(base: Any, change: Any) -> Any:
    """A value with what a variant says in its place: lists by number from 1, tables by key."""
    if isinstance(base, list) and isinstance(change, Mapping):
        changed = list(base)
        for number, value in change.items():
            place = int(number) - 1
            if place == len(changed):
                changed.append(value)
            elif not 0 <= place < len(changed):
                raise StoryError(f"a variant changes number {number}, the story has {len(changed)}")
            else:
                changed[place] = merged(changed[place], value)
        return changed
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        return {**base, **{k: merged(base.get(k), v) for k, v in change.items()}}
    return change


def commands(story: Mapping[str, Any]) -> list[Command]:
    """The acts of a story as commands, in order; ids are the story's id and the act's number."""
    found = []
    for n, act in enumerate(story.get("act", ()), 1):
        try:
            received = when(act["at"])
            entered = when(act["entered"]) if act.get("entered") else received
            found.append(
                Command(
                    str(act.get("id", f"{story['story']}:{n}")), act["do"], dict(act.get("with", {})), received, entered, act["who"],
                    act.get("post", ""), "", act.get("entered_by", ""), act.get("paper", ""), act.get("flaw", ""),
                )
            )
        except KeyError as missing:
            raise StoryError(f"{story.get('story')}: act {n} lacks {missing}") from None
        except StoryError as wrong:
            raise StoryError(f"{story.get('story')}: act {n}: {wrong}") from None
    return found
