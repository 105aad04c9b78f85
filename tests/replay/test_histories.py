"""Replay gate: histories that released code wrote still replay with today's. They are added to, never regenerated (docs: patched)."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.converter import CodecKeys
from workflows.plugin import plugin

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))
KEYS = CodecKeys({"k1": b"1" * 32, "k0": b"0" * 32}, "k1")  # keys of the tests; the cases are made up


def test_there_are_histories() -> None:
    assert HISTORIES


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_history_replays(path: Path) -> None:
    kept = json.loads(path.read_text())
    history = WorkflowHistory.from_json(kept["workflow_id"], kept["history"])
    await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(history)
