"""A ledger as a workflow: take entries and acts, let the core decide, record, tell the cases, wait for the next date. One per office and book."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.types import LEDGER_LOAD, LEDGER_RECORD, LEDGER_TELL, OPEN_CASE, LedgerBatch, LedgerSend, LedgerStored, OtherCase
    from domain import ledger as core
    from domain.case import Case, Command, Event, canonical, fold, iso
    from domain.ledger_notices import ledger_notices
    from domain.ledger_periods import period_of
    from domain.other_case import filing
    from domain.revising import are_keys
    from domain.workdays import ZONE
    from workflows import contract, policies
    from workflows.batches import notice_row
    from workflows.contract import LedgerStart
    from workflows.laws import bound

ENTRIES, LAW = "entries", contract.LAW
SNAPSHOT = 200  # events between two states in the record: a ledger that was ended begins again from there


@workflow.defn(name=contract.LEDGER)
class LedgerWorkflow:
    """What looks across the cases of one office under one book; it continues as new with each month."""

    @workflow.init
    def __init__(self, start: LedgerStart) -> None:
        self.start, (self.law, self.law_hash) = start, bound(start.law)
        self.ledger = core.load(start.state) if start.state else core.new(start.office, start.book)
        self.inbox = [Command.load(one) for one in start.inbox]
        self.kept = self.ledger.version  # of the last state in the record
        self.month = ""
        self.to_open: list[OtherCase] = []  # cases that the ledger opens and that are not known to have begun

    @workflow.signal(dynamic=True)
    def act(self, name: str, args: Sequence[RawValue]) -> None:
        """Everything comes in here and only queues; what cannot be read or is not signed becomes a refusal."""
        try:
            raw = workflow.payload_converter().from_payload(args[0].payload)
        except Exception:  # noqa: BLE001 - a converter may raise anything on a payload of others
            raw = None
        command = contract.parse(name, raw, self.ledger.id, self.start.keys, self.now())
        if command.act == contract.KEYS and not command.flaw and command.actor == "system" and are_keys(command.fields.get("value")):
            self.start = replace(self.start, keys={**self.start.keys, **command.fields["value"]})  # at once: the act behind it is signed with a new one
        elif command.act == ENTRIES and not command.flaw and command.actor == "system":
            self.inbox += [core.entry_command(one, command.received_at) for one in command.fields["entries"]]
        else:
            self.inbox.append(command)

    @workflow.run
    async def run(self, start: LedgerStart) -> None:
        """For ever; a fresh run first reads what an earlier one, ended by somebody, has left in the record."""
        if start.state is None:
            await self.take_over()
        self.month = period_of("month", self.now().date()).label
        while True:
            taken = self.inbox[: policies.AT_ONCE]
            commands = [one for one in taken if not self.revised(one)]
            if not self.ledger.about and not commands:
                commands = [Command(core.OPEN, core.OPEN, {}, self.now(), self.now(), "system")]
            after, events = core.take(self.ledger, commands, self.now(), self.law)
            if events or taken:
                if not await self.recorded(after, events, commands):
                    continue
                del self.inbox[: len(taken)]
            else:
                self.ledger = after
                await self.told()
                if not await self.others_opened():
                    await self.waited()
            if self.to_open:
                continue
            if workflow.info().is_continue_as_new_suggested() or period_of("month", self.now().date()).label != self.month:
                pruned = core.pruned(self.ledger, self.law, self.now())
                workflow.continue_as_new(replace(self.start, state=pruned.dump(), inbox=[one.dump() for one in self.inbox]))

    async def take_over(self) -> None:
        """The state in the record and the events after it; nothing where there was none."""
        row = await workflow.execute_activity(LEDGER_LOAD, self.ledger.id, result_type=LedgerStored, **policies.PATIENT)
        if row.state:
            self.ledger = core.load(row.state)
        self.adopt(row.stored)
        self.kept = self.ledger.version

    def adopt(self, stored: list[str]) -> None:
        """Fold what the record has; a case that it opened may not have begun yet, and twice is once."""
        for text in stored:
            event = Event.load(json.loads(text))
            fold(self.ledger, event)
            self.opens(event)

    def opens(self, event: Event) -> None:
        """Note the case that an event opens."""
        command = filing(event)
        if command is not None:
            self.to_open.append(OtherCase(command.id.removesuffix(":file"), self.start.office, self.start.book, self.start.law, self.start.keys, command.dump()))

    async def others_opened(self) -> bool:
        """Begin the cases that the ledger opens; whether there were any."""
        were = bool(self.to_open)
        while self.to_open:
            await workflow.execute_activity(OPEN_CASE, self.to_open[0], **policies.PATIENT)
            self.to_open.pop(0)
        return were

    def revised(self, command: Command) -> bool:
        """A new edition of the office file, the book, the calendar or the keys: it holds from now on."""
        if command.act != LAW or command.actor != "system" or command.flaw:
            return False
        self.start = replace(self.start, law=command.fields["law"], keys={**self.start.keys, **command.fields.get("keys", {})})
        self.law, self.law_hash = bound(self.start.law)
        return True

    async def recorded(self, after: Case, events: list[Event], commands: list[Command]) -> bool:
        """Write the step; False when the record had other events after our version, which are then folded instead."""
        state = after.dump() if after.version - self.kept >= SNAPSHOT else None
        told = [notice_row(one) for one in ledger_notices(events, after.id, self.law)]
        rows = [{"seq": e.seq, "kind": e.kind, "at": iso(e.at), "actor": e.actor, "text": canonical(e)} for e in events]
        outcomes = [{"command_id": e.command_id, "code": e.data.get("code", "accepted"), "seq": e.seq} for e in events if e.command_id]
        taken = [one.id for one in commands if one.act == "entry"]
        batch = LedgerBatch(self.ledger.id, self.start.office, self.start.book, self.ledger.version, rows, outcomes, taken, state, told or None)
        row = await workflow.execute_activity(LEDGER_RECORD, batch, result_type=LedgerStored, **policies.PATIENT)
        if row.stored:
            self.ledger = self.ledger.copy()
            self.adopt(row.stored)
            return False
        for event in events:
            self.opens(event)
        self.ledger, self.kept = after, after.version if state else self.kept
        return True

    async def told(self) -> None:
        """Tell each case of the counts that it has completed; where it has ended, the ledger proposes instead."""
        for one in core.unsent(self.ledger):
            send = LedgerSend(one["case"], one["id"], one["act"], one["fields"])
            reached = await workflow.execute_activity(LEDGER_TELL, send, result_type=bool, **policies.PATIENT)
            act, now = ("delivered" if reached else "undelivered"), self.now()
            self.inbox.append(Command(f"{one['id']}:{act}", act, {"fired": one["fired"]}, now, now, "system"))

    async def waited(self) -> None:
        """Until something comes, the next date is there, or the month ends."""
        now = self.now()
        at = min(filter(None, (core.next_wake(self.ledger, self.law, now), period_of("month", now.date()).end)))
        timeout = max(at - now, timedelta(seconds=1)) + core.GRACE
        try:
            await workflow.wait_condition(lambda: bool(self.inbox), timeout=timeout, timeout_summary="next date")
        except TimeoutError:
            workflow.set_current_details(f"v{self.ledger.version}")

    def now(self) -> datetime:
        """The ledger's now at +08:00: the engine's, moved by a story's offset (0 outside stories)."""
        return (workflow.now() + timedelta(seconds=self.start.clock_offset)).astimezone(ZONE)

    @workflow.query
    def state(self) -> dict[str, Any]:
        """The ledger as it stands."""
        return self.ledger.dump()
