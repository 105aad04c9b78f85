"""The twenty named paths and the situations that the texts name, each with the story that walks it (examples/demo.toml)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli import library
from domain.core import Event, clause_of

FILE = library.ROOT / "examples" / "demo.toml"


@dataclass(frozen=True)
class Path:
    """One named path. `walked` = what must stand in the record of its case; `by` = the demo's own code, where no story can do it."""

    number: int
    zh: str
    en: str
    office: str
    clause: tuple[str, ...]
    story: str
    by: str
    walked: tuple[str, ...]
    look: str


@dataclass(frozen=True)
class Situation:
    """One situation that a text names, and the first story with it; '' where no story has it."""

    book: str
    clause: tuple[str, ...]
    zh: str
    en: str
    story: str


def paths() -> list[Path]:
    """The named paths in order."""
    rows = library.toml(FILE)["path"]
    return [
        Path(n, row["zh"], row["en"], row["office"], clause_of(row), row.get("story", ""), row.get("by", ""), tuple(row.get("walked", ())), row["look"])
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip


def situations() -> list[Situation]:
    """The grounds of the first two books out of their tables, the third book's cases as the file names them."""
    found = []
    for group in library.toml(FILE)["grounds"]:
        options = library.book(group["book"])["fact"]["ground"]["options"]
        rows = {key: row for key, row in options.items() if key[:1] == group["of"] and key[1:].isdigit()}
        found += [Situation(group["book"], clause_of(row), row["zh"], row["en"], _story_with(group["book"], key)) for key, row in rows.items()]
    known = {story["story"] for _, story in library.stories()}
    for row in library.toml(FILE)["situation"]:
        found.append(Situation(row["book"], clause_of(row), row["zh"], row["en"], row["story"] if row["story"] in known else ""))
    return found


def _story_with(book: str, ground: str) -> str:
    """The first story in which the ground is named when the case is filed, or found later; those about grounds first."""
    stories = sorted((story for _, story in library.stories(book)), key=lambda story: "ground" not in story.get("tags", ()))
    for story in stories:
        for act in story.get("act", ()):
            if "refused" not in act and (act.get("with", {}).get("facts") or {}).get("ground") == ground:
                return str(story["story"])
    return ""


def names_of(events: Iterable[Event]) -> set[str]:
    """What happened, as `walked` says it: a kind, kind:subject, "kind by person", refused:code, a mark."""
    names: set[str] = set()
    for event in events:
        names |= {event.kind, f"{event.kind}:{event.subject}", f"{event.kind} by {event.actor}", *map(str, event.data.get("marks", ()))}
        if event.kind == "refused":
            names.add(f"refused:{event.data['code']}")
    return names


def missing(path: Path, events: Iterable[Event]) -> list[str]:
    """What should have happened on a path and did not."""
    names = names_of(events)
    return [one for one in path.walked if one not in names]


def file_of(story: str) -> str:
    """The story's file, from the root of the project."""
    return next(str(path.relative_to(library.ROOT)) for path, one in library.stories() if one["story"] == story)


def titles() -> Mapping[str, Any]:
    """Book id -> its Chinese title."""
    return {name: library.book(name)["book"].get("title", name) for name in library.books()}
