"""200 secrets in eight cases of two offices, and the people before whom every page is opened: what each may read is what the core's view and telling hold for them."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from api import drafts, old_lines, queries, queries_old, sealing, sessions, words
from api.follow import as_complainant, shown
from api.imports import service
from api.imports.guessing import guess
from api.office import plain
from api.receipts import index_of
from cli import library
from domain.core import reader_of, told, view
from tests.api.conftest import Desk

MARK, NUMBER = "龘靐", "139765"  # every secret begins with one of them: a page without them need not be searched for each
FACTS = {
    "kaiyang": {"ground": "g8", "matter": "办证", "reason": "态度", "window_no": "3", "business_time": "上午", "respondent_name": "某"},
    "community": {"accusation": True},
}
CHANNEL = {"kaiyang": "web", "community": "telephone"}
# office, who enters it, respondents, to which unit it is sent on: two accused units that handle, the clerk, a leader and the principal accused; accusations that the accused may not know of.
CASES = (
    ("kaiyang", "wang", {"person": "zhou", "unit": "tax"}, "tax"), ("kaiyang", "wang", {"person": "wu", "unit": "housing"}, "housing"), ("kaiyang", "zhao", {"person": "wang", "unit": "room"}, ""),
    ("kaiyang", "wang", {"person": "chen", "unit": "centre"}, ""), ("kaiyang", "wang", {"person": "lu", "unit": "centre"}, ""),
    ("community", "lin", {"person": "bao", "unit": "labour"}, ""), ("community", "qiao", {"person": "lin", "unit": "window"}, ""), ("community", "lin", {"person": "tao", "unit": "housing"}, ""),
)  # fmt: skip
IDENTITY, ADDRESSES, SENTENCES, MORE = ("name", "address", "work_unit", "telephone", "id_number"), 2, 13, 5
WORDS = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学"
USED: set[str] = set()
SEEDINGS = itertools.count(6)  # each has words and a register of its own: one that is known already is no new import


@dataclass
class Seed:
    """One case and what is secret in it."""

    office: str
    case: str
    receipt: str
    identity: list[str]
    original: list[str]
    later: list[str]
    number: str = ""

    @property
    def secrets(self) -> list[str]:
        return [*self.identity, *self.original, *self.later]


@dataclass
class Old:
    """One record of an old register and what is secret in it."""

    number: str
    identity: list[str]
    original: list[str]
    record: str = ""


@dataclass
class Seeded:
    """All of them, the records of an old register that was brought in, and the draft that one clerk has parked."""

    desk: Desk
    cases: list[Seed] = field(default_factory=list)
    old: list[Old] = field(default_factory=list)
    brought: str = ""
    parked: list[str] = field(default_factory=list)
    draft: str = ""

    @property
    def secrets(self) -> list[str]:
        return [*(secret for one in self.cases for secret in one.secrets), *(secret for row in self.old for secret in (*row.identity, *row.original)), *self.parked]

    @property
    def existence(self) -> list[str]:
        return [word for one in self.cases for word in (one.case, one.number) if word] + [word for row in self.old for word in (row.record, row.number)]

    async def allowed(self, office: str, person: str, follows: str = "") -> tuple[set[str], set[str]]:
        """The secrets, cases and numbers that the core opens to this person: to look at; and with a reason given."""
        read, opened = [], []
        here = self.desk.parts
        for one in self.cases:
            found = await queries.case_of(here.pool, one.case)
            assert found is not None
            if follows == one.case:
                mine = await as_complainant(here, follows)
                assert mine is not None
                read.append(json.dumps(shown(here, mine), ensure_ascii=False))
            if not person or office != one.office:
                continue
            law = (await here.laws.of(here.pool, [found]))[one.case]
            reader = reader_of(person, law)
            seen = view(found.case, reader, law)
            if seen is None:
                continue
            read.append(one.case + json.dumps(plain(words.opened(here.keys, [seen, told(found.events, found.case, reader, law)])), ensure_ascii=False))
            sealed = sealing.unseal(here.keys, str(seen["identity"])) if seen.get("identity") else {}
            opened += [json.dumps(sealed.get("identity", {}), ensure_ascii=False), str(sealed.get("text", "")) if "original" in seen else ""]
        for row in self.old if person and office == "kaiyang" else ():
            shown_, whole = await self._old(person, row)
            read.append(shown_)
            opened.append(whole)
        look = "".join(read)
        mine_ = set(self.parked) if (office, person) == ("kaiyang", "wang") else set()
        wanted = [*self.secrets, *self.existence]
        at_once = {one for one in wanted if one in look} | mine_
        return at_once, at_once | {one for one in wanted if one in "".join(opened)}

    async def _old(self, person: str, one: Old) -> tuple[str, str]:
        """A record as the view of its case would show it, and what a reason opens; '' where it is closed. Whoever may bring registers in knows the numbers of the one they brought."""
        here, law = self.desk.parts, self.desk.parts.laws.offices["kaiyang"]
        reader, row = reader_of(person, law), await queries_old.one(here.pool, "kaiyang", one.record)
        assert row is not None
        known = one.number if not service.IMPORTERS.isdisjoint(reader.roles) else ""
        found = old_lines.seen(row, reader, law)
        if found is None:
            return known, ""
        sealed = sealing.unseal(here.keys, row["sealed"]) if found.get("identity") and "original" in found else {}
        return known + json.dumps(plain(old_lines.whole(here.keys, row, found)), ensure_ascii=False), json.dumps(sealed, ensure_ascii=False)


async def seed(desk: Desk) -> Seeded:
    """File them, send them on, let the complainants say more, park a draft."""
    offices: Any = desk.parts.laws.offices
    offices["community"] = library.law(library.office("community")["office"]["rulebook"], "community")
    dice, made = random.Random(next(SEEDINGS)), Seeded(desk)
    for office, clerk, respondent, unit in CASES:
        made.cases.append(await _case(desk, dice, office, clerk, respondent, unit))
    await _bring(made, dice)
    made.parked = [_word(dice, 9) for _ in range(200 - len(made.secrets))] or [_word(dice, 9)]
    made.draft = await drafts.save(desk.pool, desk.parts.keys, "kaiyang", "wang", "/desk/new", {"channel": "telephone", "text": "。".join(made.parked)})
    return made


# Whom the rows of the old register accuse: a unit that handles, somebody of the office's own, nobody.
ACCUSED = ("示例·周窗口", "示例·王受理", "")
HEADINGS = ("编号", "收到时间", "投诉方式", "投诉人", "联系电话", "投诉内容", "被投诉人", "状态", "办结日期", "办理结果")


async def _bring(made: Seeded, dice: random.Random) -> None:
    """An old register of real secret rows, run: its records, and the import itself with its pages."""
    desk, out = made.desk, io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADINGS)
    for n, accused in enumerate(ACCUSED):
        one = Old(f"OLD{dice.randrange(10**8):08}", [_word(dice, 2), NUMBER + _digits(dice, 5)], [_word(dice, 9), _word(dice, 7)])
        made.old.append(one)
        rows.writerow((one.number, f"2024/03/0{n + 1}", "电话投诉", one.identity[0], one.identity[1], one.original[0], accused, "办结", "2024/04/01", one.original[1]))
    mapping = guess(HEADINGS, desk.parts.laws.offices["kaiyang"]).canonical().encode()  # said, for without one the office's last holds, and an earlier walk has sent nonsense
    parts = [("reason", (None, "旧册转入".encode())), ("mapping", (None, mapping)), ("files", ("登记册.csv", out.getvalue().encode("utf-8-sig")))]
    sent = await desk.http.post("/api/v1/imports", files=parts, headers={**desk.as_("wang", "kaiyang"), "Prefer": "wait=30"})
    assert sent.status_code == 201, sent.text
    assert sent.json()["rows"]["refused"] == 0, sent.text
    made.brought = str(sent.json()["id"])
    await desk.http.post(f"/api/v1/imports/{made.brought}/run", json={}, headers={**desk.as_("wang", "kaiyang"), "Prefer": "wait=30"})
    for _ in range(300):
        if (await desk.http.get(f"/api/v1/imports/{made.brought}", headers=desk.as_("wang", "kaiyang"))).json()["state"] == "done":
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("the old register was not brought in")
    for one in made.old:
        one.record = str(await desk.pool.fetchval("select id from old_records where number = $1", one.number))


async def _case(desk: Desk, dice: random.Random, office: str, clerk: str, respondent: dict[str, str], unit: str) -> Seed:
    identity = {"name": _word(dice, 2), "address": _word(dice, 8), "work_unit": _word(dice, 6), "telephone": NUMBER + _digits(dice, 5), "id_number": NUMBER + _digits(dice, 12)}
    original, later = [_word(dice, 10) for _ in range(SENTENCES)], [_word(dice, 10) for _ in range(MORE)]
    body = {"office": office, "channel": CHANNEL[office], "text": "。".join(["线索", *original]), "identity": identity, "facts": FACTS[office], "respondents": [respondent]}
    answer = await desk.http.post("/api/v1/complaints", json=body, headers={**desk.as_(clerk, office), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    one = Seed(office, found["case"], found["receipt"], list(identity.values()), original, later)
    await _act(desk, one, clerk, "note", text=f"{later[0]}。{later[1]}")
    for name, fields in _steps(unit, later[2]):
        done = await _act(desk, one, clerk, name, **fields)
        assert done.status_code == 200, (name, done.text)
    for wish, said in (("add", {"note": later[3]}), ("retaliation", {"text": later[4]})):
        headers = {"X-Receipt-Code": one.receipt, "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
        told_ = await desk.http.post(f"/api/v1/follow/{wish}", json={"fields": said}, headers=headers)
        assert told_.status_code == 200, (wish, told_.text)
    one.number = await desk.pool.fetchval("select register_no from cases where case_id = $1", one.case) or ""
    assert index_of(desk.parts.keys, one.receipt)
    return one


def _steps(unit: str, said: str) -> list[tuple[str, dict[str, Any]]]:
    """How a case comes to a unit; one that is to go nowhere is only noted."""
    if not unit:
        return [("note", {"text": said})]
    return [("do", {"duty": "contact", "note": said}), ("accept", {}), ("transfer", {"unit": unit, "excerpt": "请核实", "opinion": "请核实"})]


async def _act(desk: Desk, one: Seed, person: str, act: str, **fields: Any) -> Any:
    headers = {**desk.as_(person, one.office), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/complaints/{one.case}/acts/{act}", json={"fields": fields}, headers=headers)


def _word(dice: random.Random, n: int) -> str:
    """A word that nobody has yet, in this seeding or an earlier one: a secret has one owner."""
    while (word := MARK + "".join(dice.choice(WORDS) for _ in range(n))) in USED:
        pass
    USED.add(word)
    return word


def _digits(dice: random.Random, n: int) -> str:
    return "".join(dice.choice("0123456789") for _ in range(n))


async def cookie(desk: Desk, office: str, person: str, follows: str = "") -> str:
    """A session as if somebody had signed in, without the second that a password costs."""
    return await sessions.begin(desk.pool, office, person, follows)


def spread(rows: list[str], n: int, of: int) -> Iterator[str]:
    """Every `of`-th, from the n-th: all of them over `of` cases."""
    yield from rows[n::of]
