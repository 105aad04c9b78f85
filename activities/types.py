"""What travels between a case and its activities: plain, JSON-safe shapes. No library here, so the workflow may import it."""

from dataclasses import dataclass, field
from typing import Any

RECORD, NOTIFY = "record", "notify"

# Texts of the laws that cases of this process were started under, by hash. A local activity runs where its case runs, so the
# text need not travel with every filing.
LAWS: dict[str, str] = {}


@dataclass(frozen=True)
class Batch:
    """What one step of a case wants written, decided on `version`; `number` asks for a register number.

    The first step names the case's law by hash; `law_text` is the law itself, sent where another process may run the activity.
    """

    case: str
    office: str
    book: str
    version: int
    events: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    outbox: list[dict[str, Any]]
    row: dict[str, Any]
    number: dict[str, Any] | None = None
    law: str = ""
    law_text: str = ""


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
