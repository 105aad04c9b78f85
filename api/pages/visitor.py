"""Who opens a page: a person of an office by their session, or somebody without one; and the language they read."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import Response

from api import drafts, sessions, uploads
from api.identity import Caller
from api.office import law_of, parts, reader
from domain.core import Law, Reader, in_place
from domain.roster import gone

LANGUAGES = ("zh", "en")
OWN = "/me"  # the page of one's own account, and what lies below it
INSIDE = frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor"})


@dataclass(frozen=True)
class Visitor:
    """A person of an office who is signed in."""

    caller: Caller
    reader: Reader
    law: Law
    lang: str

    @property
    def person(self) -> str:
        """Their id in the office file."""
        return self.caller.person

    @property
    def office(self) -> str:
        """The id of their office."""
        return self.caller.office

    @property
    def name(self) -> str:
        """Their name in the office file."""
        return str(self.law.office.get("person", {}).get(self.person, {}).get("name", self.person))

    @property
    def roles(self) -> frozenset[str]:
        """Their roles today, with those of people whom they stand in for."""
        people = self.law.office.get("person", {})
        held = [post for one in (self.person, *self.reader.stands_for) for post in people.get(one, {}).get("posts", ())]
        return frozenset(str(self.law.row("post", post).get("role", "")) for post in held) - {""}

    @property
    def sight(self) -> Reader:
        """Who they are before lists: in the place of those they stand in for, where they look over nothing themselves."""
        return next(reversed(in_place(self.reader, self.law)), self.reader)

    @property
    def inside(self) -> bool:
        """Whether they look over the office's cases (each still through the view)."""
        return not INSIDE.isdisjoint(self.sight.roles)


class Away(Exception):
    """Nobody is signed in: sign in first and come back to `path`; `kept` = the draft that holds what was typed."""

    def __init__(self, path: str, kept: str = "") -> None:
        super().__init__(path)
        self.path, self.kept = path, kept

    @property
    def address(self) -> str:
        """The sign-in page that leads back."""
        back = self.path + (f"{'&' if '?' in self.path else '?'}kept={quote(self.kept)}" if self.kept else "")
        return "/sign-in?" + urlencode({"next": back, **({"kept": "1"} if self.kept else {})})


class OwnPasswordFirst(Away):
    """Somebody else set their password: nothing is done under it but to change it."""

    @property
    def address(self) -> str:
        """Where it is changed."""
        return "/me?change=1"


async def visitor(request: Request, page: str = "") -> Visitor:
    """Who is signed in; raises Away. `page` = where a form lies whose words are kept if its session has ended."""
    here = parts(request)
    session = await sessions.of(here.pool, request)
    row = None if session is None or session.follows else _people(request, session.office).get(session.person)
    known = row is not None and not gone(row)
    if session is None or session.over or not known:
        kept = ""
        if session is not None and known and page and request.method == "POST":
            kept = await drafts.save(here.pool, here.keys, session.office, session.person, page, await typed(request), what=drafts.KEPT)
        raise Away(page or _address(request), kept)
    if session.must_change and not request.url.path.startswith(OWN):
        raise OwnPasswordFirst(request.url.path)
    request.state.caller = session.caller
    return Visitor(session.caller, reader(request, session.caller), law_of(request, session.office), language(request))


async def typed(request: Request) -> dict[str, Any]:
    """The fields of a form as they were typed; a name that comes more than once holds a list. Files among them are let fall, never laid down unsealed."""
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await uploads.words(request)
    form = await request.form()
    found: dict[str, Any] = {}
    for name in form:
        values = [one for one in form.getlist(name) if isinstance(one, str)]
        if values:
            found[name] = values if len(values) > 1 else values[0]
    return found


async def kept(request: Request, who: Visitor) -> dict[str, Any]:
    """What this person had typed before their session ended, once; {} where nothing was kept."""
    here, key = parts(request), request.query_params.get("kept", "")
    if not key:
        return {}
    draft = await drafts.one(here.pool, here.keys, who.office, who.person, key)
    return draft.fields if draft is not None else {}


def language(request: Request) -> str:
    """The language of the pages: as chosen, else Chinese."""
    chosen = request.cookies.get("huiyin_lang", "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def data(answer: Response) -> Any:
    """What an answer of the API holds: pages show what the API says."""
    return json.loads(bytes(answer.body))


def _people(request: Request, office: str) -> Any:
    law = parts(request).laws.offices.get(office)
    return law.office.get("person", {}) if law is not None else {}


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "") if request.method == "GET" else "/home"
