"""What travels between a case and its activities: plain, JSON-safe shapes. No library here, so the workflow may import it."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

RECORD, NOTIFY, DELIVER, REVISE = "record", "notify", "deliver", "revise_cases"
OPEN_CASE = "open_case"
KEY_MARGIN = timedelta(minutes=5)  # how far two hosts' clocks may stand apart: what was filed so soon after a key began to sign is taken for older
LEDGER_LOAD, LEDGER_RECORD, LEDGER_TELL = "ledger_load", "ledger_record", "ledger_tell"
KEEP_ARCHIVES, CHECK_ARCHIVES = "keep_archives", "check_archives"

# Texts of the laws that cases of this process were started under, by hash. A local activity runs where its case runs, so the
# text need not travel with every filing.
LAWS: dict[str, str] = {}

# Steps on their way to their local activity, for the same reason: it would else be sealed and opened again within one process.
HELD: dict[int, "Batch"] = {}
_TOKENS = itertools.count(1)


@dataclass(frozen=True)
class Batch:
    """What one step of a case wants written, decided on `version`; `number` asks for a register number.

    The first step names the case's law by hash; `law_text` is the law itself, sent where another process may run the activity.
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
    law: str = ""
    law_text: str = ""
    entries: Any = None  # what the step says across cases
    held: int = 0  # where the step lies in this process, instead of the rows


def hold(batch: Batch) -> Batch:
    """Keep a step in this process; what travels to the local activity names it. `release` it when the activity has answered."""
    token = next(_TOKENS)
    HELD[token] = batch
    return Batch(batch.case, batch.office, batch.book, batch.version, None, None, None, None, held=token)


def whole(batch: Batch) -> Batch:
    """The step itself, wherever its rows lie; KeyError in another process than the one that holds it."""
    return HELD[batch.held] if batch.held else batch


def release(held: Batch) -> None:
    """Forget a step that was held."""
    HELD.pop(held.held, None)


@dataclass(frozen=True)
class LedgerBatch:
    """What one step of a ledger wants written, decided on `version`; `taken` = entries that it has counted; `state` now and then."""

    ledger: str
    office: str
    book: str
    version: int
    events: Any
    outcomes: Any
    taken: list[str]
    state: Any = None
    outbox: Any = None  # whom the step tells


@dataclass(frozen=True)
class LedgerStored:
    """The ledger's record: a state and the events after it; or, from another version, the events stored after ours."""

    state: Any = None
    stored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LedgerSend:
    """What a ledger tells a case: an act of the system under an id of its own."""

    case: str
    id: str
    act: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """The record's answer: the number it gave and the new head; or, from another version, the events stored after it."""

    number: int | None
    head: str
    stored: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OtherCase:
    """A case that another one opens, under the same law: its id, what its start needs, and its filing (a dumped command)."""

    case: str
    office: str
    book: str
    law: dict[str, Any]
    keys: dict[str, str]
    filing: dict[str, Any]


@dataclass(frozen=True)
class Telling:
    """Notices of one step that a clause demands, by their keys."""

    case: str
    keys: list[str]


@dataclass(frozen=True)
class Publication:
    """A year's calendar (or an office's people, or the API's keys) on its way to the cases. `edition` tells one publication of a year from every other, also from an equal one before a replacement.

    `everyone`: a replaced year concerns every open case with a date that was filed before `at`, not only those with provisional dates.
    """

    year: dict[str, Any]
    edition: str
    at: str  # ISO instant
    reason: str = ""
    everyone: bool = False
    ask: str = ""  # names one run of the command, which waits for it
    office: str = ""  # set where it is no year but who is who in this office: `people`, for its cases only
    people: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # set where it is neither, but who may sign: `edition` is the key's id, for all cases filed before it


@dataclass(frozen=True)
class Page:
    """The next cases after one id that have not answered a publication."""

    publication: Publication
    after: str


@dataclass(frozen=True)
class Told:
    """What became of a page: how many were sent, who had ended meanwhile, who could not be reached and why; '' as `last` ends the round."""

    sent: int = 0
    last: str = ""
    ended: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


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
