"""`huiyin rules diff`: what changed between two texts of a book, row by row in plain words with the clauses; nothing that decides is left out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.show import Row, sheet
from cli.show_words import Words
from domain.clocks import clause_of

FREE = ("去向 routes",)  # rows without a name: their place is their key, and one more in front is no change of the others


def compared(old: str, new: str) -> list[str]:
    """The lines of a comparison of two published texts (`domain.versions.content`); [] where they are the same."""
    was, now = json.loads(old), json.loads(new)
    if was == now and old == new:
        return []
    before, after = sheet(was["book"], was["clause"]), sheet(now["book"], now["clause"])
    head = _rows("制度 book", [Row("book", before.title, "", before.head, "", "")], [Row("book", after.title, "", after.head, "", "")])
    parts = [title for title, _ in after.parts]
    parts += [title for title, _ in before.parts if title not in parts]
    a, b = dict(before.parts), dict(after.parts)
    told = [head, *(_rows(title, a.get(title, ()), b.get(title, ())) for title in parts)]
    decided = _rows("本单位所定 terms of the office", list(terms(was)), list(terms(now)))
    lines = [line for part in (*told, decided, _rows("条款 clauses", before.clauses, after.clauses)) for line in part]
    rest = [] if lines and not _silent(was, now, lines) else list(paths("", was, now))
    return [*lines, *(["", "## 其他 other"] if rest else []), *(f"  ~ {line}" for line in rest)]


def _silent(was: Mapping[str, Any], now: Mapping[str, Any], lines: Sequence[str]) -> bool:
    """Whether a table changed of which no line speaks."""
    changed = [name for name in {*was["book"], *now["book"]} if was["book"].get(name) != now["book"].get(name)]
    return len(changed) > sum(line.startswith("## ") for line in lines)


def terms(value: Mapping[str, Any]) -> Iterator[Row]:
    """What the office has decided in a published text: its limits for vague words, its parameters, its own rows."""
    words, own = Words({**value["book"]}), value["terms"]
    for key, limit in own.get("vague", {}).items():
        yield Row(f"vague.{key}", f"“{key}”", "", [("期限", words.limit(limit))], "", "")
    for key, set_ in own.get("param", {}).items():
        row = (value["book"].get("param") or {}).get(key, {})
        yield Row(f"param.{key}", str(row.get("zh", key)), "", [("值", words.limit(set_) if isinstance(set_, Mapping) else words.plain(set_))], "、".join(clause_of(row)), "")
    for mechanism, rows in own.get("policy", {}).items():
        for key, row in rows.items():
            yield Row(f"policy.{mechanism}.{key}", str(row.get("zh", key)), str(row.get("en", "")), words.fields(row), "本单位要求 office policy", str(row.get("reading", "")))


def _rows(title: str, old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    if title in FREE:
        same = [row for row in map(_bare, old) if row in list(map(_bare, new))]
        old, new = ([row for row in rows if _bare(row) not in same] for rows in (old, new))
    was, now = {row.key: row for row in old}, {row.key: row for row in new}
    lines = []
    for key, row in now.items():
        if key not in was:
            lines += [f"  + {_name(row)}", *(f"      {label} {text}" for label, text in row.fields)]
        elif was[key] != row:
            lines += [f"  ~ {_name(row)}", *_fields(was[key], row)]
    lines += [f"  - {_name(row)}" for key, row in was.items() if key not in now]
    if not lines and list(was) != list(now):
        lines = [f"  ~ 次序变动 order changed: {', '.join(now)}"]
    return ["", f"## {title}", *lines] if lines else []


def _bare(row: Row) -> tuple[Any, ...]:
    return (row.zh, tuple(row.fields), row.cited, row.reading)


def _name(row: Row) -> str:
    return f"{row.zh} [{row.key}]" + (f" 〔{row.cited}〕" if row.cited else "")


def _fields(old: Row, new: Row) -> Iterator[str]:
    was = {"名称 name": old.zh, "英文 English": old.en, "条款 clause": old.cited, **dict(old.fields), "读法 reading": old.reading}
    now = {"名称 name": new.zh, "英文 English": new.en, "条款 clause": new.cited, **dict(new.fields), "读法 reading": new.reading}
    for label in [*now, *(one for one in was if one not in now)]:
        if was.get(label, "") != now.get(label, ""):
            yield f"      {label}: {was.get(label) or '(无 none)'} → {now.get(label) or '(无 none)'}"


def paths(where: str, old: Any, new: Any) -> Iterator[str]:
    """The same as data, path by path: what has no words of its own."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*new, *(one for one in old if one not in new)]:
            yield from paths(f"{where}.{key}" if where else str(key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for n, (a, b) in enumerate(zip(old, new, strict=True), 1):
            yield from paths(f"{where}[{n}]", a, b)
    elif old != new:
        yield f"{where}: {json.dumps(old, ensure_ascii=False)} → {json.dumps(new, ensure_ascii=False)}"
