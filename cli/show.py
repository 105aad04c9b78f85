"""`huiyin rules show`: a book as a person reads it, Chinese first: every mechanism with its clauses and readings, the gaps, the clause list, the content hash."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli import library
from cli.show_words import TITLES, Words
from domain.clocks import clause_of
from domain.law import NAMED, law_text, text_hash

PARTS = {
    "flow": "流程 flow", "kind": "类别 kinds", "source": "来源 sources", "channel": "渠道 channels", "post": "岗位 posts", "body": "议事机构 bodies", "unit_kind": "单位类别 kinds of units",
    "rank": "职级 ranks", "roster": "值班 rosters", "first": "首问 first contact", "fact": "认定事项 facts", "admit": "不予受理 refusals", "form": "文书 forms", "term": "期限 terms",
    "limits": "期限表 limits tables", "extend": "延期 extensions", "urge": "催办 urging", "chain": "审批 approvals", "route": "去向 routes", "assign": "交办 assignment",
    "gate": "先决条件 gates", "recuse": "回避 withdrawal", "duty": "应办之事 duties", "finding": "调查结论 findings", "check": "审核 review", "answer": "答复 answers",
    "satisfy": "满意度 satisfaction", "again": "重复与申诉 repeats and appeals", "secret": "保密 secrecy", "hold": "现金与原件 items held", "order": "责令 orders", "trigger": "自动后果 triggers",
    "measure": "处理措施 measures", "publish": "公布 publicity", "report": "报告 reports", "incident": "情况 incidents", "notice": "通知 notices", "serve": "送达 service",
    "supervise": "督查 supervision", "archive": "归档 archive", "counter": "计数 counters", "recur": "定期事项 recurring duties", "kpi": "指标 indicators", "draw": "抽查 draws",
    "param": "本单位填写的参数 parameters",
}  # fmt: skip
STATES = {"enforced": "由系统执行 enforced", "human": "由人办理 human", "later": "以后 later", "void": "无规则 void"}


@dataclass(frozen=True)
class Row:
    """One rule: its name, what it says, and on what it stands."""

    key: str
    zh: str
    en: str
    fields: Sequence[tuple[str, str]]
    cited: str
    reading: str


@dataclass(frozen=True)
class Sheet:
    """A book laid out for reading; `gaps` and `clauses` are rows of words."""

    title: str
    head: Sequence[tuple[str, str]]
    parts: Sequence[tuple[str, Sequence[Row]]]
    gaps: Sequence[Row]
    clauses: Sequence[Row]
    hashes: Sequence[tuple[str, str]]


def sheet(book: Mapping[str, Any], clauses: Sequence[Mapping[str, Any]]) -> Sheet:
    """A book and its clause list laid out; parts that are empty are left out."""
    words, head = Words(book), book.get("book") or {}
    parts = [(title, list(_rows(words, table, book.get(table) or {}))) for table, title in PARTS.items()]
    listed = [Row(str(one["ref"]), str(one["zh"]), str(one["en"]), [("", str(one[key])) for key in ("where", "why") if one.get(key)], STATES.get(one["status"], one["status"]), "") for one in clauses]
    return Sheet(
        str(head.get("title", "")),
        [(label, text) for label, text in words.fields({k: v for k, v in head.items() if k not in ("title", "gaps")}) if text],
        [(title, rows) for title, rows in parts if rows],
        [*_gaps(words, head), *_readings(book), *_open(words, book)],
        listed,
        [("制度内容 rulebook", text_hash(law_text(book))), ("条款清单 clause list", text_hash(law_text({"clause": list(clauses)})))],
    )


def _rows(words: Words, table: str, rows: Mapping[str, Any]) -> Iterator[Row]:
    if table == "route":
        for n, row in enumerate(rows.get("rows", ()), 1):
            yield _row(words, str(n), {**row, "zh": words.condition(row["when"]) if row.get("when") else "其余情形"}, leave=("when",))
    elif table in NAMED:
        for key, row in rows.items():
            yield _row(words, key, {"zh": TITLES[table](words, row), **row} if table in TITLES else row)
    elif rows:
        yield _row(words, table, {"zh": PARTS[table].split()[0], **rows})


def _row(words: Words, key: str, row: Mapping[str, Any], leave: tuple[str, ...] = ()) -> Row:
    cited = "、".join(clause_of(row)) or ("本单位要求 office policy" if row.get("office") else "")
    fields = [one for one in words.fields({k: v for k, v in row.items() if k not in leave}) if one[1]]
    return Row(key, str(row.get("zh", key)), str(row.get("en", "")), fields, cited, str(row.get("reading", "")))


def _gaps(words: Words, head: Mapping[str, Any]) -> Iterator[Row]:
    for gap in head.get("gaps", ()):
        fields = [(label, str(gap[key])) for key, label in (("why", "缘由"), ("param", "设置 setting")) if gap.get(key)]
        yield Row("book.gaps", str(gap.get("what", "")), str(gap.get("en", "")), fields, "、".join(clause_of(gap)), str(gap.get("reading", "")))


def _readings(value: Any, path: str = "") -> Iterator[Row]:
    """Every reading that was chosen, nested ones too, with the path of its row."""
    if isinstance(value, Mapping):
        if value.get("reading") and not path.startswith("book.gaps"):
            yield Row(path, str(value.get("zh", "")), "", [], "、".join(clause_of(value)), str(value["reading"]))
        for key, part in value.items():
            yield from _readings(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for n, part in enumerate(value, 1):
            yield from _readings(part, f"{path}[{n}]")


def _open(words: Words, book: Mapping[str, Any]) -> Iterator[Row]:
    for key, row in (book.get("param") or {}).items():
        if "default" not in row:
            yield Row(f"param.{key}", str(row.get("zh", key)), str(row.get("en", "")), [("", "文中未写,由本单位填写 left to the office")], "、".join(clause_of(row)), str(row.get("reading", "")))


def shown(name: str) -> str:
    """The book as text."""
    page = sheet(library.book(name), library.clauses(name))
    lines = [page.title, *(f"  {label} {text}" for label, text in page.head)]
    for title, rows in (*page.parts, ("缺漏与读法 gaps and readings", page.gaps), ("条款 clauses", page.clauses)):
        lines += ["", f"## {title}", *(line for row in rows for line in _lines(row))] if rows else []
    return "\n".join([*lines, "", *(f"{label} SHA-256 {digest}" for label, digest in page.hashes)])


def _lines(row: Row) -> Iterator[str]:
    yield f"  {row.zh} [{row.key}]" + (f" 〔{row.cited}〕" if row.cited else "")
    yield from (f"      {label} {text}" for label, text in row.fields)
    if row.reading:
        yield f"      读法 reading: {row.reading}"


def html(page: Sheet) -> str:
    """The book as one page that stands by itself, to be printed and signed."""
    import jinja2

    loader = jinja2.FileSystemLoader(library.ROOT / "templates")
    jinja = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return jinja.get_template("rulebook.html.j2").render(page=page)


def written(name: str, path: Path) -> str:
    """Write the page of a book to a file; says so."""
    path.write_text(html(sheet(library.book(name), library.clauses(name))), encoding="utf-8")
    return f"✓ {path}"
