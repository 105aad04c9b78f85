"""Accounts as an administrator sees to them, from a page or by the API: never their own, and never without a reason."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from api import accounts
from api.errors import Problem
from api.office import Parts
from api.people import REASON
from domain.core import Law
from domain.roster import gone


async def password(here: Parts, law: Law, by: str, person: str, reason: str) -> str:
    """Give an account, or a new password to one that is there: the password, to be told once. Raises Problem person_unknown, own_posts, reason_missing."""
    why, row, made = _why(law, by, person, reason), _row(law, person), secrets.token_urlsafe(12)
    if gone(row):
        raise Problem("person_unknown")
    await accounts.give(here.pool, _office(law), person, made, by=by, reason=why)
    return made


def _able(*, able: bool) -> Callable[[Parts, Law, str, str, str], Awaitable[str]]:
    async def done(here: Parts, law: Law, by: str, person: str, reason: str) -> str:
        why, row = _why(law, by, person, reason), _row(law, person)
        if (able and gone(row)) or not await accounts.able(here.pool, _office(law), person, able=able, by=by, reason=why):
            raise Problem("person_unknown")
        await here.tokens.revoked.refresh(here.pool)  # here at once, elsewhere within a second
        return ""

    return done


DO: dict[str, Callable[[Parts, Law, str, str, str], Awaitable[str]]] = {"password": password, "disable": _able(able=False), "enable": _able(able=True)}


def _why(law: Law, by: str, person: str, reason: str) -> str:
    """Why an account of somebody else is touched; one's own stands on /me."""
    _row(law, person)
    if len(reason.strip()) < REASON:
        raise Problem("reason_missing")
    if person == by:
        raise Problem("own_posts")
    return reason.strip()[:2000]


def _row(law: Law, person: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = law.office.get("person", {}).get(person)
    if row is None:
        raise Problem("person_unknown")
    return row


def _office(law: Law) -> str:
    return str(law.office["office"]["id"])
