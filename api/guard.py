"""What every request passes first, before any route: sizes, content types, characters that no database holds; and headers of every answer."""

from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem, answer, unforeseen
from api.headers import headers_of, own_site, sent
from api.vault import BYTES, FILES

JSON, FORM, PAGE = "application/json", "multipart/form-data", "application/x-www-form-urlencoded"
MOST = {JSON: 1024 * 1024, FORM: FILES * BYTES + 2 * 1024 * 1024, PAGE: 1024 * 1024}
BODIES = frozenset({"POST", "PUT", "PATCH"})
UNSAFE = BODIES | {"DELETE"}
API = "/api/"


class TooLarge(Exception):
    """More came in than was announced or allowed."""


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = False

        async def dressed(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                named = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in headers_of(scope["path"]) if pair[0] not in named)]
            await send(message)

        problem = _unfit(scope)
        most = MOST.get(_kind(scope), MOST[JSON])
        try:
            if problem is None:
                await self.app(scope, _counted(receive, most), dressed)
        except TooLarge:
            problem = Problem("too_large", detail={"bytes": most})
        except Exception as wrong:  # noqa: BLE001 - the last door: what comes here would be shown or logged with its words
            problem = unforeseen(wrong)
        if problem is not None and not began:
            await answer(problem)(scope, receive, dressed)


def _kind(scope: Scope) -> str:
    return sent(scope, b"content-type").partition(";")[0].strip().lower()


def _unfit(scope: Scope) -> Problem | None:
    """The problem of a request that no route should see."""
    raw = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()) + unquote_to_bytes(scope.get("query_string", b"").replace(b"+", b" "))
    try:
        if "\x00" in raw.decode():
            return Problem("body_invalid", detail="NUL")
    except UnicodeDecodeError:
        return Problem("body_invalid", detail="UTF-8")
    if scope["method"] in UNSAFE and not scope["path"].startswith(API) and not own_site(scope):
        return Problem("cross_site")
    if scope["method"] not in BODIES:
        return None
    length, kind = sent(scope, b"content-length"), _kind(scope)
    has_body = bool(sent(scope, b"transfer-encoding")) or length not in ("", "0")
    if has_body and kind not in MOST:
        return Problem("type_unsupported", detail=sorted(MOST))
    if length.isdigit() and int(length) > MOST.get(kind, MOST[JSON]):
        return Problem("too_large", detail={"bytes": MOST.get(kind, MOST[JSON])}, headers={"Connection": "close"})
    return None


def _counted(receive: Receive, most: int) -> Receive:
    taken = 0

    async def counted() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLarge
        return message

    return counted
