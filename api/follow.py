"""/follow: the complainant by receipt code, in a header, never in an address. Wrong codes get the same answer in the same time."""

import asyncio
import time
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api import commands, files, queries, words
from api.dates import counts
from api.errors import Problem
from api.gateway import now
from api.identity import Caller
from api.office import Parts, Seen, idempotency_key, parts, plain, wait
from api.receipts import index_of
from api.sealed import log
from domain.core import Law, Reader, answers, view
from domain.ways import Way, ways

router = APIRouter(prefix="/api/v1/follow", tags=["follow"])
LEAST = 0.25  # seconds every answer to a code takes, right or wrong
ME = "complainant"
# What the complainant may do: the act, and the one field that is their own words.
WISHES = {
    "rate": ("rate", "text"), "add": ("add_material", "note"), "withdraw": ("withdraw", "reason"), "supplement": ("supplement", "reason"),
    "appeal": ("appeal", "reason"), "retaliation": ("report_retaliation", "text"),
}  # fmt: skip


# Beside their own words: the way of an appeal that the book gives (`ways`), the mark of a rating.
BESIDE = {"rate": ("satisfaction",), "appeal": ("way",)}


class Word(BaseModel):
    """What the complainant says, in their own words, under the name of the field; a rating has its mark beside it."""

    model_config = ConfigDict(extra="forbid")
    fields: dict[str, str] = Field(default_factory=dict, description="reason, text or note by the wish; for `rate` also satisfaction, one of the book's marks, or each of its scores; for `appeal` also way, one of those of `ways` that are open")


async def case_by(request: Request, code: str) -> Seen:
    """The case of a code; every code, right or wrong or none at all, takes the same steps and the same time. Raises Problem code_unknown, too_many_tries."""
    began, here = time.monotonic(), parts(request)
    client = request.client.host if request.client else ""
    if here.tries.exhausted(client):
        raise Problem("too_many_tries", headers={"Retry-After": "600"})
    index = index_of(here.keys, code) or "receipt:none"
    case_id = await queries.by_digest(here.pool, index)
    seen = await as_complainant(here, case_id or "")
    await asyncio.sleep(max(0.0, LEAST - (time.monotonic() - began)))
    if seen is None:
        here.tries.failed(client)
        raise Problem("code_unknown")
    return seen


async def as_complainant(here: Parts, case_id: str) -> Seen | None:
    """A case as the one who filed it may see it; None where there is none."""
    found = await queries.case_of(here.pool, case_id)
    if found is None:
        return None
    law = (await here.laws.of(here.pool, [found]))[found.case.id]
    me = Reader(ME)
    shown = view(found.case, me, law)
    return Seen(found.case, found.events, law, me, shown) if shown is not None else None


@router.get("")
async def state(request: Request) -> JSONResponse:
    """Where my complaint stands, the next date and why, what I was answered, what happened and what I can do."""
    return JSONResponse(shown(parts(request), await case_by(request, request.headers.get("x-receipt-code", ""))))


def shown(here: Parts, found: Seen) -> Any:
    """All that the complainant may hear of a case, words opened, JSON-safe."""
    open_ = {clock["key"] for clock in found.shown["clocks"]}
    dates = [one for one in counts(found.case, found.law) if one["key"] in open_]
    whole = {**found.shown, "answers": answers(found.events), "events": found.told(), "satisfaction_scale": _scale(found), "scores": {name: row.get("zh", name) for name, row in scores_of(found).items()}, "dates": dates, "ways": open_ways(found), "files": files.own_of(here, found)}
    return plain(words.opened(here.keys, whole))


def open_ways(found: Seen) -> list[dict[str, Any]]:
    """Where the complainant may turn who is not content, by the book, and until when; nobody's name among it."""
    return [{name: value for name, value in asdict(one).items() if name not in ("to", "posts")} | {"to": _heard(found.law, one)} for one in ways(found.case, ME, found.law, now())]


def _heard(law: Law, way: Way) -> list[dict[str, str]]:
    """The posts that the text names, else those of the people, or the units, who hear it."""
    people, units = law.office.get("person", {}), law.office.get("unit", {})
    posts = [law.row("post", post) for post in way.posts or [post for one in way.to for post in people.get(one, {}).get("posts", ())]]
    rows = posts if way.posts else [*posts, *(units.get(one.removeprefix("unit:"), {}) for one in way.to if one.startswith("unit:"))]
    return [dict(pair) for pair in dict.fromkeys((("zh", str(row.get("zh", ""))), ("en", str(row.get("en", "")))) for row in rows if row.get("zh"))]


@router.get("/files/{digest}")
async def own_file(digest: str, request: Request) -> Response:
    """A file that the complainant sent in themselves (`files`); a picture comes without its metadata, and it is logged before it is opened."""
    return await file_of(parts(request), await case_by(request, request.headers.get("x-receipt-code", "")), digest)


async def file_of(here: Parts, found: Seen, digest: str) -> Response:
    """One's own file, logged before it is opened. Raises Problem not_found."""
    if digest not in {one["sha"] for one in files.own_of(here, found)}:
        raise Problem("not_found")
    await log(here, Caller(ME, found.case.office), "attachment", found.case.id, "投诉人下载自己提交的附件")
    return await files.handed_out(here, found, digest)


@router.post("/{wish}")
async def do(wish: str, request: Request) -> JSONResponse:
    """Rate, add material (words, or files as a form), withdraw, supplement, appeal, report retaliation."""
    found = await case_by(request, request.headers.get("x-receipt-code", ""))
    if wish not in WISHES:
        raise Problem("unknown_act", detail=sorted(WISHES))
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        if wish != "add":
            raise Problem("type_unsupported", detail=["application/json"])
        return await files.added(request, found)
    word, key = Word.model_validate_json(await request.body()), idempotency_key(request)
    return await say(parts(request), found, wish, word.fields, key=key, seconds=wait(request))


async def say(here: Parts, found: Seen, wish: str, said: dict[str, str], *, key: str, seconds: float, typist: str = "", call: str = "") -> JSONResponse:
    """One wish of the complainant in their own words. By `call`, which says when they rang and what was compared, `typist` enters it for them. Raises Problem."""
    act, field = WISHES[wish]
    scores = scores_of(found) if act == "rate" else {}
    unknown = sorted(set(said) - {field, *BESIDE.get(wish, ()), *scores})
    if unknown:
        raise Problem("field_unknown", detail=[name[:80] for name in unknown])
    fields: dict[str, Any] = {name: text for name, text in said.items() if name not in scores}
    if set(said) & set(scores):
        fields["facts"] = {name: _scored(scores[name], text) for name, text in said.items() if name in scores}
    if call and (fields.get(field) or act == "rate"):
        fields[field] = f"{call}{fields.get(field, '')}"
        fields |= {"mode": "telephone"} if act == "rate" else {}
    if act == "add_material" and fields.get(field):
        fields["sha"] = here.keys.mac("digest", found.case.office, "text", fields[field]).hex()
    more = {"actor": ME, "entered_by": typist} if typist else {}
    one = commands.command(here, found.case, found.year, typist or ME, key, act, fields, **more)
    return _mine(await commands.answered(here, found, one, seconds))


def scores_of(found: Seen) -> dict[str, Any]:
    """What the book lets a complainant rate, where it asks for more than one mark: facts by name."""
    return {name: found.law.row("fact", name) for name in (found.law.table("satisfy") or {}).get("scores", ())}


def _scored(row: Any, text: str) -> Any:
    """A score as its fact has it; what is no number stays a word, and the core says so."""
    try:
        return (float(text) if "." in text else int(text)) if row.get("is") == "number" else text
    except ValueError:
        return text


def _scale(found: Seen) -> dict[str, Any]:
    scale = (found.law.table("satisfy") or {}).get("scale", {})
    return {name: row.get("zh", name) if isinstance(row, dict) else name for name, row in scale.items()}


def _mine(answer: JSONResponse) -> JSONResponse:
    """A complainant has no address of the office to look at: the code shows it."""
    if answer.status_code != 202:
        return answer
    return JSONResponse({"recorded": False, "look": "/api/v1/follow", "note": "已收到,正在登记。Received, being recorded."}, 202)
