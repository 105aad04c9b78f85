"""Which headers every answer carries, by what it is; and whether a request came from a page of this site (Sec-Fetch-Site, else Origin)."""

from urllib.parse import urlsplit

from starlette.types import Scope

PLAIN = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"cross-origin-resource-policy", b"same-origin"))
FRESH = ((b"cache-control", b"no-store"),)
CLOSED = b"default-src 'none'; frame-ancestors 'none'"
PAGE = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
DOCS = b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
# By the beginning of the path, the first that fits; what describes the API needs the inline script of its package.
TABLE: tuple[tuple[str, tuple[tuple[bytes, bytes], ...]], ...] = (
    ("/static/", (*PLAIN, (b"cache-control", b"public, max-age=31536000, immutable"), (b"content-security-policy", CLOSED))),
    ("/api/v1/docs", (*PLAIN, *FRESH, (b"content-security-policy", DOCS))),
    ("/api/", (*PLAIN, *FRESH, (b"content-security-policy", CLOSED))),
    ("/", (*PLAIN, *FRESH, (b"content-security-policy", PAGE), (b"cross-origin-opener-policy", b"same-origin"), (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"))),
)  # fmt: skip


def headers_of(path: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that an answer under this path carries, unless its route has set another value."""
    return next(headers for beginning, headers in TABLE if path.startswith(beginning))


def sent(scope: Scope, name: bytes) -> str:
    """A header of a request, '' where it was not sent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def own_site(scope: Scope) -> bool:
    """Whether a form came from our own page: by Sec-Fetch-Site; where the browser sends none (plain http in an office's network), by Origin."""
    site = sent(scope, b"sec-fetch-site")
    if site:
        return site == "same-origin"
    origin = urlsplit(sent(scope, b"origin"))
    return bool(origin.netloc) and origin.netloc == sent(scope, b"host")
