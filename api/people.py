"""Who may change who is who in an office, and what of it stands: by the same rules as an office file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api import accounts
from api.errors import Problem
from api.office import Parts
from api.offices import Offices
from cli.office_findings import findings
from domain.core import Law
from domain.roster import applied, gone

ID = re.compile(r"[a-z][a-z0-9_-]{1,39}")
REASON = 2  # letters of a reason at least
FAR = timedelta(days=366)  # a substitute for longer is a change of posts
VALUES = {"added": ("name", "unit", "rank"), "posts": ("unit", "rank"), "left": ("successor",), "substitute": ("by", "from", "until"), "substitute_ended": ("by", "from")}  # beside posts
ENDS = frozenset({"posts", "left"})  # what ends a person's sessions: they come in anew, with what they now are


@dataclass(frozen=True)
class Wish:
    """A change that somebody asks for; `first` = the day from which it is valid (ISO)."""

    what: str
    person: str
    value: Any
    reason: str
    first: str


def wish_of(what: str, person: str, given: Mapping[str, Any], today: date) -> Wish:
    """A change out of what a form or a body gives: the values that this change takes, and the day it begins."""
    values: dict[str, Any] = {name: str(given.get(name, "")).strip() for name in VALUES.get(what, ())}
    if what in ("added", "posts"):
        posts, rank = given.get("posts", []), values.pop("rank")
        values |= {"posts": list(posts) if isinstance(posts, list) else [str(posts)], **({"rank": rank} if rank else {})}
    if what == "substitute_ended":
        values["on"] = today.isoformat()
    # A substitute is named today, for days of their own.
    return Wish(what, person, values, str(given.get("reason", "")), ("" if "from" in values else str(given.get("first", ""))) or today.isoformat())


async def change(here: Parts, law: Law, by: str, wish: Wish, *, admin: bool, today: date) -> None:
    """Make a change, in force at once or from its first day. Raises Problem: not_admin, own_posts, people_unfit, reason_missing and what the record raises when it is away."""
    office = str(law.office["office"]["id"])
    people, day = law.office.get("person", {}), today.isoformat()
    if len(wish.reason.strip()) < REASON:
        raise Problem("reason_missing")
    _may(wish, by, people, admin=admin)
    _fit(wish, law, today)
    plain = {"office": office, "what": wish.what, "person": wish.person, "value": wish.value, "reason": wish.reason.strip()[:2000], "by": by, "from": wish.first}

    def stands(whole: dict[str, Any]) -> None:
        earlier, written = here.people.roster.of(office), _written(here, law, office)
        last = max(wish.first, day)
        before, after = (set(findings(law.book, applied(written, rows, last))) for rows in (earlier, [*earlier, whole]))
        if worse := sorted(after - before):
            raise Problem("people_unfit", detail=worse)

    ends = wish.what in ENDS and wish.first <= day
    await here.people.enter(here.pool, plain, stands, ends=ends)
    if wish.what == "left" and wish.first <= day:
        await accounts.able(here.pool, office, wish.person, able=False, by=by, reason=wish.reason)


def _may(wish: Wish, by: str, people: Mapping[str, Any], *, admin: bool) -> None:
    """An administrator changes others; everybody names who acts for themselves. Nobody gives themselves anything."""
    if wish.what != "added" and (wish.person not in people or gone(people[wish.person])):
        raise Problem("person_unknown")
    if wish.what in ("substitute", "substitute_ended"):
        if wish.person != by and not admin:
            raise Problem("not_admin")
        if wish.what == "substitute" and wish.person != by and wish.value.get("by") == by:
            raise Problem("own_posts")
        return
    if not admin:
        raise Problem("not_admin")
    if wish.person == by or (wish.what == "left" and wish.value.get("successor") == by):
        raise Problem("own_posts")


def _fit(wish: Wish, law: Law, today: date) -> None:
    """What the form itself can get wrong."""
    first = _day(wish.first)
    people, day = law.office.get("person", {}), today.isoformat()
    wrong: list[str] = []
    if first is None or first < today:
        wrong.append("自何日起:应为今天或以后的日期 / from: today or later")
    if wish.what == "added":
        if not ID.fullmatch(wish.person) or wish.person in people:
            wrong.append("编号:小写字母开头,2至40个字母、数字,且尚无人使用 / id: lower-case letters and digits, begun by a letter, not in use")
        if not str(wish.value.get("name", "")).strip():
            wrong.append("姓名未填 / name is missing")
    if wish.what == "posts" and wish.first <= day and {"rank": "", **wish.value} == {name: people[wish.person].get(name, "") for name in ("posts", "unit", "rank")}:
        wrong.append("没有改动 / nothing is changed")
    if wish.what == "left" and (heir := wish.value.get("successor")) and (heir not in people or gone(people[heir]) or heir == wish.person):
        wrong.append("接任人:没有此人 / successor: no such person")
    if wish.what == "substitute":
        by, begin, end = wish.value.get("by", ""), _day(wish.value.get("from")), _day(wish.value.get("until"))
        if by not in people or gone(people.get(by, {})) or by == wish.person:
            wrong.append("代理人:请选本机构的另一人 / substitute: choose another person of this office")
        if begin is None or end is None or begin < today or end < begin or end - begin > FAR:
            wrong.append("起止:起日不早于今天,止日不早于起日,至多一年 / from today on, in order, at most a year")
        elif any((row["for"], row["by"]) == (wish.person, by) and row.get("from", "0") <= wish.value["until"] and row.get("until", "9") >= wish.value["from"] for row in law.office.get("substitute", ())):
            wrong.append("这几天已由此人代理 / this person acts for them on these days already")
    if wish.what == "substitute_ended" and not any(
        (row["for"], row["by"], row.get("from")) == (wish.person, wish.value["by"], wish.value["from"]) and row.get("until", "9") >= day for row in law.office.get("substitute", ())
    ):
        wrong.append("没有这次代理,或已结束 / no such substitute, or it has ended")
    if wrong:
        raise Problem("people_unfit", detail=wrong)


def _written(here: Parts, law: Law, office: str) -> Mapping[str, Any]:
    """The office file without any change of people."""
    laws = here.laws.offices
    return laws.written[office] if isinstance(laws, Offices) and office in laws.written else law.office


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def changes_of(here: Parts, office: str, person: str) -> list[dict[str, Any]]:
    """The changes of one person that this installation has signed, the newest first."""
    return [dict(one) for one in reversed(here.people.roster.of(office)) if one["person"] == person]


def substitutes_of(office: Mapping[str, Any], person: str, today: str) -> list[dict[str, Any]]:
    """Who stands in for a person, or for whom they do, today or later."""
    return [dict(one) for one in office.get("substitute", ()) if person in (one["for"], one["by"]) and one.get("until", "9") >= today]
