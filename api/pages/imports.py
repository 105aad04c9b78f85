"""Pages of old registers: bring one in (file, dry run, mapping by choosing, run), look at its records; files of every list."""

from collections.abc import Mapping as Table
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import exports, old_records
from api.errors import Problem, body_of
from api.exports import Kind
from api.imports import routes, service
from api.imports.mapping import FIELDS, Mapping, parse
from api.pages.render import page
from api.pages.visitor import Visitor, data, typed, visitor
from api.sealed import Reason
from api.wanted import WORDS

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
ACTIVE = frozenset({"checking", "running"})


@router.get("/imports")
async def imports(request: Request) -> HTMLResponse:
    """Bring a register in; those that were brought in before."""
    return await _start(request, await visitor(request))


@router.post("/imports")
async def submit(request: Request) -> Response:
    """Take the file; its dry run is the next page."""
    who = await visitor(request, "/imports")
    try:
        made = data(await routes.submit(request))
    except Problem as problem:
        return await _start(request, who, problem)
    return RedirectResponse(f"/imports/{made['id']}", SEE_OTHER)


@router.get("/imports/{name}")
async def one(name: str, request: Request) -> HTMLResponse:
    """How an import stands, how its first rows are understood, what is wrong, the mapping."""
    return await _one(request, await visitor(request), name)


@router.post("/imports/{name}/mapping")
async def remap(name: str, request: Request) -> Response:
    """The mapping as chosen on the page, or as written; the same file is dry-run under it."""
    who, given = await visitor(request, f"/imports/{name}"), await typed(request)
    try:
        service.allowed(who.reader)
        known = data(await routes.state(name, request))
        chosen = parse(str(given.get("toml", "")).encode()) if given.get("how") == "toml" else _chosen(Mapping.model_validate(known["mapping"]), known["headings"], given)
        made = data(await routes.remap(name, chosen, request))
    except (Problem, ValueError) as wrong:
        return await _one(request, who, name, wrong if isinstance(wrong, Problem) else Problem("body_invalid"), given)
    return RedirectResponse(f"/imports/{made['id']}", SEE_OTHER)


@router.post("/imports/{name}/run")
async def run(name: str, request: Request) -> Response:
    """Do it, as the dry run that was looked at said."""
    who, given = await visitor(request, f"/imports/{name}"), await typed(request)
    try:
        await routes.run(name, routes.Confirmed(report=str(given.get("report", ""))[:64]), request)
    except Problem as problem:
        return await _one(request, who, name, problem)
    return RedirectResponse(f"/imports/{name}", SEE_OTHER)


@router.get("/imports/{name}/report.xlsx")
async def report(name: str, request: Request) -> Response:
    """The refused rows as Excel."""
    await visitor(request)
    return await routes.report(name, request)


@router.get("/old-records")
async def records(request: Request, q: str = "", number: str = "", unit: str = "", received_from: str = "", received_to: str = "", cursor: str = "") -> HTMLResponse:
    """Records of old registers that the visitor may see, or those that hold the words looked for."""
    who = await visitor(request)
    given = {"q": q.strip()[:WORDS], "number": number.strip()[:200], "unit": unit[:200], "received_from": received_from, "received_to": received_to}
    try:
        found, problem = data(await old_records.listed(request, **given, cursor=cursor, limit=50)), None
    except Problem as wrong:
        found, problem = {"total": 0, "items": [], "next": ""}, body_of(wrong)
    return page(request, "old_records.html", who, found=found, given=given, problem=problem, base="/old-records?" + _query(given), query=_query(given))


@router.get("/old-records/{name}")
async def record(name: str, request: Request) -> HTMLResponse:
    """One record; identity and words stay closed until a reason is given."""
    who = await visitor(request)
    return page(request, "old_record.html", who, one=data(await old_records.read(name, request)), opened=None, problem=None)


@router.post("/old-records/{name}/identity")
async def identity(name: str, request: Request) -> HTMLResponse:
    """The same with what was sealed, for a reason that is logged."""
    who, given = await visitor(request, f"/old-records/{name}"), await typed(request)
    opened, problem, reason = None, None, str(given.get("reason", "")).strip()
    try:
        opened = data(await old_records.identity(name, Reason(reason=reason), request))
    except (Problem, ValueError) as wrong:
        problem = body_of(wrong if isinstance(wrong, Problem) else Problem("reason_missing"))
    return page(request, "old_record.html", who, one=data(await old_records.read(name, request)), opened=opened, problem=problem)


@router.get("/export/{name}.{kind}")
async def export(name: str, kind: Kind, request: Request) -> Response:
    """A list as a file, under the filters of its page."""
    await visitor(request)
    return await exports.file(request, name, kind)


async def _start(request: Request, who: Visitor, problem: Problem | None = None) -> HTMLResponse:
    service.allowed(who.reader)
    return page(request, "imports.html", who, status=problem.status if problem else 200, earlier=data(await routes.listed(request))["items"], problem=body_of(problem) if problem else None)


async def _one(request: Request, who: Visitor, name: str, problem: Problem | None = None, given: Table[str, Any] | None = None) -> HTMLResponse:
    shown = data(await routes.state(name, request))
    fields = [*FIELDS.items(), *((f"fact:{key}", str(row.get("zh") or key)) for key, row in who.law.table("fact").items())]
    headings = shown.get("headings") or list(shown["mapping"]["columns"])
    stepped = {heading for heading in headings for step in shown["mapping"]["act"] if heading == step["on"] or f"{{{heading}}}" in f"{step['by']} {step['fields']}"}
    unknown = [one for one in shown.get("groups", ()) if one["code"] == "value_unknown" and one.get("known")]
    return page(
        request, "import.html", who, status=problem.status if problem else 200, one=shown, fields=fields, headings=headings, unknown=unknown, stepped=stepped, active=shown["state"] in ACTIVE,
        may_run=shown["state"] in ("checked", "interrupted", "done", "failed") and bool(shown["checked_at"]) and shown["rows"]["total"] > 0, given=given or {}, problem=body_of(problem) if problem else None,
    )  # fmt: skip


def _chosen(mapping: Mapping, headings: list[str], given: Table[str, Any]) -> Mapping:
    """The mapping with the columns and words that were chosen in the form."""
    columns = {heading: str(given[f"column.{n}"]) for n, heading in enumerate(headings) if given.get(f"column.{n}")}
    values = {field: dict(words) for field, words in mapping.values.items()}
    for name, word in given.items():
        kind, _, place = name.partition(".")
        column, _, value = place.partition(".")
        if kind == "value" and word and column in columns:
            values.setdefault(columns[column], {})[value] = str(word)
    return mapping.model_copy(update={"columns": columns, "values": values, "old_papers": bool(given.get("old_papers")), "act": [step for step in mapping.act if not given.get(f"drop.{step.act}")]})


def _query(given: Table[str, str]) -> str:
    return urlencode({name: value for name, value in given.items() if value})
