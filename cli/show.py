"""`huiyin rules show`: a book as a person reads it: terms, approvals, routes, answers, secrets, gaps."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli import library
from domain.clocks import clause_of

PARTS = (
    ("post", "岗位 posts"), ("channel", "渠道 channels"), ("admit", "不予受理 refusals"), ("fact", "认定事项 facts"), ("form", "文书 forms"),
    ("term", "期限 terms"), ("extend", "延期 extensions"), ("urge", "催办 urging"), ("chain", "审批 approvals"), ("gate", "先决条件 gates"),
    ("duty", "应办之事 duties"), ("finding", "调查结论 findings"), ("check", "审核 review"), ("answer", "答复 answers"),
    ("secret", "保密 secrecy"), ("hold", "现金与原件 items"), ("order", "责令 orders"), ("trigger", "自动后果 triggers"),
    ("measure", "处理措施 measures"), ("report", "报告 reports"), ("notice", "通知 notices"), ("counter", "计数 counters"),
)  # fmt: skip


def shown(name: str) -> str:
    """The book as text, Chinese first; each row with its clause and, where one was chosen, its reading."""
    book = library.book(name)
    head = book.get("book", {})
    lines = [str(head.get("title", name)), f"{head.get('issuer', '')}  {head.get('issued_on', '')}  {head.get('status', '')}", ""]
    for table, title in PARTS:
        rows = list(_rows(book.get(table) or {}))
        if rows:
            lines += [f"## {title}", *rows, ""]
    routes = (book.get("route") or {}).get("rows", ())
    if routes:
        lines += ["## 去向 routes", *(f"  {_condition(row)} → {row.get('do')} {row.get('to', '')} 〔{', '.join(clause_of(row))}〕" for row in routes), ""]
    lines += ["## 条款 clauses", *(f"  {row['ref']}  [{row['status']}]  {row['zh']}" for row in library.clauses(name))]
    return "\n".join(lines)


def _rows(table: Mapping[str, Any]) -> Iterator[str]:
    for key, row in table.items():
        clause = f" 〔{', '.join(clause_of(row))}〕" if clause_of(row) else (" 〔本单位要求 office policy〕" if row.get("office") else "")
        limit = f" = {_limit(row['limit'])}" if "limit" in row else ""
        yield f"  {row.get('zh', key)} [{key}]{limit}{clause}"
        if row.get("reading"):
            yield f"      读法 reading: {row['reading']}"


def _limit(limit: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in limit.items())


def _condition(row: Mapping[str, Any]) -> str:
    return "; ".join(f"{k} = {v}" for k, v in (row.get("when") or {}).items()) or "其余 otherwise"
