"""Tells a story to the engine: each act at its own instant, time skipped in between; then holds the record against the core.

The demo and the tests tell in this one way. It needs an engine with time skipping and a worker under the story clock.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from api.answers import Answers
from domain import stories
from domain.core import Command, Event, Law, canonical, grace_of, law_value
from domain.workdays import ZONE
from workflows import attributes, contract, policies
from workflows.batches import number_ask
from workflows.complaint import ComplaintWorkflow

NEAR = timedelta(milliseconds=20)  # a case so close to an instant has reached it


@dataclass
class Teller:
    """One installation and its signing key: the ways to begin a case, act on it and let its time pass."""

    client: Client
    pool: asyncpg.Pool
    key_id: str
    key: Ed25519PrivateKey
    public: str
    skipper: TimeSkipper = field(init=False)
    answers: Answers = field(init=False)
    further: Mapping[str, str] = field(default_factory=dict, kw_only=True)  # public keys of others who may sign, the system's

    def __post_init__(self) -> None:
        self.skipper = TimeSkipper(self.client, config=TimeSkippingConfig(enabled=False))
        self.answers = Answers(self.pool)

    def start_of(self, case_id: str, law: Law, book: str, first: list[Command], at: datetime, office: str = "") -> contract.Start:
        """A start input whose case believes it is `at` now."""
        offset = (at - datetime.now(ZONE)).total_seconds()
        inbox = [contract.sign(case_id, one, self.key_id, self.key) for one in first]
        return contract.Start(case_id, office or law.office["office"]["id"], book, law_value(law), {self.key_id: self.public, **self.further}, inbox, offset)

    async def open(self, start: contract.Start) -> WorkflowHandle[Any, Any]:
        """Start a case; its time stands where the wall clock puts it until it is fast-forwarded."""
        return await self.skipper.client.start_workflow(
            ComplaintWorkflow.run, start, id=start.case_id, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
            search_attributes=attributes.at_start(start.office, start.book), static_summary=start.book,
        )  # fmt: skip

    async def send(self, handle: WorkflowHandle[Any, Any], command: Command) -> None:
        """An act as its signed signal."""
        await handle.signal(command.act, contract.sign(handle.id, command, self.key_id, self.key))

    async def answer(self, case_id: str, command_id: str, seconds: float = 60) -> asyncpg.Record:
        """The outcome of a command, when the record has it; ids of commands are unique. Raises TimeoutError."""
        row = await self.answers.wait(command_id, seconds)
        if row is None or row["case_id"] != case_id:
            raise TimeoutError(f"{case_id}: 没有等到答复 no answer to {command_id}")
        return row

    async def bodies(self, case_id: str) -> list[str]:
        """The stored events, as canonical text."""
        return [row["body"] for row in await self.pool.fetch("select body from events where case_id = $1 order by seq", case_id)]

    async def events(self, case_id: str) -> list[Event]:
        """The stored events."""
        return [_event(body) for body in await self.bodies(case_id)]

    async def pass_to(self, handle: WorkflowHandle[Any, Any], at: datetime, offset: float) -> None:
        """Let the case's own time run to `at` (story time); nothing when it is there already."""
        shown = await self.skipper.get_time_skipping_info(handle)
        now = shown.current_time.ToDatetime(tzinfo=ZONE) if shown and shown.HasField("current_time") else datetime.now(ZONE)
        left = at - (now.astimezone(ZONE) + timedelta(seconds=offset))
        if left > NEAR:
            await self.skipper.fast_forward(handle, left)

    async def tell(self, story: Mapping[str, Any], law: Law, office: str = "", until: datetime | None = None) -> WorkflowHandle[Any, Any]:
        """Run the story's acts and let its time pass to its end, and to `until`; the case may stay open. `office` = another number series."""
        name = case_of(story)
        acts = stories.commands(story)
        start = self.start_of(name, law, story["rulebook"], acts[:1], acts[0].received_at, office)
        handle = await self.open(start)
        await self.answer(name, acts[0].id)
        for command in acts[1:]:
            await self.pass_to(handle, min(command.received_at, command.entered_at), start.clock_offset)
            await self.send(handle, command)
            await self.answer(name, command.id)
        if await self.pool.fetchval("select phase from cases where case_id = $1", name) != "archived":
            await self.pass_to(handle, max([*instants(story), *([until] if until else [])]) + grace_of(name), start.clock_offset)
        return handle

    async def told(self, story: Mapping[str, Any], law: Law, office: str = "", until: datetime | None = None) -> "Told":
        """Tell it, then compare: hand-written expectations, core and record. Raises TimeoutError where the record stays silent."""
        handle = await self.tell(story, law, office, until)
        core = stories.run(story, law, await self.number(handle.id, law), alone=True)
        if until:
            stories.pass_time(core, until)
        stored = await self.stored(handle.id, core.case.chain_head)
        wrong = [*core.failures, *differences(stored, [canonical(event) for event in core.events])]
        return Told(handle, core, [_event(body) for body in stored], wrong)

    async def number(self, case_id: str, law: Law) -> int:
        """The running number that the register gave this case, 1 where it has none."""
        registered = next((event for event in map(_event, await self.bodies(case_id)) if event.kind == "registered"), None)
        if registered is None:
            return 1
        attrs = registered.data["patch"]["attrs"]
        asked = {**attrs, "register_pattern": law.office["office"]["number"]}
        ask = number_ask(replace(registered, data={"patch": {"attrs": asked}}), "")
        return int(attrs["register_no"].removeprefix(ask["prefix"]).removesuffix(ask["suffix"]))

    async def stored(self, case_id: str, head: str, seconds: float = 20) -> list[str]:
        """The stored events; waits while the last alarm's record may still be on its way."""
        for _ in range(int(seconds / 0.05)):
            if await self.pool.fetchval("select chain_head from cases where case_id = $1", case_id) == head:
                break
            await asyncio.sleep(0.05)
        return await self.bodies(case_id)


@dataclass(frozen=True)
class Told:
    """A story as the engine ran it: the stored events, the core's run, and what differs between them."""

    handle: WorkflowHandle[Any, Any]
    core: stories.Run
    events: list[Event]
    differences: list[str]


def case_of(story: Mapping[str, Any]) -> str:
    """The id of a story's case: its name, a variant after a dot, so that it can stand in an address as it is."""
    return str(story["story"]).replace("#", ".")


def instants(story: Mapping[str, Any]) -> list[datetime]:
    """Every instant to which the core let time pass, the acts' among them."""
    texts = [one["at"] for part in ("act", "expect") for one in story.get(part, ()) if "at" in one]
    return [stories.when(text) for text in (*texts, *([story["until"]] if story.get("until") else []))]


def differences(stored: list[str], core: list[str]) -> list[str]:
    """What one side has and the other has not; else the first event that differs byte for byte."""
    ours, theirs = [_short(body) for body in stored], [_short(body) for body in core]
    if ours != theirs:
        return [f"只在引擎 only engine: {one}" for one in ours if one not in theirs] + [f"只在核心 only core: {one}" for one in theirs if one not in ours] or ["次序不同 another order"]
    return [f"引擎 engine {a}\n核心 core   {b}" for a, b in zip(stored, core, strict=True) if a != b][:1]


def _event(body: str) -> Event:
    return Event.load(json.loads(body))


def _short(body: str) -> tuple[str, str, str]:
    event = _event(body)
    return event.kind, event.subject, str(event.at)
