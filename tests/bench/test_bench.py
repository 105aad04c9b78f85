"""The bench runs through, counts what it says, and refuses figures of cases that did not end. Nothing here is timed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.errors import Problem
from bench import __main__ as command
from bench import core, register, report
from bench.disk import fsync_ms, preloaded, slow_disk
from bench.lifecycle import Ours, Round, Theirs, Wrong, events, quantile, round_of
from bench.stand import stand, workers
from bench.textbook import ACTS
from cli import library

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_both_sides_end_their_cases_and_events_are_counted() -> None:
    async with stand() as here, workers(here) as procs:
        for side, name in ((Ours(here), "ours"), (Theirs(here), "textbook"), (Theirs(here, kept=True), "textbook")):
            one = await round_of(side.case, 2, procs[name], f"{name}{getattr(side, 'kept', '')}")
            assert await side.closed(one.ids) == 2
            assert len(one.waits) == 2 * len(ACTS)
            assert await side.closed([*one.ids, f"{one.ids[0]}x"]) == 2  # one that was never started is not counted
            counted = await events(here, one.ids[0])
            assert counted <= 30 if name == "ours" else counted >= 54


async def test_a_refused_act_makes_the_run_void() -> None:
    async with stand() as here, workers(here, textbook=False):
        ours = Ours(here)
        ours.law = library.law("district-e-supervision", "district")  # its forms are others, so the filing is refused
        with pytest.raises((Wrong, Problem), match="not|missing|unknown|closed|invalid"):
            await ours.case("refused-1")


@pytest.mark.skipif(sys.platform != "linux", reason="preloading as Linux does it")
def test_the_slow_disk_is_preloaded(tmp_path: Path) -> None:
    env = slow_disk(tmp_path, 1)
    if env is None:
        pytest.skip("no C compiler")
    code = "from pathlib import Path; print('slow_disk' in Path('/proc/self/maps').read_text())"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert not preloaded(os.getpid())


def test_figures_are_written_without_names_of_this_machine(tmp_path: Path) -> None:
    rounds = [Round(2, 1.0, [0.01, 0.03], 20.0, ["a"]), Round(2, 2.0, [0.02, 0.05], 22.0, ["b"])]
    table = report.lifecycle("t", rounds, list(reversed(rounds)), (29, 54), (14_000, 6_000), fsync_ms(tmp_path))
    assert table.lines[0] == "lifecycle ratio: 1.00 (ours 1.5/s, textbook 1.5/s), events 29 against 54"
    assert quantile([0.01, 0.02, 0.03, 0.05], 0.5) == pytest.approx(30)
    report.write(tmp_path / "page.md", [table, report.core(core.Told(10, 5.0, 7.0), {"kaiyang-one-window": 3.0}, (0.2, 0.3))])
    page = (tmp_path / "page.md").read_text("utf-8")
    assert "| ours 回音 | 1.50 (1.00–2.00) |" in page
    assert str(Path.home()) not in page
    assert str(command.__file__).rsplit("/", 2)[0] not in page


def test_stories_are_told_and_checked() -> None:
    told = core.told(0)
    assert told.count > 600
    assert min(told.checked, told.bare) > 0


def test_every_book_is_loaded_and_a_year_of_entries_counted() -> None:
    assert sorted(core.loaded()) == library.books()
    assert min(core.year_of_entries(400)) > 0


def test_the_command_line_has_its_sizes() -> None:
    given = command.options(["--cases", "3", "--rounds", "1", "--write"])
    assert (given.cases, given.rounds, given.write) == (3, 1, True)


async def test_the_register_is_filled_and_every_ask_of_it_answered() -> None:
    async with register.shelf(400) as (http, parts, asked, url, phones):
        taken = await register.measure(http, register.asks(parts, phones, 400), 2)
        assert {len(times) for times in taken.values()} == {2}
        assert len(asked.queries) > 20
        board = (await http.get("/api/v1/board", headers={"Authorization": f"Bearer {parts.tokens.issue('lu', 'kaiyang')}"})).json()
        assert 0 < board["total"] < 100
        asked.queries = {"select count(*) from events where body like '%x'": ()}
        assert (await asked.whole(url))[0].startswith("events: select"), "a plan that reads a whole table is found"
    shown = register.table(taken, ["q"], 9, 400)
    assert "9 queries explained, 1 of them read a whole table" in shown.lines[1]
    slow = {name: [1.0, 1.0] for name in taken}
    assert register.missed(slow) == ["0.0% of loads under 100 ms", "candidates: p95 1000 ms"]
    assert register.missed({name: [0.01] for name in taken}) == []
