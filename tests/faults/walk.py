"""One complaint's way from filing to archive over HTTP, as its people go it; it can be stopped anywhere and goes on from there."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError

from cli import library
from domain.core import Case, Event, Law, fold, grace_of, law_load, law_value, next_wake
from tests.faults.invariants import Evidence, case_now, check
from tests.faults.mail import address
from tests.faults.site import GONE, OFFICE, PATIENCE, Site

LITTLE = timedelta(milliseconds=50)
ITEMS = ("facts", "evidence", "character", "treatment", "procedure", "formalities", "rectification")
FORMS = {"investigation_report": {"summary": "已核实经过"}, "fact_material": {"list": "登记表、谈话记录"}, "treatment_opinion": {"opinion": "批评并改正"}}
WAY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("accept", "wang", {}),
    ("register", "wang", {"forms": {"register": {"content": "窗口没有一次告知应补的材料"}}}),
    ("approve", "li", {"decision": "agree", "opinion": "转办"}),
    ("transfer", "li", {"unit": "land", "excerpt": "反映窗口办件问题，请核实处理"}),
    ("conclude", "liu", {"finding": "true", "report": "调查完毕", "forms": FORMS}),
    ("review", "li", {"items": dict.fromkeys(ITEMS, "yes")}),
    ("feedback", "liu", {"text": "已核实并改正，特此答复"}),
    ("document", "he", {"form": "spot_check", "fields": {"confirmed": "投诉人确认已收到", "means": "电话核实"}}),
    ("archive", "wang", {}),
)
FILING = {
    "office": OFFICE, "channel": "telephone", "text": "窗口没有一次告知应补的材料", "identity": {"name": "示例·投诉人", "telephone": "13800000000"},
    "facts": {"ground": "y5"}, "respondents": [{"person": "zhou", "unit": "land"}],
}  # fmt: skip


@dataclass
class Walk:
    """One case on its way, and the commands that were answered."""

    site: Site
    name: str
    case: str = ""
    done: int = 0
    answered: list[str] = field(default_factory=list)

    async def file(self, filing: dict[str, Any] | None = None) -> "Walk":
        """File it."""
        answer = await self.site.ask("POST", "/complaints", self.name, "wang", json=filing or FILING)
        assert answer.status_code == 201, answer.text
        self.case = answer.json()["case"]
        self.answered.append(f"{self.case}:file")
        return self

    async def next(self) -> httpx.Response:
        """The next act on the way, until it is answered."""
        act, person, fields = WAY[self.done]
        answer = await self.site.ask("POST", f"/complaints/{self.case}/acts/{act}", act, person, json={"fields": fields})
        assert answer.status_code == 200, f"{act}: {answer.text}"
        self.done += 1
        self.answered.append(answer.json()["command"])
        return answer

    async def to(self, act: str) -> "Walk":
        """All acts before that one."""
        while self.done < len(WAY) and WAY[self.done][0] != act:
            await self.next()
        return self

    async def finish(self) -> None:
        """To the end, and everything checked."""
        await self.to("")
        await self.check()

    async def check(self) -> None:
        """All invariants."""
        site = self.site
        evidence = Evidence(site.client, site.pool, site.codec, {self.case: self.answered}, site.mail.mails, lambda _, person: "" if person == "complainant" else address(person))
        await check(evidence, [self.case], rest=PATIENCE)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The case in the engine."""
        return self.site.client.get_workflow_handle(self.case)

    async def history(self) -> WorkflowHistory:
        """Its history, as soon as the engine answers."""
        while True:
            try:
                return await self.handle.fetch_history()
            except RPCError:
                await asyncio.sleep(0.1)

    async def folded(self) -> Case:
        """The case as the record has it, as soon as it answers."""
        while True:
            try:
                rows = await self.site.pool.fetch("select body from events where case_id = $1 order by seq", self.case)
            except GONE:
                await asyncio.sleep(0.1)
                continue
            case = Case.new(self.case, OFFICE, law().table("book")["id"])
            for row in rows:
                fold(case, Event.load(json.loads(row["body"])))
            return case

    async def ring(self) -> None:
        """Let its time pass to the next alarm and a little further; begins again when a part dies meanwhile."""
        until, before = time.monotonic() + PATIENCE, (await self.folded()).version
        while (case := await self.folded()).version == before:
            assert time.monotonic() < until, "the alarm never rang"
            wake = next_wake(case, law(), grace_of(self.case))
            assert wake is not None
            try:
                left = wake - await case_now(self.site.client, self.case, await self._offset())
                await asyncio.wait_for(self.site.skipper.fast_forward(self.handle, max(left, LITTLE)), 20)
            except (RPCError, TimeoutError, RuntimeError):
                await asyncio.sleep(0.2)

    async def _offset(self) -> float:
        payload = (await self.history()).events[0].workflow_execution_started_event_attributes.input.payloads[0]
        start = (await self.site.client.data_converter.decode([payload], [dict]))[0]
        return float(start["clock_offset"])


def law() -> Law:
    """The law that the installation's cases carry."""
    return law_load(law_value(library.law(library.office(OFFICE)["office"]["rulebook"], OFFICE)))
