"""Histories of a case outside the engine: fetched over the whole chain of runs, packed into one file, read back and checked.

The file is a function of the history alone (no time, no build), so whoever packs it again gets the same bytes. Payloads stay
sealed as the engine has them; each run's bytes stand in base64, so that `base64 -d | sha256sum` is all that checking needs.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from activities.files import Files

FORMAT = "huiyin-history-1"
CLOSED = ("completed", "failed", "timed_out", "canceled", "terminated", "continued_as_new")
PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}")


class BrokenFile(ValueError):
    """A history file that cannot be read, or whose runs are not what it says they are."""


async def fetched(client: Client, case_id: str) -> list[WorkflowHistory]:
    """Every run of a case that the engine still has, oldest first; raises RPCError (NOT_FOUND where it has none)."""
    runs: list[WorkflowHistory] = []
    run_id: str | None = None
    while True:
        try:
            history = await client.get_workflow_handle(case_id, run_id=run_id).fetch_history()
        except RPCError as wrong:
            if runs and wrong.status == RPCStatusCode.NOT_FOUND:
                return list(reversed(runs))  # the engine has let go of the older ones; `begins` says so
            raise
        runs.append(history)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run_id:
            return list(reversed(runs))


def begins(histories: Sequence[WorkflowHistory]) -> bool:
    """Whether the first run is the first of its chain."""
    return not histories[0].events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def ending(histories: Sequence[WorkflowHistory]) -> str:
    """How the last run ended ('completed' as a rule), '' while it is open."""
    name = str(histories[-1].events[-1].WhichOneof("attributes")).removeprefix("workflow_execution_").removesuffix("_event_attributes")
    return name if name in CLOSED else ""


def run_bytes(history: WorkflowHistory) -> bytes:
    """The bytes of one run that are hashed: equal over fetches."""
    return History(events=history.events).SerializeToString(deterministic=True)


def runs_of(histories: Sequence[WorkflowHistory]) -> list[dict[str, Any]]:
    """Run id, number of events and SHA-256 of each run."""
    return [{"run": one.run_id, "events": len(one.events), "sha256": hashlib.sha256(run_bytes(one)).hexdigest()} for one in histories]


def packed(case_id: str, histories: Sequence[WorkflowHistory]) -> bytes:
    """One file for all runs of a case."""
    runs = [{**row, "history": base64.b64encode(run_bytes(one)).decode()} for row, one in zip(runs_of(histories), histories, strict=True)]
    return json.dumps({"format": FORMAT, "case": case_id, "runs": runs}, sort_keys=True, indent=1).encode() + b"\n"


def unpacked(case_id: str, data: bytes) -> list[WorkflowHistory]:
    """The runs of a file, each held against its own SHA-256; a list of the engine's JSON is read as well. Raises BrokenFile."""
    try:
        value = json.loads(data)
        if isinstance(value, list):
            return [WorkflowHistory.from_json(case_id, run) for run in value]
        if value["format"] != FORMAT or value["case"] != case_id:
            raise BrokenFile(f"此文件属于 {value['case']} this file is of {value['case']} ({value['format']})")
        runs = [(row, base64.b64decode(row["history"], validate=True)) for row in value["runs"]]
        wrong = [row["run"] for row, content in runs if hashlib.sha256(content).hexdigest() != row["sha256"]]
        if wrong:
            raise BrokenFile(f"运行的 SHA-256 不符 SHA-256 of a run differs: {', '.join(map(str, wrong))}")
        histories = [WorkflowHistory(case_id, list(History.FromString(content).events)) for _, content in runs]
        if not all(one.events for one in histories) or not histories:
            raise BrokenFile("历史为空 the history is empty")
        return histories
    except (ValueError, KeyError, TypeError, AttributeError, DecodeError) as wrong_shape:
        if isinstance(wrong_shape, BrokenFile):
            raise
        raise BrokenFile(f"不是完整的历史文件 not a whole history file ({type(wrong_shape).__name__})") from None


def key_of(case_id: str) -> str:
    """The file's key: the case id (it says nothing about anybody), spread over 256 folders."""
    digest = hashlib.sha256(case_id.encode()).hexdigest()
    return f"histories/{digest[:2]}/{case_id if PLAIN.fullmatch(case_id) else digest}.json"


def link_of(case_id: str, run_id: str) -> str:
    """The key of one run that continued as a new one, kept before its case ends."""
    return f"{key_of(case_id).removesuffix('.json')}.run-{run_id}.json"


def linked(files: Files, case_id: str, histories: Sequence[WorkflowHistory]) -> list[WorkflowHistory]:
    """The chain with the older runs that the engine has let go of, as far as they were kept; raises BrokenFile, OSError."""
    chain = list(histories)
    while not begins(chain):
        before = chain[0].events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        try:
            chain = [*unpacked(case_id, files.get(link_of(case_id, before))), *chain]
        except FileNotFoundError:
            break
    return chain
