"""The tables of docs/forms.md and docs/zh/forms.md from the closed lists of forms and fields: between two marks, the rest is written by hand."""

from collections.abc import Callable, Iterator

from api.forms.fields import FIELDS
from api.forms.registry import COMPLAINANT, FORMS, INSIDE, UNIT
from cli import library

PAGES = {"docs/forms.md": "en", "docs/zh/forms.md": "zh"}
BEGIN, END = "<!-- {name}: made by python -m cli.docs -->", "<!-- end of {name} -->"
WHO = {"en": {"inside": "the office", UNIT: "the unit", COMPLAINANT: "the complainant"}, "zh": {"inside": "受理单位", UNIT: "承办单位", COMPLAINANT: "投诉人"}}


def page(path: str) -> str:
    """A page with its tables as the code has them now."""
    text = (library.ROOT / path).read_text(encoding="utf-8")
    for name, rows in TABLES.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, rest = text.split(begin)
        text = "\n".join((before + begin, *rows(PAGES[path]), end + rest.split(end)[1]))
    return text


def _forms(lang: str) -> Iterator[str]:
    yield from (("| 编号(文件名) | 表 | 谁能制作 |", "|---|---|---|") if lang == "zh" else ("| id (file name) | form | 中文 | who draws it up |", "|---|---|---|---|"))
    for form in FORMS.values():
        who = "、".join(WHO[lang]["inside" if one in INSIDE else one] for one in _readers(form.readers))
        yield f"| `{form.id}` | {form.zh} | {who} |" if lang == "zh" else f"| `{form.id}` | {form.en} | {form.zh} | {who.replace('、', ', ')} |"


def _readers(readers: frozenset[str]) -> list[str]:
    return [*(["inside"] if readers & INSIDE else []), *sorted(readers - INSIDE)]


def _fields(lang: str) -> Iterator[str]:
    yield from (("| 字段 | 内容 |", "|---|---|") if lang == "zh" else ("| field | what it holds |", "|---|---|"))
    for field in FIELDS.values():
        if not field.columns:
            yield f"| `{field.name}` | {field.zh if lang == 'zh' else field.en} |"


def _lists(lang: str) -> Iterator[str]:
    yield from (("| 列表 | 内容 | 每行的栏 |", "|---|---|---|") if lang == "zh" else ("| list | what it holds | columns of a row |", "|---|---|---|"))
    for field in FIELDS.values():
        if field.columns:
            yield f"| `{field.name}` | {field.zh if lang == 'zh' else field.en} | {' '.join(f'`{one}`' for one in field.columns)} |"


TABLES: dict[str, Callable[[str], Iterator[str]]] = {"forms": _forms, "fields": _fields, "lists": _lists}
