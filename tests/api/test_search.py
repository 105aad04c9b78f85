"""Search finds what this very reader is shown, and nothing by what they are not: for every office and reader, term by term."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import queries_index, queries_search, searching, words
from api.errors import Problem
from api.grams import RUNS, bare, grams, plain
from api.queries_search import MANY
from api.wanted import Wanted
from domain.core import Reader, told, view
from domain.views import closes
from domain.words import CLOSED, NUMBER, OPEN, STAFF, levels_of, said, words_of
from tests.api import shelves
from tests.api.shelves import Shelf
from tests.workflows.conftest import database as _database

pytestmark = pytest.mark.database
database = _database
LONG = 4


@pytest.fixture(scope="module")
async def shelf(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with shelves.shelf(database, tmp_path_factory.mktemp("keys")) as one:
        while await one.here.index.fresh(one.pool, one.here.laws):
            pass
        yield one


def levels(shelf: Shelf, office: str) -> dict[str, tuple[dict[str, list[str]], list[dict[str, Any]]]]:
    """The words of each case by level, opened, and the rules that close them."""
    found = {}
    for case in shelf.cases[office]:
        read = words_of(case, shelf.events[case.id], shelf.laws[office])
        found[case.id] = ({level: [str(words.opened(shelf.here.keys, text)) for text in texts] for level, texts in read.levels.items()}, read.closed)
    return found


def terms(known: dict[str, tuple[dict[str, list[str]], list[dict[str, Any]]]], chance: random.Random) -> list[str]:
    """Terms out of each level, one of two characters and one longer."""
    found = []
    for level in (OPEN, STAFF, CLOSED):
        runs = sorted({run for texts, _ in known.values() for text in texts.get(level, ()) for run in RUNS.findall(plain(text)) if len(run) >= LONG and not run.isascii()})
        if runs:
            text = chance.choice(runs)
            at = chance.randrange(len(text) - LONG + 1)
            found += [part for part in (text[at : at + 2], text[at : at + LONG]) if grams(part)]
    return found


def sorts(shelf: Shelf, office: str, chance: random.Random) -> list[Reader]:
    """One reader of each sort that an office has: by role, and complained of or not."""
    accused = {who for case in shelf.cases[office] for row in case.attrs.get("respondents", ()) for who in (row.get("person"), f"unit:{row.get('unit')}")}
    found: dict[tuple[Any, ...], Reader] = {}
    for one in chance.sample(shelf.readers(office), len(shelf.readers(office))):
        found.setdefault((one.outside, one.role == "admin", one.looks_over, one.names.isdisjoint(accused)), one)
    return list(found.values())


async def hits(shelf: Shelf, office: str, one: Reader, term: str) -> tuple[set[str], int]:
    """What a reader gets, page by page, and the total said."""
    got, cursor, total = list[str](), "", 0
    for _ in range(100):
        page = await searching.page(shelf.here, office, one, Wanted(words=term), cursor, 7)
        got += [item["id"] for item in page.items]
        assert all(item["hits"] for item in page.items)
        total, cursor = page.total, page.next
        if not cursor:
            break
    assert len(got) == len(set(got))
    return set(got), total


async def test_each_reader_finds_what_they_are_shown_and_nothing_else(shelf: Shelf) -> None:
    chance, sound, complete, kept = random.Random(7), 0, 0, 0
    for office in shelf.cases:
        law, known = shelf.laws[office], levels(shelf, office)
        wanted = terms(known, chance)
        for one in sorts(shelf, office, chance):
            shown = {case.id: seen for case in shelf.cases[office] if (seen := view(case, one, law)) is not None}
            open_words = {
                case.id: {bare(text) for text in said(words.opened(shelf.here.keys, shown[case.id]), words.opened(shelf.here.keys, told(shelf.events[case.id], case, one, law)), law)}
                for case in shelf.cases[office] if case.id in shown
            }  # fmt: skip
            may = levels_of(one)
            for term in wanted:
                raw = await raw_hits(shelf, office, one, term)
                if len(term) == 2:
                    wrong = {case for case in raw if not any(term in text for text in open_words.get(case, ()))}
                    assert wrong == set(), f"{office} {one.person} finds by {term} what they are not shown: {wrong}"
                    sound += len(raw)
                allowed = {
                    case for case in shown for level, texts in known[case][0].items()
                    if level in may and not any(closes(rule, one.names) and set(may[level]) & set(rule["hide"]) for rule in known[case][1]) and any(term in bare(text) for text in texts)
                }  # fmt: skip
                got, total = await hits(shelf, office, one, term)
                assert got == allowed, f"{office} {one.person} {term}: too many {got - allowed}, too few {allowed - got}"
                assert total == len(got) if total >= 0 else len(got) > MANY and len(term) > 2
                complete += len(got)
                kept += len({case for case, (levels, _) in known.items() for texts in levels.values() if any(term in bare(text) for text in texts)} - got)
    assert sound > 300
    assert complete > 500
    assert kept > 500, "there is something to keep from somebody"


async def raw_hits(shelf: Shelf, office: str, one: Reader, term: str) -> set[str]:
    """What the index alone answers, before a hit is held against the view."""
    asked = await searching.levels_for(shelf.here, office, one, searching.terms_of(term))
    page = await queries_search.in_register(shelf.pool, office, one, {}, asked, 200)
    return {row["case_id"] for row in page.rows}


async def test_the_index_holds_no_text_and_ends_with_its_key(shelf: Shelf) -> None:
    for table in ("register", "register_words"):
        for row in await shelf.pool.fetch(f"select * from {table} limit 400"):
            assert "示例·投诉人" not in str(row)
    assert await shelf.pool.fetchval("select count(*) from register_words where tokens::text ~ '[^0-9,{}-]'") == 0
    office = "list-kaiyang"
    one = next(one for one in shelf.readers(office) if one.looks_over)
    sealed = next(text for texts, _ in levels(shelf, office).values() for text in texts[CLOSED] if len(bare(text)) >= LONG)
    term = bare(sealed)[:2]
    before, _ = await hits(shelf, office, one, term)
    assert before
    files = {path: path.read_bytes() for path in (shelf.here.keys.folder / "seals").glob("list-kaiyang*")}
    try:
        for path in files:
            path.write_bytes(b"")
        after, _ = await hits(shelf, office, one, term)
    finally:
        for path, held in files.items():
            path.write_bytes(held)
    assert after < before, "what was sealed under a destroyed key is found by nobody"


async def test_what_is_looked_for_is_said_plainly(shelf: Shelf) -> None:
    office = "list-kaiyang"
    one = next(one for one in shelf.readers(office) if one.looks_over)
    case = next(case for case in shelf.cases[office] if case.register_no not in ("", "#"))
    by_number, _ = await hits(shelf, office, one, case.register_no)
    assert case.id in by_number
    both, _ = await hits(shelf, office, one, "税务 态度")
    alone, _ = await hits(shelf, office, one, "税务")
    assert both < alone
    wide, _ = await hits(shelf, office, one, "３号")
    narrow, _ = await hits(shelf, office, one, "3号")
    assert wide == narrow != set()
    for short in ("税", "?", "a b c d e f", " "):
        with pytest.raises(Problem):
            searching.terms_of(short)
    assert NUMBER in levels_of(one)


class Everywhere(dict[int, float]):
    """Statistics of a register in which every word stands in most cases."""

    def get(self, key: int, default: float = 0.0) -> float:  # type: ignore[override]
        return 1e9


async def test_both_ways_of_looking_answer_alike(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A common word is looked for through the newest cases, another in the index: the same pages and counts, also where the first way ends early."""
    chance, office, ways = random.Random(11), "list-kaiyang", dict[str, int]()
    nearest = queries_search._nearest

    async def counted(*args: Any) -> Any:
        page = await nearest(*args)
        name = "in doubt" if page is None else "sure"
        ways[name] = ways.get(name, 0) + 1
        return page

    monkeypatch.setattr(queries_search, "_nearest", counted)
    wanted = [*chance.sample(terms(levels(shelf, office), chance), 3), "税务", "态度 窗口"]
    for one in sorts(shelf, office, chance):
        for term in wanted:
            for filters in ({}, {"overdue": False, "channel": "telephone"}):
                asked = Wanted(words=term, filters=filters)
                for common, near in (({}, 5000), (Everywhere({0: 1.0}), 5000), (Everywhere({0: 1.0}), 6)):
                    monkeypatch.setattr(queries_search, "NEAR", near)
                    shelf.here.index.common, shelf.here.index.counted = {"register_words": common}, float("inf")
                    pages, cursor = list[Any](), ""
                    for _ in range(40):
                        page = await searching.page(shelf.here, office, one, asked, cursor, 7)
                        pages.append((page.total, [item["id"] for item in page.items], bool(page.previous)))
                        if not page.next:
                            break
                        cursor = page.next
                    if len(pages) > 1:
                        back = await searching.page(shelf.here, office, one, asked, page.previous, 7)
                        assert [item["id"] for item in back.items] == pages[-2][1]
                    if not common:
                        plain_pages = pages
                    assert pages == plain_pages, f"{one.person} {term} {filters} near {near}"
    assert ways["sure"] > 40
    assert ways["in doubt"] > 10


async def test_the_record_says_which_words_are_common(shelf: Shelf) -> None:
    await shelf.pool.execute("analyze register_words")
    common, cases = await queries_index.common(shelf.pool, "register_words"), await shelf.pool.fetchval("select count(*) from register_words")
    assert common
    for number, said_of in sorted(common.items(), key=lambda one: -one[1])[:20]:
        there = await shelf.pool.fetchval("select count(*) from register_words where tokens @> array[$1::bigint]", number)
        assert abs(there - said_of) <= 1, "few cases are all sampled"
        assert there <= cases
    assert queries_search.expected([[([1, 2], ()), ([3], ())], [([4], ())]], {1: 50.0, 2: 20.0, 3: 30.0, 4: 40.0}) == 30.0
    assert queries_search.expected([[([1, 2], ())]], {1: 50.0}) == 0.0


async def test_too_many_are_said_to_be_more_than_a_thousand(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    office = "list-kaiyang"
    one = next(one for one in shelf.readers(office) if one.looks_over)
    got, total = await hits(shelf, office, one, "税务")
    assert total == len(got)
    monkeypatch.setattr(searching, "MOST", len(got) - 1)
    above = await searching.page(shelf.here, office, one, Wanted(words="税务"))
    assert (above.total, above.above) == (-1, len(got) - 1)
    assert not above.at_most
    monkeypatch.setattr(searching, "MOST", len(got))
    exactly = await searching.page(shelf.here, office, one, Wanted(words="税务"))
    assert (exactly.total, exactly.above, exactly.at_most) == (len(got), 0, 0)


async def test_of_a_long_word_it_is_said_how_many_there_are_at_most(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    office, chance = "list-kaiyang", random.Random(5)
    one = next(one for one in shelf.readers(office) if one.looks_over)
    long = [term for term in terms(levels(shelf, office), chance) if len(term) == LONG]
    monkeypatch.setattr(searching, "MANY", 0)
    for term in long:
        got, total = await hits(shelf, office, one, term)
        page = await searching.page(shelf.here, office, one, Wanted(words=term), "", 7)
        assert (total, page.above) == (-1, 0)
        assert len(got) <= page.at_most <= 1000
    assert long


async def test_a_stand_in_finds_what_the_absent_is_shown_and_counts_it(shelf: Shelf) -> None:
    chance, found = random.Random(3), 0
    for office in list(shelf.cases)[:12]:
        law, wanted = shelf.laws[office], terms(levels(shelf, office), chance)
        for one in shelf.stand_ins(office, every=40):
            for term in wanted:
                got, total = await hits(shelf, office, one, term)
                shown = {case.id: seen for case in shelf.cases[office] if (seen := view(case, one, law)) is not None}
                assert got <= set(shown), f"{office} {one.person} for {one.acts_as} by {term}"
                assert total in (len(got), -1)
                found += len(got)
    assert found > 100
