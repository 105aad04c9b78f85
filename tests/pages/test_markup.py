"""Every page of the application as it is rendered: nothing inline that the policy would block, nothing from elsewhere, its language said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.doors import filled, routes
from tests.pages.seeds import Seeded, seed
from tests.pages.test_nothing_shows import somebody

pytestmark = [pytest.mark.engine, pytest.mark.database]
FETCHED = frozenset({"src", "href", "action", "formaction", "poster", "data", "srcset"})


class Marks(HTMLParser):
    """Collects what is wrong in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.lang, self.headings, self.ids = "", 0, set()  # type: ignore[var-annotated]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.headings += tag == "h1"
        self.lang = given.get("lang") or "" if tag == "html" else self.lang
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.wrong.append(f"<{tag}> inline")
        if given.get("id") in self.ids:
            self.wrong.append(f"id {given['id']} twice")
        self.ids |= {given["id"]} if given.get("id") else set()
        for name, value in attrs:
            text = (value or "").strip()
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"<{tag} {name}={text[:40]}>")
            if name in FETCHED and (text.startswith("//") or (":" in text.partition("/")[0].partition("?")[0] and not text.startswith(("tel:", "#")))):
                self.wrong.append(f"<{tag} {name}={text[:60]}>")


@pytest.fixture(scope="module")
async def seeded(desk: Any) -> AsyncIterator[Seeded]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.office.LEAST", 0.0)
        yield await seed(desk)
    desk.parts.laws.offices.pop("community", None)


@pytest.mark.parametrize(("office", "person"), [("kaiyang", "wang"), ("kaiyang", "chen"), ("kaiyang", "sun"), ("kaiyang", "shen"), ("kaiyang", "luo"), ("", "")])
async def test_every_page_is_plain(seeded: Seeded, office: str, person: str) -> None:
    pages = 0
    async with somebody(seeded, office, person) as http:
        for lang, said in (("zh", "zh-CN"), ("en", "en")):
            http.cookies.set("huiyin_lang", lang)
            for template in routes(seeded.desk.http._transport.app, "GET"):  # type: ignore[attr-defined]
                if template.startswith("/api/") or template == "/live":
                    continue
                for path in filled(template, seeded, seeded.cases[:1]):
                    answer = await http.get(path, follow_redirects=True)
                    if not answer.headers.get("content-type", "").startswith("text/html"):
                        continue
                    marks = Marks(answer.text)
                    pages += 1
                    assert marks.wrong == [], path
                    assert marks.lang == said, path
                    assert marks.headings == 1, path
    assert pages > 40


@pytest.mark.parametrize("text", ['<p style="color:red">', "<style>a{}</style>", "<script>go()</script>", '<b onclick="go()">', '<img src="https://elsewhere/a.png">', '<a href="//elsewhere/">', '<a href="javascript:go()">', '<i id="a"></i><i id="a"></i>'])
def test_what_is_inline_or_from_elsewhere_is_seen(text: str) -> None:
    assert Marks(text).wrong
    assert not Marks('<a href="/x?next=http://a">a</a><a href="tel:110">b</a><script src="/static/a.js"></script>').wrong
