"""Answers made small on the way: static files always, pages where nobody else could have made the browser ask for them.

A page holds what is secret beside what somebody sent in. Who watches the network and makes a victim's browser ask again and again with guesses of his own
learns from the length of compressed answers (BREACH). So a page is packed when our own page led to it, or when the address was typed and has no question; asked
for by another site it goes as it is. The API, files and streams go as they are.
"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.headers import sent

LEAST = 1000  # bytes below which it is not worth it
LEVEL = 5
NEVER = ("/api/", "/live", "/export/")


class Packing:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain, self.packed = app, GZipMiddleware(app, minimum_size=LEAST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        await (self.packed if scope["type"] == "http" and fit(scope) else self.plain)(scope, receive, send)


def fit(scope: Scope) -> bool:
    """Whether the answer to a request may be packed."""
    path: str = scope["path"]
    if path.startswith("/static/"):
        return True
    if path.startswith(NEVER):
        return False
    site = sent(scope, b"sec-fetch-site")
    return site == "same-origin" or (site in ("", "none") and not scope.get("query_string"))
