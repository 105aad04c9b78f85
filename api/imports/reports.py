"""What was refused and why, as a workbook for the people who mend the file."""

import asyncio
import io
import json

import asyncpg

from api import queries_imports
from api.sheets import Book

HEADINGS = ("行号", "列", "原因", "怎么办", "依据条款", "说明", "代码", "Reason", "Remedy")


async def report_sheet(pool: asyncpg.Pool, name: str) -> bytes:
    """The workbook of an import's findings, in the order of the rows."""
    book = Book()
    sheet, after = book.sheet("未导入的行", HEADINGS, (8, 16, 30, 40, 24, 40, 18, 40, 50)), -1
    while found := await queries_imports.findings(pool, name, after):
        for one in found:
            detail = "" if one["detail"] is None else one["detail"] if isinstance(one["detail"], str) else json.dumps(one["detail"], ensure_ascii=False)
            sheet.add((one["row"] or "", one["column"], one["title"], one["remedy"], one["clause"], detail, one["code"], one["title_en"], one["remedy_en"]))
        after = max(one["row"] for one in found)
    out = io.BytesIO()
    await asyncio.to_thread(book.written, out)
    return out.getvalue()
