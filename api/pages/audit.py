"""An auditor's page of a case: each event with clause, actor, who entered it and when; and the replay, run as the command that anybody could run."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import words
from api.errors import Problem
from api.office import parts, plain, seen
from api.pages.case import gists
from api.pages.render import page
from api.pages.visitor import Visitor, visitor
from api.sealed import log
from domain.core import current, law_hash

router = APIRouter(include_in_schema=False)
LONGEST = 120.0  # seconds of one replay
ONE = asyncio.Semaphore(1)  # a replay takes a core: one at a time for all auditors
VERDICTS = {0: "sound", 1: "differs"}


@dataclass(frozen=True)
class Verdict:
    """What a replay found: sound, differs, or unchecked; and every line that it printed."""

    word: str
    lines: list[str]


@router.get("/audit/{case_id}")
async def audit(case_id: str, request: Request) -> HTMLResponse:
    """The timeline with the rulebook beside it, and a button that replays."""
    return await _shown(request, case_id, await _auditor(request), None)


@router.post("/audit/{case_id}")
async def replay(case_id: str, request: Request) -> HTMLResponse:
    """Replay now: history through the workflow code, events through the core, both against the record; logged."""
    who = await _auditor(request)
    found = await seen(request, case_id, who.caller)
    await log(parts(request), who.caller, "replay", found.case.id, "audit")
    async with ONE:
        verdict = await replayed(found.case.id)
    return await _shown(request, case_id, who, verdict)


async def replayed(case_id: str) -> Verdict:
    """What `huiyin audit replay` says of a case, in its own process: the API's stays quick."""
    command = Path(sys.executable).with_name("huiyin")
    process = await asyncio.create_subprocess_exec(str(command), "audit", "replay", case_id, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        out, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    except TimeoutError:
        process.kill()
        await process.wait()
        return Verdict("unchecked", [f"> {LONGEST:.0f} s"])
    return Verdict(VERDICTS.get(process.returncode or 0, "unchecked"), [line for line in out.decode(errors="replace").splitlines() if line.strip()])


async def _auditor(request: Request) -> Visitor:
    who = await visitor(request)
    if "auditor" not in who.roles:
        raise Problem("not_your_act")
    return who


async def _shown(request: Request, case_id: str, who: Visitor, verdict: Verdict | None) -> HTMLResponse:
    here = parts(request)
    found = await seen(request, case_id, who.caller)
    return page(
        request, "audit.html", who, law=current(found.law, found.case), case=plain(found.shown), events=plain(words.opened(here.keys, found.told())), gists=gists(found),
        verdict=verdict, book=found.law.table("book"), law_sha=law_hash(found.law), head=found.case.chain_head, version=found.case.version,
    )  # fmt: skip
