"""Every page of the application in a browser, wide and on a telephone: fit for everybody by axe, no wider than the window, nothing that the browser complains of; and by keyboard alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.pages.site import ROUTERS
from tests.browser.conftest import PHONE, WIDE, People, Person
from tests.browser.test_main_paths import filed

# Who opens a page, by the beginning of its address, the longest that fits; nobody signed in is "".
VISITORS = {"": "wang", "/approvals": "chen", "/unit": "sun", "/audit/": "shen", "/rules": "shen", "/file": "", "/follow": "", "/sign-in": "", "/people": "luo", "/accounts": "luo", "/admin": "luo"}
NO_PAGE = re.compile(r"^/live$|\.xlsx$|\{kind\}|/pending/|^/follow/|/send$")  # streams, files, JSON, and where a form only leads on
ABSENT = re.compile(r"/(?:imports|old-records|rules)/\{")  # what this office has none of: the page that says so is looked at
KEYS = {"case_id": "", "act": "accept", "office": "kaiyang", "name": "none", "sha256": "0" * 64, "person": "zhou", "draft": "none", "digest": "0" * 64}
ACTS = ("accept", "refuse", "transfer", "note")


def pages() -> list[str]:
    """The templates of all addresses that show a page."""
    return sorted({route.path for router in ROUTERS for route in router.routes if "GET" in route.methods and not NO_PAGE.search(route.path)})  # type: ignore[attr-defined]


def visitor(template: str) -> str:
    if template == "/":
        return ""
    return VISITORS[max((one for one in VISITORS if template.startswith(one)), key=len)]


def addresses(template: str, case: str) -> list[str]:
    """A template with real parameters; a parameter that nobody named fails."""
    path = re.sub(r"{(\w+)(?::\w+)?}", lambda one: {**KEYS, "case_id": case}[one[1]] if one[1] != "act" else "{act}", template)
    found = [path.replace("{act}", act) for act in (ACTS if "/acts/" in path else ("accept",))] if "{act}" in path else [path]
    return [one + ("?for=chen" if one.startswith("/desk/paper/") else "") for one in found]


@pytest.mark.parametrize(("name", "size"), [("wide", WIDE), ("phone", PHONE)], ids=["wide", "phone"])
async def test_every_page_is_fit_for_everybody(people: People, name: str, size: dict[str, int]) -> None:
    case = await filed(people, f"every-page-{name}")
    open_: dict[str, Person] = {}
    wrong: list[str] = []
    for template in pages():
        who = visitor(template)
        if who not in open_:
            open_[who] = await people(who, size=size)
        one = open_[who]
        for path in addresses(template, case):
            answer = await one.page.goto(one.base + path)
            assert answer is not None
            if not ABSENT.search(template) and answer.status != 200:
                wrong.append(f"{path}: {answer.status} for {who or 'nobody'}")
            one.complaints = [said for said in one.complaints if "Failed to load resource" not in said]  # the address itself, where there is none
            try:
                await one.look(f"every-{name}{path.replace(case, 'case')}")
            except AssertionError as bad:
                wrong.append(f"{path} ({who}): {str(bad)[:600]}")
                one.complaints.clear()
    assert wrong == []


async def reached(one: Person, most: int = 400) -> list[Any]:
    """What Tab comes to, from the top of the page to its end: how it is told apart, and whether one sees where one is."""
    await one.page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0) }")
    found: list[Any] = []
    for _ in range(most):
        await one.page.keyboard.press("Tab")
        here = await one.page.evaluate(SEEN)
        if here is None:
            continue  # past the end: the window's own controls, then the top again, for where a page had begun in a box
        if here["key"] in [row["key"] for row in found]:
            break
        found.append(here)
    return found


SEEN = """() => {
  const one = document.activeElement
  if (!one || one === document.body) return null
  const style = getComputedStyle(one)
  return { key: [...document.querySelectorAll('*')].indexOf(one), html: one.outerHTML.slice(0, 100), seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }
}"""
CONTROLS = """() => {
  const all = [...document.querySelectorAll('*')], groups = new Set()
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(one => {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility() || one.type === 'hidden') return false
    if (one.type === 'radio') {
      const mine = document.querySelectorAll(`input[type=radio][name="${CSS.escape(one.name)}"]`), checked = [...mine].find(row => row.checked)
      return one === (checked || mine[0])
    }
    return true
  }).map(one => ({ key: all.indexOf(one), html: one.outerHTML.slice(0, 100) }))
}"""


async def test_tab_reaches_every_control_and_shows_where_it_is(people: People) -> None:
    case = await filed(people, "keyboard")
    nobody, wang = await people(), await people("wang")
    for one, path in ((nobody, "/sign-in"), (wang, "/home"), (wang, f"/cases/{case}/acts/note"), (wang, f"/cases/{case}/acts/accept")):
        await one.go(path)
        controls = await one.page.evaluate(CONTROLS)
        assert len(controls) > 4, path
        got = await reached(one)
        keys = {row["key"] for row in got}
        assert [row["html"] for row in controls if row["key"] not in keys] == [], path
        assert [row["html"] for row in got if not row["seen"]] == [], path


async def test_the_first_tab_leads_past_the_menu(people: People) -> None:
    wang = await people("wang")
    for path in ("/home", "/desk", "/board"):
        await wang.go(path)
        await wang.page.evaluate("() => document.activeElement?.blur()")
        await wang.page.keyboard.press("Tab")
        assert await wang.page.evaluate("document.activeElement.className") == "skip"
        assert await wang.page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, "one sees it"
        await wang.page.keyboard.press("Enter")
        assert await wang.page.evaluate("document.activeElement.id") == "main"


async def test_english_says_that_it_is_english(people: People) -> None:
    wang = await people("wang")
    await wang.go("/home")
    assert await wang.page.locator("html").get_attribute("lang") == "zh-CN"
    await wang.page.get_by_role("button", name="English").click()
    await wang.page.wait_for_load_state()
    assert await wang.page.locator("html").get_attribute("lang") == "en"
    assert "My tasks" in await wang.text() or "tasks" in (await wang.text()).lower()
    await wang.look("home-english")
