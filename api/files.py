"""Attachments: taken sealed, named by digest in the case, handed out with a reason, pictures without their metadata."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api import commands, uploads
from api.errors import Problem
from api.images import Unreadable, cleaned
from api.kinds import IMAGES, MEDIA, judged
from api.office import Parts, Seen, caller, idempotency_key, parts, seen, wait
from api.sealed import Reason, log
from api.vault import Writer

router = APIRouter(prefix="/api/v1", tags=["files"])
COMPLAINANT = "complainant"


@router.post("/complaints/{case_id}/attachments")
async def attach(case_id: str, request: Request) -> JSONResponse:
    """Add material: at most 10 files of 20 MB, the type judged by content; each becomes one act, repeated under the same key it is the same act."""
    return await added(request, await seen(request, case_id, caller(request)))


async def added(request: Request, found: Seen) -> JSONResponse:
    """Take the files of a form, and a `note` beside them, into a case."""
    here, key = parts(request), idempotency_key(request)

    def place(fields: dict[str, bytes]) -> Writer:
        return here.vault.writer(found.case.office, found.year)

    form = await uploads.take(request, ("note",), place)
    if not form.files:
        raise Problem("body_invalid", detail=[{"field": uploads.FILE_FIELD, "why": "missing"}])
    return await put(here, found, form, key=key, seconds=wait(request))


async def put(here: Parts, found: Seen, form: uploads.Form, *, key: str, seconds: float) -> JSONResponse:
    """Files that lie in the vault, each as one act on the case."""
    note = form.fields.get("note", b"").decode(errors="replace")
    answers = []
    for n, one in enumerate(form.files):
        fields = {"sha": one.sha, **({"note": note} if note else {})}
        act = commands.command(here, found.case, found.year, found.reader.person, f"{key}:{n}", "add_material", fields)
        answer = await commands.answered(here, found, act, seconds)
        answers.append({**one.dump(), "recorded": answer.status_code == 200})
    return JSONResponse({"items": answers}, 200 if all(one["recorded"] for one in answers) else 202)


@router.post("/complaints/{case_id}/attachments/{digest}")
async def download(case_id: str, digest: str, wish: Reason, request: Request) -> Response:
    """An attachment for somebody whose view holds it; logged before it is opened. A picture comes without its metadata."""
    who, here = caller(request), parts(request)
    found = await seen(request, case_id, who)
    if digest not in open_to(found):
        raise Problem("not_found")
    await log(here, who, "attachment", case_id, wish.reason)
    return await handed_out(here, found, digest)


async def handed_out(here: Parts, found: Seen, digest: str) -> Response:
    """A file of a case as it is handed out: a picture without its metadata, under a name that says nothing. Raises Problem."""
    try:
        content = await asyncio.to_thread(here.vault.read, found.case.office, found.year, digest)
    except FileNotFoundError:
        raise Problem("not_found") from None
    except OSError:
        raise Problem("files_down", headers={"Retry-After": "30"}) from None
    kind = judged(content)
    if kind in IMAGES:
        try:
            content = await asyncio.to_thread(cleaned, content, kind)
        except Unreadable:
            raise Problem("picture_unreadable") from None
    name = f"{digest[:12]}{kind or '.bin'}"
    return Response(content, media_type=MEDIA.get(kind, "application/octet-stream"), headers={"Content-Disposition": f'attachment; filename="{name}"'})


def own_of(here: Parts, found: Seen) -> list[dict[str, str]]:
    """The files that the complainant sent in themselves, in their order: sha and instant. What others put into the case is not among them."""
    mine = [event for event in found.events if event.actor == COMPLAINANT]
    sent = [(_sha(one), event) for event in mine if event.kind == "filed" for one in found.case.attrs.get("attachments") or ()]
    sent += [(_sha(event.data.get("fields", {}).get("sha")), event) for event in mine if event.kind == "material_added"]
    kept = {sha: event for sha, event in reversed(sent) if sha and here.vault.path(found.case.office, found.year, sha).exists()}  # words have a digest too, and no file
    return [{"sha": sha, "at": kept[sha].at.isoformat()} for sha in reversed(kept)]


def open_to(found: Seen) -> set[str]:
    """The digests that a reader may have: all of the case for who sees the original; for a unit those chosen for it, and its own."""
    later = [(event.actor, event.data.get("fields", {}).get("sha")) for event in found.events if event.kind == "material_added"]
    whole = {_sha(one) for one in found.case.attrs.get("attachments") or ()} | {_sha(sha) for _, sha in later} | {str(event.data.get("paper") or "") for event in found.events}
    if "attachments" in found.shown:
        return whole - {""}
    chosen = {_sha(one) for part in found.shown.get("assignments", {}).values() for one in part.get("attachments") or ()}
    own = {_sha(sha) for actor, sha in later if actor == found.reader.person}
    return whole & (chosen | own) - {""}


def _sha(one: Any) -> str:
    return str(one.get("sha", "")) if isinstance(one, dict) else str(one or "")
