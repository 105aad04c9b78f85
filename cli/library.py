"""Reads rulebooks, offices, calendars, clause lists and stories from their folders; says which file is wrong and why."""

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from domain.law import Law, bind

ROOT = Path(__file__).resolve().parent.parent
BOOKS, CLAUSES, CALENDARS = ROOT / "rulebooks", ROOT / "rulebooks" / "clauses", ROOT / "rulebooks" / "calendars"
OFFICES, STORIES = ROOT / "examples" / "offices", ROOT / "examples" / "stories"


class LibraryError(Exception):
    """A file that is missing or cannot be read; the message names it and the remedy."""


def toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict; raises LibraryError with the line."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        near = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml")))
        raise LibraryError(f"{path.name} 不存在 / not found in {path.parent.name}; 现有 / there are: {near}") from None
    except tomllib.TOMLDecodeError as wrong:
        raise LibraryError(f"{path}: {wrong}") from None


def books() -> list[str]:
    """Ids of all rulebooks here."""
    return sorted(path.stem for path in BOOKS.glob("*.toml"))


@cache
def book(name: str) -> dict[str, Any]:
    """One rulebook as its file says; treat it as frozen."""
    return toml(BOOKS / f"{name}.toml")


@cache
def office(name: str) -> dict[str, Any]:
    """One office file; treat it as frozen."""
    return toml(Path(name) if name.endswith(".toml") else OFFICES / f"{name}.toml")


def office_for(rulebook: str) -> str:
    """The sample office that works under a rulebook."""
    for path in sorted(OFFICES.glob("*.toml")):
        if toml(path).get("office", {}).get("rulebook") == rulebook:
            return path.stem
    raise LibraryError(f"没有适用 {rulebook} 的示例机构 / no sample office for {rulebook}")


@cache
def calendars() -> tuple[dict[str, Any], ...]:
    """The published years that come with the project, in order."""
    return tuple(toml(path) for path in sorted(CALENDARS.glob("*.toml")))


def published(added: Path) -> tuple[dict[str, Any], ...]:
    """The years in force in an installation: those of its own folder (`huiyin calendar add`) go before the project's."""
    years = {int(year["year"]): year for year in (*calendars(), *(toml(path) for path in sorted(added.glob("*.toml"))))}
    return tuple(years[number] for number in sorted(years))


@cache
def law(rulebook: str, office_name: str) -> Law:
    """Book, office and the project's calendars bound together: what stories and proofs stand on."""
    return bind(book(rulebook), office(office_name), list(calendars()))


def law_in_force(rulebook: str, office_name: str, added: Path) -> Law:
    """The same with the years of an installation: what binds new cases there."""
    return bind(book(rulebook), office(office_name), list(published(added)))


def clauses(rulebook: str) -> list[dict[str, Any]]:
    """The clause list of a book."""
    return list(toml(CLAUSES / f"{rulebook}.toml").get("clause", ()))


def shown_offices() -> list[str]:
    """The offices that the demo shows whole."""
    return list(toml(ROOT / "examples" / "demo.toml")["offices"])


def walked() -> list[tuple[Path, dict[str, Any]]]:
    """The stories that are also told on a real engine: all of the offices that the demo shows, and the whole story (OFFICE-full) of every other book."""
    shown = set(shown_offices())
    return [(path, one) for path, one in single_stories() if one["office"] in shown or one["story"] == f"{one['office']}-full"]


def stories(rulebook: str = "") -> list[tuple[Path, dict[str, Any]]]:
    """All stories (variants unfolded) with their files, of one book or of all; treat them as frozen."""
    return [(path, story) for path, story in _stories() if not rulebook or story.get("rulebook") == rulebook]


def boundaries(rulebook: str = "") -> list[tuple[Path, dict[str, Any]]]:
    """The boundary stories (`[[bounds]]`) with their files, of one book or of all: they stop at the last day of a term and prove nothing else."""
    return [(path, story) for path, story in _boundaries() if not rulebook or story.get("rulebook") == rulebook]


@cache
def _boundaries() -> tuple[tuple[Path, dict[str, Any]], ...]:
    from domain.stories import bounds

    return tuple(_each(bounds))


@cache
def _stories() -> tuple[tuple[Path, dict[str, Any]], ...]:
    from domain.stories import variants

    return tuple(_each(variants))


def _each(unfold: Callable[[dict[str, Any]], Iterator[dict[str, Any]]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    from domain.stories import StoryError

    for path in sorted(STORIES.glob("*/*.toml")):
        try:
            yield from ((path, one) for one in unfold(toml(path)))
        except StoryError as wrong:
            raise LibraryError(f"{path.relative_to(STORIES)}: {wrong}") from None


def single_stories() -> list[tuple[Path, dict[str, Any]]]:
    """Stories that one workflow can tell: one case, no acts of the ledger."""
    from domain.stories import single

    return [(path, story) for path, story in stories() if single(story)]
