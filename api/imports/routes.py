"""/imports: an old register as a file with its mapping, a dry run first, then the run; progress and report at any time."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api import queries_imports, uploads
from api.errors import Problem
from api.gateway import now
from api.identity import Caller
from api.imports import service
from api.imports.mapping import Mapping
from api.imports.reports import report_sheet
from api.office import caller, law_of, parts, reader, wait
from api.sheets import XLSX
from api.vault import Writer

router = APIRouter(prefix="/api/v1", tags=["imports"])


class Confirmed(BaseModel):
    """What the person looked at before saying yes."""

    model_config = ConfigDict(extra="forbid")
    report: str = Field(default="", max_length=64, description="`report` of the dry run: refused where the file was judged anew since")


def _importer(request: Request) -> Caller:
    who = caller(request)
    service.allowed(reader(request, who))
    return who


@router.post("/imports", status_code=201)
async def submit(request: Request) -> JSONResponse:
    """Take a register (`reason`, `mapping` as TOML or JSON, then the file) and dry-run it; nothing is filed. Without a mapping the office's last one, or a guess."""
    who, here, year = _importer(request), parts(request), now().year
    form = await uploads.take(request, ("reason", "mapping"), lambda fields: _place(request, who, year))
    if len(form.files) != 1:
        raise Problem("body_invalid", detail=[{"field": uploads.FILE_FIELD, "why": "one file"}])
    mapping, law = service.mapping_of(form.fields.get("mapping", b"")), law_of(request, who.office)
    name = await service.submit(here, law, who, form.fields.get("reason", b"").decode(errors="replace"), mapping, form.files[0], year)
    return await _checked(request, who, name)


def _place(request: Request, who: Caller, year: int) -> Writer:
    return parts(request).vault.writer(who.office, year)


@router.get("/imports")
async def listed(request: Request) -> JSONResponse:
    """The imports of the caller's office, the newest first."""
    who, here = _importer(request), parts(request)
    return JSONResponse({"items": [await service.shown(here, dict(row)) for row in await queries_imports.latest(here.pool, who.office)]})


@router.get("/imports/{name}")
async def state(name: str, request: Request, after: int = -1) -> JSONResponse:
    """How it stands, and what is wrong with the rows after `after`, a thousand at a time."""
    who, here = _importer(request), parts(request)
    shown = await service.shown(here, await service.row_of(here, who.office, name))
    return JSONResponse({**shown, "findings": await queries_imports.findings(here.pool, name, after)})


@router.post("/imports/{name}/mapping", status_code=201)
async def remap(name: str, mapping: Mapping, request: Request) -> JSONResponse:
    """The same file under another mapping, dry-run anew: an import of its own."""
    who, here = _importer(request), parts(request)
    return await _checked(request, who, await service.remapped(here, law_of(request, who.office), who, name, mapping))


@router.post("/imports/{name}/run", status_code=202)
async def run(name: str, wish: Confirmed, request: Request) -> JSONResponse:
    """Do it, or go on where it was cut; what is done is never done twice."""
    who, here = _importer(request), parts(request)
    await service.run(here, law_of(request, who.office), who, name, wish.report, wait(request))
    return JSONResponse(await service.shown(here, await service.row_of(here, who.office, name)), 202)


@router.get("/imports/{name}/report.xlsx")
async def report(name: str, request: Request) -> Response:
    """The rows that were not taken, each with its column, reason and remedy, as Excel."""
    who, here = _importer(request), parts(request)
    await service.row_of(here, who.office, name)
    return Response(await report_sheet(here.pool, name), media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'})


async def _checked(request: Request, who: Caller, name: str) -> JSONResponse:
    here = parts(request)
    await service.check(here, law_of(request, who.office), who.office, name, wait(request))
    shown = await service.shown(here, await service.row_of(here, who.office, name))
    return JSONResponse({**shown, "findings": await queries_imports.findings(here.pool, name)}, 201)
