"""What stays sealed: opening an identity, finding a caller by digest, attachments. Each look needs a reason and is logged first."""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import puremagic
from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api import queries, sealing
from api.acts import answered
from api.complaints import _wait
from api.errors import Problem
from api.gateway import command, now
from api.identity import Caller
from api.office import Parts, caller, law_of, parts, reader, seen
from domain.core import view

router = APIRouter(prefix="/api/v1", tags=["sealed"])
FILES, BYTES = 10, 20 * 1024 * 1024
TYPES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp3", ".m4a", ".wav", ".mp4", ".docx", ".xlsx", ".txt", ".doc", ".xls", ".tif", ".bmp", ".amr", ".ogg"})
LOOKERS = frozenset({"intake", "centre_head"})


class Lookup(BaseModel):
    """A value somebody gave, and why it is looked up."""

    kind: str = Field(examples=["telephone"])
    value: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=2, max_length=500)


class Reason(BaseModel):
    """Why a sealed thing is opened."""

    reason: str = Field(min_length=2, max_length=500)


async def _log(here: Parts, who: Caller, what: str, case_id: str, reason: str) -> None:
    await here.pool.execute("insert into reader_log (office, person, what, case_id, reason) values ($1, $2, $3, $4, $5)", who.office, who.person, what, case_id, reason)


@router.post("/lookups")
async def lookup(wish: Lookup, request: Request) -> JSONResponse:
    """Earlier cases of the same name, telephone or identity number: exact, of one's own office, by intake roles only."""
    who, here = caller(request), parts(request)
    law = law_of(request, who.office)
    one = reader(law, who)
    if one.role not in LOOKERS:
        raise Problem("not_your_act")
    if wish.kind not in sealing.DIGESTED:
        raise Problem("body_invalid", detail=list(sealing.DIGESTED))
    await _log(here, who, "lookup", "", wish.reason)
    digests = sealing.digests(here.keys, who.office, {wish.kind: wish.value})
    rows, _ = await queries.listed(here.pool, who.office, one.person, one.unit, inside=True, filters={"digest": digests[0]} if digests else {"phase": "none"}, after=None, limit=50)
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in rows])
    found = [row for row in rows if view(cases[row["case_id"]][0], one, law) is not None]
    return JSONResponse({"items": [{"case": row["case_id"], "register_no": row["register_no"], "phase": row["phase"], "received_at": row["received_at"].isoformat()} for row in found]})


@router.post("/complaints/{case_id}/identity")
async def identity(case_id: str, wish: Reason, request: Request) -> JSONResponse:
    """Open the sealed identity and text for somebody whose view holds them; logged before it is opened."""
    who, here = caller(request), parts(request)
    _, _, shown, _ = await seen(request, case_id, who)
    sealed = shown.get("identity")
    if not sealed:
        raise Problem("secret")
    await _log(here, who, "identity", case_id, wish.reason)
    return JSONResponse(sealing.unseal(here.keys, str(sealed)), headers={"Cache-Control": "no-store"})


@router.post("/complaints/{case_id}/attachments")
async def attach(case_id: str, request: Request, files: Annotated[list[UploadFile], File()]) -> JSONResponse:
    """Add material: at most 10 files of 20 MB, the type judged by content; kept sealed, named by digest in the case."""
    who, here = caller(request), parts(request)
    await seen(request, case_id, who)
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise Problem("idempotency_key_missing")
    if len(files) > FILES:
        raise Problem("too_long", detail={"files": FILES})
    kept = [await _kept(here, who.office, one) for one in files]
    answers = []
    for n, (digest, kind) in enumerate(kept):
        act = command(case_id, f"{key}:{n}", "add_material", {"sha": digest, "note": kind}, now(), who.person)
        answer = await answered(here, case_id, act, _wait(request), reader(law_of(request, who.office), who))
        answers.append({"sha": digest, "type": kind, "recorded": answer.status_code == 200})
    return JSONResponse({"items": answers}, 200 if all(one["recorded"] for one in answers) else 202)


async def _kept(here: Parts, office: str, file: UploadFile) -> tuple[str, str]:
    content = await file.read(BYTES + 1)
    if len(content) > BYTES:
        raise Problem("too_long", detail={"bytes": BYTES})
    kind = type_of(content)
    if kind not in TYPES:
        raise Problem("body_invalid", detail={"type": kind, "allowed": sorted(TYPES)})
    digest = hashlib.sha256(content).hexdigest()
    here.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = here.files / digest
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(sealing.seal_bytes(here.keys, office, now().year, content))
        part.rename(path)
    return digest, kind


def type_of(content: bytes) -> str:
    """The type that the bytes themselves show; '' for nothing known, '.txt' for plain text."""
    try:
        return str(puremagic.from_string(content)).lower()
    except (puremagic.PureError, ValueError):
        try:
            content.decode()
        except UnicodeDecodeError:
            return ""
        return ".txt" if content and b"\x00" not in content else ""


@router.post("/complaints/{case_id}/attachments/{digest}")
async def download(case_id: str, digest: str, wish: Reason, request: Request) -> Response:
    """An attachment of a case, for somebody whose view holds attachments; logged."""
    who, here = caller(request), parts(request)
    _, events, shown, _ = await seen(request, case_id, who)
    named: list[Any] = [e.data.get("fields", {}).get("sha") for e in events if e.kind == "material_added"]
    path: Path = here.files / digest
    if "attachments" not in shown or digest not in named or not path.is_file():
        raise Problem("not_found")
    await _log(here, who, "attachment", case_id, wish.reason)
    return Response(sealing.unseal_bytes(here.keys, path.read_bytes()), media_type="application/octet-stream", headers={"Content-Disposition": "attachment", "Cache-Control": "no-store"})
