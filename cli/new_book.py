"""`huiyin rules new`: the four files that a new book begins with, commented, sound from the first moment; nothing that exists is touched."""

import json
import re
from pathlib import Path

from cli import library

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class NewBookError(ValueError):
    """A name that cannot be one, or a file that stands in the way."""


def places(book: str, office: str) -> dict[str, Path]:
    """Template of each file → where it goes."""
    return {
        "rulebook": library.BOOKS / f"{book}.toml",
        "clauses": library.CLAUSES / f"{book}.toml",
        "office": library.OFFICES / f"{office}.toml",
        "story": library.STORIES / office / "full.toml",
    }


def written(book: str, title: str, office: str) -> list[Path]:
    """Write the four files; raises NewBookError before anything is written."""
    import jinja2

    for name in (book, office):
        if not NAME.fullmatch(name):
            raise NewBookError(f"{name!r}: 编号只用小写字母、数字和连字符 / an id has small letters, digits and hyphens")
    if not title.strip():
        raise NewBookError("--title: 须写制度名称 / the title of the text is missing")
    paths = places(book, office)
    if there := [path for path in paths.values() if path.exists()]:
        raise NewBookError(f"已有,不覆盖 / exists and stays: {', '.join(map(str, there))}")
    loader = jinja2.FileSystemLoader(library.ROOT / "templates" / "skeleton")
    jinja = jinja2.Environment(loader=loader, autoescape=False, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701 - TOML, no markup
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in {"book": book, "title": title.strip(), "office": office, "story": f"{office}-full"}.items()}
    texts = {path: jinja.get_template(f"{name}.toml.j2").render(**quoted, title_line=" ".join(title.split())) for name, path in paths.items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return list(paths.values())
