"""A case as a workflow: take a message or an alarm, let the core decide, record, fold, wait. Everything else is elsewhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    import json

    from activities.types import NOTIFY, OPEN_CASE, RECORD, OtherCase, Recorded, Telling, hold, release
    from domain import core
    from domain.workdays import ZONE
    from workflows import attributes, contract, policies
    from workflows.batches import batch_of, with_law
    from workflows.contract import Result, Start
    from workflows.converter import UNOPENED
    from workflows.laws import bound


@workflow.defn(name=contract.WORKFLOW)
class ComplaintWorkflow:
    """One complaint from filing to archive, under the law it was filed under."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self.start, (self.law, self.law_hash) = start, bound(start.law)
        self.case = core.Case.load(start.case) if start.case else core.Case.new(start.case_id, start.office, start.book)
        self.inbox = [core.Command.load(one) for one in start.carried]
        self.inbox += [self.parsed(str(one.get("act", "")), one) for one in start.inbox]
        self.grace = core.grace_of(start.case_id)
        self.alarm: asyncio.Task[None] | None = None
        self.rings_at = datetime.max.replace(tzinfo=ZONE)
        self.telling: dict[asyncio.Task[None], list[str]] = {}
        self.to_open: list[OtherCase] = []  # cases that this one opens and that are not known to have begun

    @workflow.signal(dynamic=True)
    def act(self, name: str, args: Sequence[RawValue]) -> None:
        """Every act comes in here and only queues; what cannot be read is an act too, refused on the record."""
        self.inbox.append(self.received(name, args))

    @workflow.run
    async def run(self, start: Start) -> Result:
        """Until archived with nothing waiting: decide what came and what is due, record it, fold it, wait."""
        self.send(start.telling)
        while self.inbox or self.to_open or not self.finished():
            taken = min(len(self.inbox), policies.AT_ONCE)
            try:
                if self.to_open:
                    await self.opened_other()
                    continue
                after, events = core.step(self.case, self.inbox[:taken], self.now(), self.law, self.grace)
                if events:
                    if not await self.recorded(after, events):
                        continue  # an earlier attempt of ours was stored: those events count, decide the rest again
                elif not taken:
                    await self.message_or_alarm()
            except (asyncio.CancelledError, FailureError) as wrong:
                if not is_cancelled_exception(wrong) or not workflow.patched(policies.OUTLIVES_CANCEL):
                    raise
                continue  # somebody pressed "cancel" at the engine: a case ends by its rules alone. Nothing was folded; what was stored is adopted
            del self.inbox[:taken]
            if workflow.info().is_continue_as_new_suggested() and not self.to_open:
                if not workflow.patched(policies.CARRY_TELLING):
                    await workflow.wait_condition(lambda: not self.telling)  # a mail server that is down would stop the clocks
                carried, telling = [one.dump() for one in self.inbox], [key for keys in self.telling.values() for key in keys]
                workflow.continue_as_new(replace(self.start, case=self.case.dump(), inbox=[], carried=carried, telling=telling))
        late = any(name.startswith("overdue:") for name in self.case.marks)
        workflow.upsert_search_attributes([attributes.STATUS.value_set("archived"), attributes.LATE.value_set(late)])
        return Result(self.case.version, self.case.chain_head)

    async def recorded(self, after: core.Case, events: list[core.Event]) -> bool:
        """Write the step; False when the record had other events after our version, which are then folded instead."""
        batch = batch_of(self.case, after, events, self.law, "" if self.case.version else self.law_hash)
        held = hold(batch)
        try:
            row = await workflow.execute_local_activity(RECORD, held, result_type=Recorded, **policies.QUICK)
        except FailureError:  # not ActivityError: a local one's failures arrive unwrapped
            batch = with_law(batch, self.start.law)  # a regular one may run where this law has never been seen
            row = await workflow.execute_activity(RECORD, batch, result_type=Recorded, **policies.PATIENT)
        finally:
            release(held)
        stored = [core.Event.load(json.loads(text)) for text in row.stored]
        kept = stored or core.numbered(events, row.number)
        if stored or row.number is not None:
            self.case = self.case.copy()
            for event in kept:
                core.fold(self.case, event)
        else:
            self.case = after  # the very events that were folded to decide them
        self.tell(kept)
        self.to_open += [self.opening(one) for event in kept if (one := core.filing(event)) is not None]
        self.describe()
        return not stored

    def opening(self, filing: core.Command) -> OtherCase:
        """What the start of a case that this one opens needs: our law and keys, its own id and filing."""
        keys = contract.keys_of(self.start, self.case)
        return OtherCase(filing.id.removesuffix(":file"), self.start.office, self.start.book, self.start.law, keys, filing.dump())

    async def opened_other(self) -> None:
        """Begin the first of the cases that this one opens; the activity starts it once, however often it runs."""
        await workflow.execute_activity(OPEN_CASE, self.to_open[0], **policies.PATIENT)
        self.to_open.pop(0)

    async def message_or_alarm(self) -> None:
        """Sleep until something comes. The alarm is re-armed only when it moves earlier: a stale one rings once, that is cheaper."""
        at = core.next_wake(self.case, self.law, self.grace)
        if at and (self.alarm is None or at < self.rings_at):
            if at <= self.now():
                raise RuntimeError("an alarm is due and the rules do nothing about it")
            if self.alarm:
                self.alarm.cancel()
            self.rings_at, self.alarm = at, asyncio.create_task(workflow.sleep(at - self.now(), summary="next date"))
        await workflow.wait_condition(lambda: bool(self.inbox) or (self.alarm is not None and self.alarm.done()) or self.finished())
        if self.alarm and self.alarm.done():
            self.alarm = None

    def now(self) -> datetime:
        """The case's now at +08:00: the engine's, moved by the story's offset (0 outside stories)."""
        return (workflow.now() + timedelta(seconds=self.start.clock_offset)).astimezone(ZONE)

    def received(self, name: str, args: Sequence[RawValue]) -> core.Command:
        """One signal as a command, whatever it holds."""
        payload = args[0].payload if len(args) == 1 else None
        if payload is not None and payload.metadata.get("encoding") == UNOPENED:
            return contract.flawed("undecryptable", name, payload.data.decode(errors="replace"), self.now())
        try:
            raw = workflow.payload_converter().from_payload(payload) if payload is not None else None
        except Exception:  # noqa: BLE001 - a converter may raise anything on a payload of others
            raw = None
        return self.parsed(name, raw)

    def parsed(self, name: str, raw: Any) -> core.Command:
        """One message judged: shape and signature, with the keys that hold now."""
        return contract.parse(name, raw, self.start.case_id, contract.keys_of(self.start, self.case, self.inbox), self.now())

    def tell(self, events: list[core.Event]) -> None:
        """Send what a clause demands, beside the loop; the history proves when. All else is the courier's."""
        self.send([one.key for one in core.notices(events, self.case, core.current(self.law, self.case)) if one.demanded])

    def send(self, keys: list[str]) -> None:
        """Start one `notify` for these keys; nothing waits for it but the end."""
        if keys:
            task = asyncio.create_task(self.notified(Telling(self.start.case_id, keys)))
            self.telling[task] = keys
            task.add_done_callback(self.telling.pop)

    async def notified(self, telling: Telling) -> None:
        """Local and quick, else regular for as long as it takes."""
        try:
            await workflow.execute_local_activity(NOTIFY, telling, result_type=list[str], **policies.NOTIFY_QUICK)
        except FailureError:
            await workflow.execute_activity(NOTIFY, telling, result_type=list[str], **policies.NOTIFY_PATIENT)

    def finished(self) -> bool:
        """Archived, and every notice on its way has arrived and is known to have; a message may still be waiting."""
        return self.case.archived and not self.telling and not core.unsent(self.case)

    def describe(self) -> None:
        """A line for the engine's own pages: no person, no text."""
        due = core.next_wake(self.case, self.law)
        workflow.set_current_details(f"**{self.case.phase}** {self.case.register_no} · v{self.case.version} · next {due.date() if due else '-'}")

    @workflow.query
    def state(self) -> dict[str, Any]:
        """The projection of the case as it stands."""
        return core.projection(self.case, self.law)

    @workflow.query
    def timeline(self) -> list[dict[str, Any]]:
        """Every clock of the case: start, due, state, clause."""
        return [
            {"key": c.key, "start": core.iso(c.start), "due_day": c.due_day, "overdue_at": core.iso(c.overdue_at), "state": c.state, "clause": list(c.clause)}
            for c in core.alarms(self.case, core.current(self.law, self.case))
        ]
