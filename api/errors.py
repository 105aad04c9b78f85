"""One error shape for every route: RFC 9457 problems with our code and clause, Chinese and English."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from domain.codes import CODES

OWN = {
    "unauthenticated": (401, "请先登录", "Sign in first", "请携带有效令牌", "Send a valid token"),
    "not_found": (404, "没有这一件", "No such case", "请核对编号", "Check the number"),
    "idempotency_key_missing": (422, "缺少 Idempotency-Key", "Idempotency-Key is missing", "请为每次提交附一个新的键", "Send a fresh key with each submission"),
    "idempotency_mismatch": (422, "同一个键用于不同内容", "The same key with another body", "请换一个键,或重发原内容", "Use another key, or send the same body"),
    "office_unknown": (422, "没有这个机构", "No such office", "请从机构清单中选择", "Choose one of the offices listed"),
    "body_invalid": (422, "提交内容不符合要求", "The body is not as described", "请按说明更正", "Correct it as described"),
    "too_long": (413, "内容过长", "Too long", "正文至多两万字,长文请作附件", "At most 20,000 characters; attach the rest"),
    "stale": (412, "此件已有变化", "The case has changed", "请查看变化后再办", "Look at what changed, then repeat"),
    "engine_down": (503, "系统暂时不能收件", "The engine cannot be reached", "请稍后用同一个键重试", "Try again with the same key"),
    "record_down": (503, "记录库暂时不能读取", "The record cannot be read now", "收件与办理不受影响,请稍后查询", "Filing and acting go on; ask again later"),
    "too_many_tries": (429, "尝试次数过多", "Too many tries", "请稍后再试", "Wait a while"),
}


class Problem(Exception):
    """An answer other than yes, raised anywhere below a route."""

    def __init__(self, code: str, *, status: int = 0, clause: tuple[str, ...] = (), detail: Any = None, headers: dict[str, str] | None = None, more: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code, self.clause, self.detail, self.headers, self.more = code, clause, detail, headers, more or {}
        self.status = status or (OWN[code][0] if code in OWN else CODES[code].status if code in CODES else 422)


def body_of(problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 JSON."""
    own, known = OWN.get(problem.code), CODES.get(problem.code)
    zh, en, remedy_zh, remedy_en = own[1:] if own else (known[1:] if known else (problem.code, problem.code, "", ""))
    body: dict[str, Any] = {
        "type": f"urn:huiyin:{problem.code}", "status": problem.status, "code": problem.code, "title": zh, "title_en": en,
        "remedy": remedy_zh, "remedy_en": remedy_en, "clause": list(problem.clause),
    }  # fmt: skip
    return body | ({"detail": problem.detail} if problem.detail is not None else {}) | problem.more


async def on_problem(request: Request, problem: Exception) -> JSONResponse:
    """The handler of our own problems."""
    found = problem if isinstance(problem, Problem) else Problem("body_invalid")
    return JSONResponse(body_of(found), found.status, found.headers, "application/problem+json")


async def on_invalid(request: Request, wrong: Exception) -> JSONResponse:
    """FastAPI's own validation in our shape: which field, never the value (it may be somebody's name)."""
    errors = wrong.errors() if isinstance(wrong, RequestValidationError) else []
    fields = [{"field": ".".join(str(part) for part in one["loc"]), "why": one["type"]} for one in errors]
    return await on_problem(request, Problem("body_invalid", detail=fields))
