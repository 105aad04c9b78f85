"""The description of the API: examples for every route and act, problems, how one signs in."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import examples as ex
from api.acts import INTERNAL, Wish
from api.filing import Filing
from api.follow import WISHES, Word
from api.forms.word import WORD
from domain.acts import ACTS

OPEN = ("/offices", "/rulebooks", "/due", "/health", "/ready")
STAFF = {"ledger", "versions"}  # what lies below an open path and is not open
JSON, FORM, PROBLEM = "application/json", "multipart/form-data", "application/problem+json"
FILES = {"type": "array", "maxItems": 10, "items": {"type": "string", "format": "binary"}, "description": "at most 20 MB each; the type is judged by content"}
# The answer that each route shows, by method and the end of its path.
ANSWERS: dict[tuple[str, str], Any] = {
    ("post", "/complaints"): ex.RECEIPT, ("get", "/complaints"): {"total": 1, "items": [ex.LINE], "next": ""}, ("get", "/complaints/{case_id}"): ex.CASE,
    ("get", "/timeline"): {"events": ex.DONE["events"]}, ("get", "/dates"): ex.DUE, ("post", "/acts/{act}"): ex.DONE, ("get", "/commands/{command}"): ex.DONE,
    ("get", "/tasks"): {"total": 1, "items": [{**ex.LINE, "tasks": [{"act": "approve", "who": ["li"]}]}], "next": "", "office": [], "ledger": [{"act": "fulfil", "recur": "quarter", "period": "2026-Q4"}]},
    ("get", "/inbox"): {"total": 1, "items": [{"case": ex.LINE["id"], "form": "transferred", "clause": ["办理制度 5 a"]}], "next": ""},
    ("post", "/attachments"): {"items": [{"sha": "0" * 64, "kind": ".pdf", "bytes": 1024, "recorded": True}]}, **dict.fromkeys((("post", "/attachments/{digest}"), ("get", "/follow/files/{digest}"))),
    ("get", "/forms"): {"items": [ex.FORM_ROW]}, ("post", "/forms/{form}"): None,
    ("get", "/follow"): {**{k: ex.CASE[k] for k in ("register_no", "phase", "clocks")}, "answers": [], "events": [], "dates": [], "ways": [ex.WAY], "files": [{"sha": "0" * 64, "at": "2026-10-12T09:30:00+08:00"}]}, ("post", "/follow/{wish}"): ex.DONE,
    ("post", "/lookups"): {"items": [{"case": ex.LINE["id"], "register_no": "2026-1", "phase": "closed"}]},
    ("post", "/identity"): {"identity": ex.FILING["identity"], "text": ex.FILING["text"]}, ("get", "/offices"): {"items": [{"id": "district", "zh": "区投诉中心"}]},
    ("get", "/rulebooks"): {"items": [{"id": "district-e-supervision", "office": "district", "version": 2, "state": "in_force", "versions": [ex.VERSION]}]}, ("get", "/rulebooks/{office}"): {"book": {"id": "district-e-supervision"}, "term": {}},
    ("get", "/offices/{office}/versions"): {"items": [ex.VERSION], "unproved": 0}, ("get", "/versions/{sha256}"): {"sha256": ex.VERSION["sha256"], "canonical": "{}", "book": {}, "clause": [], "terms": {}},
    ("post", "/versions/confirm"): {"items": [ex.VERSION], "unproved": 0}, ("post", "/versions/withdraw"): {"items": [], "unproved": 0},
    ("get", "/offices/{office}/ledger"): {"duties": [{"recur": "quarter", "period": "2026-Q4", "due_day": "2026-12-31", "state": "open"}], "proposals": [], "fired": [], "boards": [], "draws": []},
    ("get", "/ledger/kpi"): {"items": [{"kpi": "points", "zh": "月度考核扣分", "by": "person", "period": "2026-09", "value": 3.0, "raw": 3.0, "count": 3.0, "of": 0, "passes": None, "missing": "", "excluded": 0, "clause": ["七.1 b"], "subjects": [{"subject": "zhou", "value": 3.0}]}]},
    ("post", "/ledger/acts/{act}"): {"recorded": True, "event": {"kind": "fulfilled", "subject": "quarter"}},
    **dict.fromkeys((("post", "/imports"), ("get", "/imports/{name}"), ("post", "/imports/{name}/mapping"), ("post", "/imports/{name}/run")), ex.IMPORT), ("get", "/imports"): {"items": [ex.IMPORT]},
    ("get", "/old-records"): {"total": 1, "items": [ex.OLD], "next": ""}, ("get", "/old-records/{name}"): ex.OLD, ("get", ".xlsx"): None, ("get", ".{kind}"): None,
    ("get", "/people"): {"items": [ex.PERSON], "substitutes": [{"for": "li", "by": "xu", "from": "2026-12-01", "until": "2026-12-05"}]}, ("get", "/people-changes"): {"items": [ex.SIGNED]},
    ("get", "/people/{person}"): ex.WHOLE, ("post", "/people/{person}/changes"): ex.WHOLE, ("post", "/people/{person}/account"): {"person": "tian", "account": "disabled"},
    ("get", "/board"): ex.BOARD, ("get", "/deadlines"): ex.MONTH, ("get", "/views"): ex.VIEWS, ("post", "/views"): ex.VIEWS, ("delete", "/views/{name}"): ex.VIEWS,
    ("post", "/candidates"): ex.CANDIDATES, ("get", "/due"): ex.DUE, ("post", "/sign-out"): {"signed_out": True}, ("get", "/health"): {"ok": True}, ("get", "/ready"): {"engine": True, "record": True},
}  # fmt: skip


def describe(app: FastAPI) -> None:
    """Give an application its description, made when it is first asked for."""

    def schema() -> dict[str, Any]:
        if not app.openapi_schema:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {}).update(_schemas())
            parts["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`huiyin token issue PERSON OFFICE`"},
                "receipt": {"type": "apiKey", "in": "header", "name": "X-Receipt-Code", "description": "查询码: 20 digits, spaces allowed"},
            }
            for path, methods in made["paths"].items():
                for method, route in methods.items():
                    _dress(path.removeprefix("/api/v1"), method, route)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]


def _schemas() -> dict[str, Any]:
    text = {"type": "string"}
    problem = {
        "type": "object", "required": ["type", "status", "code", "title", "title_en", "remedy", "remedy_en", "clause"],
        "properties": {
            **dict.fromkeys(("type", "code", "title", "title_en", "remedy", "remedy_en"), text), "status": {"type": "integer"},
            "clause": {"type": "array", "items": text}, "who": {"type": "array", "items": text}, "detail": {},
        },
    }  # fmt: skip
    template = "#/components/schemas/{model}"
    made = {"Problem": problem}
    for model in (Filing, Wish, Word):
        own = model.model_json_schema(ref_template=template)
        made |= own.pop("$defs", {})
        made[model.__name__] = own
    return made


def _dress(path: str, method: str, route: dict[str, Any]) -> None:
    responses = {status: one for status, one in route.get("responses", {}).items() if status[0] == "2"}
    for one in responses.values():
        shown = ANSWERS[(method, next(end for m, end in sorted(ANSWERS, key=lambda pair: -len(pair[1])) if m == method and path.endswith(end)))]
        if shown is not None:
            one["content"] = {JSON: {"schema": {"type": "object"}, "example": shown}}
        elif path.endswith("/forms/{form}"):
            one["content"] = {WORD: {"schema": {"type": "string", "format": "binary"}}}
    if path.endswith(("/complaints", "/acts/{act}", "/commands/{command}", "/follow/{wish}", "/attachments")) and (method == "post" or "command" in path):
        responses["202"] = {"description": "taken, not yet recorded; says why and where to look", "content": {JSON: {"example": ex.LATER}}}
    for family in ("4XX", "5XX"):
        responses[family] = {"description": "a problem (RFC 9457)", "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": ex.PROBLEM}}}
    route["responses"] = responses
    route["security"] = [] if path.startswith(OPEN) and not STAFF & {*path.split("/")} else [{"receipt": []}] if path.startswith("/follow") else [{"token": []}]
    if method == "post":
        _bodies(path, route)
        _headers(path, route)


def _bodies(path: str, route: dict[str, Any]) -> None:
    files = {"type": "object", "properties": {"note": {"type": "string"}, "files": FILES}, "required": ["files"]}
    if path == "/complaints":
        form = {"type": "object", "required": ["filing"], "properties": {"filing": {"$ref": "#/components/schemas/Filing"}, "files": FILES}, "description": "`filing` comes first"}
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Filing"}, "examples": {"telephone": {"value": ex.FILING}}}, FORM: {"schema": form}}
        route["security"] = [{"token": []}, {}]
    elif path.endswith("/ledger/acts/{act}"):
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Wish"}, "examples": {name: {"value": {"fields": fields}} for name, fields in ex.LEDGER.items()}}}
    elif path.endswith("/acts/{act}"):
        acts = {name: {"summary": f"{row.zh} {row.en}", "value": ex.wish(name)} for name, row in ACTS.items() if name not in INTERNAL}
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Wish"}, "examples": acts}}
    elif path == "/follow/{wish}":
        wishes = {name: {"summary": WISHES[name][0], "value": {"fields": fields}} for name, fields in ex.FOLLOW.items()}
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Word"}, "examples": wishes}, FORM: {"schema": files}}
    elif path.endswith("/attachments"):
        content = {FORM: {"schema": files}}
    elif path == "/imports":
        text = {"type": "string"}
        form = {"type": "object", "required": ["reason", "files"], "properties": {"reason": text, "mapping": {**text, "description": "TOML or JSON; see docs/import.md"}, "files": FILES}, "description": "`files`, one of them, comes last"}
        content = {FORM: {"schema": form}}
    elif path == "/sign-out":
        return
    elif path == "/people/{person}/changes":
        content = route["requestBody"]["content"]
        content[JSON]["examples"] = {what: {"value": body} for what, body in ex.CHANGES.items()}
    else:
        content = route["requestBody"]["content"]
        content[JSON]["example"] = ex.BODIES.get(path, {"reason": "回电核实"})
    route["requestBody"] = {"required": True, "content": content}


def _headers(path: str, route: dict[str, Any]) -> None:
    if not path.endswith(("/complaints", "/acts/{act}", "/follow/{wish}", "/attachments")):
        return
    known = route.setdefault("parameters", [])
    known.append({"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string", "maxLength": 200}, "example": "6f0c2a52-8f5b-4a0e-9a39-3f0f4f4c8b11"})
    known.append({"in": "header", "name": "Prefer", "schema": {"type": "string"}, "example": "wait=10", "description": "seconds to wait for the record, at most 30; 3 by default"})
    if path.endswith("/acts/{act}"):
        known.append({"in": "header", "name": "If-Match", "schema": {"type": "string"}, "example": '"3"', "description": "the version the act was decided on; 412 with what changed"})
