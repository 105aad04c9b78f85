"""What travels between a case and its activities: plain, JSON-safe shapes. No library here, so the workflow may import it."""

from dataclasses import dataclass, field
from typing import Any

RECORD, NOTIFY, DELIVER = "record", "notify", "deliver"
KEEP_ARCHIVES, CHECK_ARCHIVES = "keep_archives", "check_archives"


@dataclass(frozen=True)
class Batch:
    """What one step of a case wants written, decided on `version`; `number` asks for a register number."""

    case: str
    office: str
    book: str
    version: int
    events: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    outbox: list[dict[str, Any]]
    row: dict[str, Any]
    number: dict[str, Any] | None = None


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


@dataclass(frozen=True)
class Keeping:
    """What the keeper of histories hands on to its next run."""

    kept: int = 0


@dataclass(frozen=True)
class Checking:
    """Which ended cases must have their history kept by now: those that ended longer ago than this many seconds."""

    older_than: float = 3600.0


@dataclass(frozen=True)
class Checked:
    """How many cases were looked at, how many are not whole, and the tasks opened and closed by that."""

    looked: int
    wrong: int
    opened: int
    closed: int
