"""Chromium 102, on which offices still are, understands every style and script of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.pages.render import STATIC

# What came after version 102, by what one would write; found in code, not in comments or texts.
CSS = {
    r":has\(": "105", r"@container|container-(?:type|name)\s*:": "105", r"\d(?:dvh|svh|lvh|dvw|svw|lvw|cq[whib])\b": "108", r"color-mix\(": "111", r"\b(?:ok)?(?:lch|lab)\(": "111", r"@scope\b": "118", r"light-dark\(": "123", r"view-transition": "111",
    r"text-wrap\s*:": "114", r"@starting-style": "117", r":popover-open|anchor\(": "114", r"subgrid": "117", r"@property\s": "", r"(?:^|[{;])\s*&": "112", r"animation-timeline": "115", r"field-sizing": "123", r"interpolate-size|calc-size\(": "129", r"\btranslate\s*:|\bscale\s*:|\brotate\s*:": "104",
    r"(?:width|height)\s*(?:<=|>=|<|>)\s*\d": "104", r":user-(?:in)?valid": "119", r"\bround\(|\bmod\(|\babs\(": "125",
}  # fmt: skip
JS = {
    r"\.to(?:Sorted|Reversed|Spliced)\(|\.with\(": "110", r"Object\.groupBy|Map\.groupBy": "117", r"startViewTransition": "111", r"\.(?:show|hide|toggle)Popover|popover\b": "114", r"Promise\.withResolvers": "119", r"Array\.fromAsync": "121", r"Promise\.try": "128",
    r"\bSet\b.*\.(?:union|intersection|difference|isSubsetOf)\(": "122", r"\.isWellFormed\(|\.toWellFormed\(": "111", r"URL\.canParse": "120", r"AbortSignal\.(?:any|timeout)": "103", r"/[a-z]*v[a-z]*\b(?<=/v)": "112", r"\.replaceAll\(.*=>.*\bawait": "",
    r"checkVisibility": "105", r"navigation\.(?:navigate|addEventListener)": "", r"scheduler\.yield": "129", r"\busing\s+\w+\s*=": "134", r"setHTMLUnsafe": "124", r"#\w+\s+in\s+this": "",
}  # fmt: skip
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LINE = re.compile(r"(?<![:'\"])//[^\n]*")
TEXT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def wrong(name: str, text: str) -> list[str]:
    """What an old browser would not understand."""
    code = COMMENT.sub("", text)
    table = CSS if name.endswith(".css") else JS
    code = TEXT.sub('""', code) if name.endswith(".css") else TEXT.sub('""', LINE.sub("", code))
    found = [f"{name}: {match[0].strip()} (Chromium {since})" for known, since in table.items() for match in re.finditer(known, code, re.MULTILINE)]
    return found + (nested(name, code) if name.endswith(".css") else [])


def nested(name: str, code: str) -> list[str]:
    """Rules within rules: only @-rules may hold others."""
    found, open_ = [], []
    for head, brace in re.findall(r"([^{}]*)([{}])", code):
        if brace == "}":
            open_.pop()
            continue
        selector = head.rpartition(";")[2].strip()
        if open_ and not open_[-1].startswith("@"):
            found.append(f"{name}: {selector} within {open_[-1]} (Chromium 112)")
        open_.append(selector)
    return found


@pytest.mark.parametrize("path", sorted(one for one in STATIC.rglob("*") if one.suffix in (".css", ".js")), ids=lambda one: one.name)
def test_chromium_102_understands_it(path: Path) -> None:
    assert wrong(path.name, path.read_text()) == []


@pytest.mark.parametrize(("name", "text"), [
    ("a.css", "p:has(b) { color: red }"), ("a.css", ".a { color: red; .b { color: blue } }"), ("a.css", ".a { &:hover { color: blue } }"), ("a.css", ".a { height: 100dvh }"), ("a.css", "a { color: color-mix(in srgb, red, blue) }"),
    ("a.css", "@container (min-width: 3px) { a { color: red } }"), ("a.css", "@media (width >= 600px) { a { color: red } }"), ("a.js", "rows.toSorted()"), ("a.js", "box.showPopover()"), ("a.js", "document.startViewTransition(go)"), ("a.js", "Object.groupBy(rows, one)"),
])  # fmt: skip
def test_the_lint_sees(name: str, text: str) -> None:
    assert wrong(name, text)


def test_the_lint_lets_pass() -> None:
    assert wrong("a.css", "@media (max-width: 600px) { .a:hover, .b > c { color: #123456; /* :has( */ transform: scale(2) } }") == []
    assert wrong("a.js", "const a = b?.c ?? '.toSorted('; // popover\nrows.sort()") == []
