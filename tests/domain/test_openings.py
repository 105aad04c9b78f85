"""What a page offers: every act that a story's person did was offered to them just before, and nothing is offered by name that the rules refuse as an act."""

from __future__ import annotations

from typing import Any

import pytest

from cli import library
from domain.case import Case, Command
from domain.law import Law
from domain.machine import ring_until, step
from domain.openings import SYSTEMS, openings
from domain.stories import commands, single

STORIES = [story for _, story in library.stories() if single(story)]


def told(story: dict[str, Any], law: Law) -> list[tuple[Case, Command]]:
    """Each act that was accepted, with the case just before it, its alarms rung."""
    case, found = Case.new(story["story"], story["office"], story["rulebook"]), []
    for command in commands(story):
        ring_until(case, command.received_at, law)
        before = case.copy()
        case, events = step(case, [command], min(command.received_at, command.entered_at), law)
        if any(event.command_id == command.id and event.kind != "refused" for event in events):
            found.append((before, command))
    return found


@pytest.mark.parametrize("office", sorted({story["office"] for story in STORIES}))
def test_what_was_done_had_been_offered(office: str) -> None:
    closed = []
    for story in STORIES:
        if story["office"] == office:
            law = library.law(story["rulebook"], office)
            for case, command in told(story, law):
                if command.act not in SYSTEMS and command.actor != "system":
                    one = next(o for o in openings(case, command.actor, law, command.received_at) if o.act == command.act)
                    if not one.allowed:
                        closed.append((story["story"], command.act, command.actor, one.code, one.detail))
    assert closed == []
