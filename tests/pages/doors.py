"""Every address of the application, taken from the application itself, with real parameters: a new route is walked by itself, one with a parameter that nobody named here fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from api.acts import INTERNAL
from api.pages.site import ROUTERS
from domain.acts import ACTS
from tests.pages.seeds import Seeded, spread

PLACE = re.compile(r"{(\w+)(?::\w+)?}")
ACTS_OPEN = sorted(set(ACTS) - INTERNAL)
EXPORTS = ("complaints", "tasks", "inbox", "old-records")
NONE = "0" * 64
# What stands for {name} under each beginning.
NAMED: dict[str, Callable[[Seeded], Iterable[str]]] = {
    "/export/": lambda _: EXPORTS, "/api/v1/views/": lambda _: ("none",), **dict.fromkeys(("/imports/", "/api/v1/imports/"), lambda seeded: (seeded.brought, "import-none")),
    **dict.fromkeys(("/old-records/", "/api/v1/old-records/"), lambda seeded: (*(one.record for one in seeded.old), "old-none")),
}  # fmt: skip
# Questions that a list can be asked: by the words of a complaint, by who is accused, by what waits.
ASKED = {
    "/api/v1/complaints": ("?q=线索", "?limit=200", "?limit=200&respondent_unit=tax", "?limit=200&respondent_unit=labour", "?limit=200&unit=tax", "?limit=200&waiting_on=me", "?open=true&limit=200"),
    "/api/v1/complaints.{kind}": ("", "?respondent_unit=housing", "?q=线索"), "/export/{name}.{kind}": ("",), "/api/v1/deadlines": ("?month={month}",), "/register": ("", "?q=线索", "?respondent_unit=tax", "?number=1"),
    "/desk/paper": ("", "?number=1&for=wang"), "/api/v1/due": ("?office=kaiyang",), "/desk/new": ("", "?draft={draft}"),
    "/old-records": ("", "?q={word}", "?number=OLD"), "/api/v1/old-records": ("", "?limit=200", "?q={word}"), "/api/v1/old-records.{kind}": ("", "?q={word}"),
}  # fmt: skip


def routes(app: Any, method: str) -> list[str]:
    """The templates of all addresses that answer a method."""
    of_pages = {route.path for router in ROUTERS for route in router.routes if method in route.methods}
    of_api = {path for path, known in app.openapi()["paths"].items() if method.lower() in known}
    return sorted(of_pages | of_api)


def filled(template: str, seeded: Seeded, cases: Iterable[Any] | None = None) -> list[str]:
    """A template with real parameters; raises KeyError for a parameter that is not known here: name it, or the route goes unsearched."""
    found = [template]
    for name in PLACE.findall(template):
        found = [one for path in found for one in _put(path, template, name, seeded, list(seeded.cases if cases is None else cases))]
    questions = ASKED.get(template, ("",))
    words = [(row.identity[0], row.original[1], row.number) for row in seeded.old]
    asked = [question.format(month="2026-11", draft=seeded.draft) for question in questions if "{word}" not in question]
    asked += [question.format(word=word) for question in questions if "{word}" in question for row in words for word in row]
    return [path + question for path in found for question in asked]


def _put(path: str, template: str, name: str, seeded: Seeded, cases: list[Any]) -> list[str]:
    if name == "act" and "{case_id}" in template:
        n = next((n for n, one in enumerate(seeded.cases) if one.case in path), 0)
        values: Iterable[str] = spread(ACTS_OPEN, n, len(seeded.cases))
    elif name == "name":
        values = next(known(seeded) for beginning, known in NAMED.items() if template.startswith(beginning))
    else:
        values = {
            "case_id": [one.case for one in cases], "office": ["kaiyang", "community"], "act": ACTS_OPEN, "kind": ["xlsx", "csv"], "command": ["none"], "sha256": [NONE], "digest": [NONE],
            "form": ["register_telephone", "slip", "cover", "list"], "draft": [seeded.draft], "wish": ["add"], "person": ["wang", "zhou"], "seq": ["4"], "month": ["2026-11"], "token": ["none"],
        }[name]  # fmt: skip
    return [re.sub(r"{" + name + r"(?::\w+)?}", value, path) for value in values]
