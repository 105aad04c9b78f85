"""What travels between a case and its activities: plain, JSON-safe shapes. No library here, so the workflow may import it."""

from dataclasses import dataclass, field
from typing import Any

RECORD, NOTIFY = "record", "notify"


@dataclass(frozen=True)
class Batch:
    """What one step of a case wants written, decided on `version`; `number` asks for a register number.

    The rows are plain JSON and typed `Any`: the SDK would else walk through every value of every row to no end.
    """

    case: str
    office: str
    book: str
    version: int
    events: Any
    outcomes: Any
    outbox: Any
    row: Any
    number: Any = None


@dataclass(frozen=True)
class Recorded:
    """The record's answer: the number it gave and the new head; or, from another version, the events stored after it."""

    number: int | None
    head: str
    stored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Telling:
    """Notices of one step that a clause demands, by their keys."""

    case: str
    keys: list[str]
