"""One year's calendar, who is who in one office, or who may sign, on its way to the cases: told in pages, then asked every hour for cases that came to be concerned only afterwards."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.types import REVISE, Page, Publication, Told
    from workflows import policies

REVISION = "CalendarRevision"  # for people and keys too: the name of what runs already does not change
AGAIN = timedelta(hours=1)
SOON = timedelta(minutes=1)  # people: what was filed by a process that had not yet heard
KEPT = 2_000  # names of cases kept in a tally, and of asks; counts go on


@dataclass(frozen=True)
class Tally:
    """What one publication has done so far; the moved dates themselves stand in the record."""

    edition: str = ""
    sent: int = 0
    rounds: int = 0
    ended: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)  # runs of the command whose round is over

    def plus(self, told: Told) -> "Tally":
        """With one page more; a case is named once, and no longer as failed when it was reached."""
        ended = list(dict.fromkeys([*self.ended, *told.ended]))[:KEPT]
        failed = dict(list({**self.failed, **told.failed}.items())[:KEPT])
        return replace(self, sent=self.sent + told.sent, ended=ended, failed=failed)


@dataclass(frozen=True)
class Course:
    """The input: the year (0: an office's people, or the keys); the rest is set by continue-as-new only."""

    year: int
    wanted: list[Publication] = field(default_factory=list)
    current: Publication | None = None
    asks: list[str] = field(default_factory=list)
    after: str = ""
    tally: Tally = field(default_factory=Tally)


def revision_id(year: int) -> str:
    """One workflow a year, so that no older edition is sent beside a newer one."""
    return f"calendar:{year}"


def people_id(office: str) -> str:
    """One workflow an office, for the same reason."""
    return f"people:{office}"


KEYS_ID = "keys"  # one workflow for the keys of the installation


@workflow.defn(name=REVISION)
class RevisionWorkflow:
    """Sends the newest publication; one of a year ends when the year is over, one of people or keys stays."""

    @workflow.init
    def __init__(self, course: Course) -> None:
        self.year, self.wanted, self.current = course.year, list(course.wanted), course.current
        self.asks, self.after, self.tally = course.asks, course.after, course.tally

    @workflow.signal
    def publish(self, publication: Publication) -> None:
        """A year has been published or replaced, or its command was run again."""
        self.wanted.append(publication)

    @workflow.query
    def progress(self) -> Tally:
        """How far the newest publication is."""
        return self.tally

    @workflow.run
    async def run(self, course: Course) -> Tally:  # noqa: ARG002 - the SDK asks for the parameters of __init__
        """Round after round: at once when asked, else every hour."""
        await workflow.wait_condition(lambda: bool(self.wanted) or self.current is not None)
        while True:
            if not self.after:
                self.take()
            await self.round()
            if not self.wanted and 0 < self.year < workflow.now().year:
                return self.tally
            self.go_on_anew()
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: bool(self.wanted), timeout=self.pause, timeout_summary="new dates in the year" if self.year else "cases filed meanwhile")

    @property
    def pause(self) -> timedelta:
        """How long until it asks again unbidden."""
        return AGAIN if self.year or self.tally.rounds > 1 else SOON

    def take(self) -> None:
        """The newest wish goes; those before it are answered by the same round."""
        if self.wanted:
            self.current, self.asks = self.wanted[-1], [one.ask for one in self.wanted]
            self.wanted.clear()
            if self.current.edition != self.tally.edition:
                self.tally = Tally(self.current.edition)

    async def round(self) -> None:
        """Every case that has not answered, page by page; the pace is the activity's."""
        while self.current is not None:
            told = await workflow.execute_activity(REVISE, Page(self.current, self.after), result_type=Told, **policies.REVISING)
            self.tally, self.after = self.tally.plus(told), told.last
            workflow.set_current_details(f"{self.year or self.current.office or KEYS_ID} · {self.tally.sent} sent · {len(self.tally.ended)} ended · {len(self.tally.failed)} failed")
            if not self.after:
                break
            self.go_on_anew()
        self.tally = replace(self.tally, rounds=self.tally.rounds + 1, asks=[*self.tally.asks, *self.asks][-KEPT:])
        self.asks = []

    def go_on_anew(self) -> None:
        """Before the history grows long, at the same place."""
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(Course(self.year, self.wanted, self.current, self.asks, self.after, self.tally))
