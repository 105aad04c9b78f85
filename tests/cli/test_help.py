"""Every command, option and argument says in Chinese and in English what it is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from cli.main import app

CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{2}")


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for word, part in getattr(command, "commands", {}).items():
        yield from commands(part, f"{name} {word}")


ALL = dict(commands(get_command(app), "huiyin"))


@pytest.mark.parametrize("name", ALL)
def test_help_in_both_languages(name: str) -> None:
    command = ALL[name]
    texts = {name: command.help or "", **{f"{name} {one.name}": getattr(one, "help", "") or "" for one in command.params if one.name != "help"}}
    assert [where for where, text in texts.items() if not (CHINESE.search(text) and ENGLISH.search(text))] == []


def test_the_commands_of_an_installation_are_there() -> None:
    wanted = {"up", "worker", "api", "doctor", "db migrate", "case list", "case show", "case why", "calendar add", "calendar list", "office check"}
    assert wanted <= {name.removeprefix("huiyin ") for name in ALL}
