"""The entry of an old register: a case that was running before it came in here, with the acts that had happened by then.

Its filing carries the old number (`old_no`) and rests on the register as its paper; acts entered at that very instant belong to the same entry.
"""

from domain.case import Case, Command, Event, instant, iso


def enters(case: Case, command: Command) -> bool:
    """Whether a command belongs to the entry of an old register: what was due between its acts urges nobody (design, section 2)."""
    if command.act == "file":
        return bool(command.fields.get("old_no"))
    return bool(case.attrs.get("old_no") and command.paper) and iso(command.entered_at) == case.attrs.get("entered_at")


def entered(case: Case, event: Event) -> bool:
    """Whether the event of an act came in with the entry: whoever had to hear of it has heard by the old way."""
    return bool(case.attrs.get("old_no")) and event.data.get("entered_at") == case.attrs.get("entered_at") and event.at < instant(case.attrs["entered_at"])
