"""Every word of a page stands in the English catalogue, once, and nothing stands there that no page says."""

from __future__ import annotations

import re
from collections import Counter

from babel.messages.pofile import read_po

from api.pages.menu import ENTRIES
from api.pages.render import LOCALE, files_of_pages

SAID = re.compile(r"""_\(\s*"((?:[^"\\]|\\.)*)"\s*\)|_\(\s*'((?:[^'\\]|\\.)*)'\s*\)""")


def said() -> set[str]:
    found = {one or other for file in files_of_pages() for one, other in SAID.findall(file.read_text(encoding="utf-8"))}
    return {text.replace('\\"', '"') for text in found} | {word for _, word, _ in ENTRIES}


def catalogues() -> Counter[str]:
    known: Counter[str] = Counter()
    for file in sorted((LOCALE / "en" / "LC_MESSAGES").glob("*.po")):
        with file.open("rb") as raw:
            known.update(str(one.id) for one in read_po(raw) if one.id and one.string)
    return known


def test_each_word_of_the_pages_has_its_english() -> None:
    assert sorted(said() - set(catalogues())) == []


def test_the_catalogue_says_nothing_twice_and_nothing_unsaid() -> None:
    known = catalogues()
    assert [word for word, n in known.items() if n > 1] == []
    assert sorted(set(known) - said()) == []
