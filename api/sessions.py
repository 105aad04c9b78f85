"""Sessions of the pages: on the server, by the digest of a random cookie; what ends one ends it for the next request."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from fastapi import Request, Response

from api.identity import Caller

COOKIE = "huiyin"
LIFE = timedelta(hours=12)  # one working day
IDLE = timedelta(hours=2)
FOLLOWING = timedelta(minutes=30)  # somebody who follows a case, perhaps on a borrowed machine
TOUCH = timedelta(minutes=1)  # how often a session notes that it is used


@dataclass(frozen=True)
class Session:
    """Who a cookie is. `follows` = the case of a complainant, '' for people of an office; `over` = it has ended."""

    office: str
    person: str
    follows: str = ""
    over: bool = False
    must_change: bool = False  # their password was set by somebody else

    @property
    def caller(self) -> Caller:
        """The same, as the API knows callers."""
        return Caller(self.person, self.office)


async def begin(pool: asyncpg.Pool, office: str, person: str, follows: str = "") -> str:
    """A new session; what its cookie holds."""
    token = secrets.token_urlsafe(32)
    life = FOLLOWING if follows else LIFE
    await pool.execute("insert into sessions (digest, office, person, follows, expires_at) values ($1, $2, $3, $4, now() + $5)", _digest(token), office, person, follows, life)
    return token


async def of(pool: asyncpg.Pool, request: Request) -> Session | None:
    """The session of a request; None without a cookie or where nobody knows it; one that has ended says so."""
    token = request.cookies.get(name(request), "")
    if not token:
        return None
    digest = _digest(token)
    row = await pool.fetchrow(
        "select s.office, s.person, s.follows, s.ended_at is not null or s.expires_at < now() or s.seen_at < now() - $2::interval as over, s.seen_at < now() - $3::interval as stale, a.disabled_at, coalesce(a.must_change, false) as must_change "
        "from sessions s left join accounts a on a.office = s.office and a.person = s.person where s.digest = $1",
        digest, IDLE, TOUCH,
    )  # fmt: skip
    if row is None:
        return None
    over = bool(row["over"] or row["disabled_at"])
    if row["stale"] and not over:
        await pool.execute("update sessions set seen_at = now() where digest = $1", digest)
    return Session(row["office"], row["person"], row["follows"], over, bool(row["must_change"]))


async def end(pool: asyncpg.Pool, request: Request) -> None:
    """End the session of a request, on the server."""
    token = request.cookies.get(name(request), "")
    await pool.execute("update sessions set ended_at = now() where digest = $1 and ended_at is null", _digest(token))


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the cookie: not for scripts, not for other sites, and over TLS only where TLS is."""
    secure = request.url.scheme == "https"
    response.set_cookie(name(request), token, httponly=True, samesite="lax", secure=secure, path="/")


def drop_cookie(request: Request, response: Response) -> None:
    """Take it back."""
    response.delete_cookie(name(request), path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")


def name(request: Request) -> str:
    """The cookie's name; over TLS no other host can have set it."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
