"""Tables as Excel and CSV files: written as they come, in Beijing time, with nothing in a cell that a spreadsheet would run."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from domain.workdays import ZONE

XLSX, CSV = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv; charset=utf-8"
KINDS = {"xlsx": XLSX, "csv": CSV}
RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # how a formula begins, in either width
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_000  # characters that Excel takes in a cell
PIECE = 64 * 1024


def harmless(value: Any) -> Any:
    """A value as a cell: instants at +08:00, yes and no in words, lists in one cell, and text that stays text."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.astimezone(ZONE).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
    if isinstance(value, date):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        value = "、".join(str(one) for one in value)
    text = UNWRITABLE.sub("", str(value))[:LONGEST]
    return f"'{text}" if text.startswith(RUNS) else text


class Book:
    """A workbook that is written row by row and never whole in memory."""

    def __init__(self) -> None:
        self.book = Workbook(write_only=True)

    def sheet(self, title: str, headings: Sequence[str], widths: Sequence[int] = ()) -> "Sheet":
        """A new sheet with bold headings that stay in sight."""
        page: Any = self.book.create_sheet(title)
        page.freeze_panes = "A2"
        for n, width in enumerate(widths or [18] * len(headings)):
            page.column_dimensions[chr(65 + n)].width = width
        cells = []
        for heading in headings:
            cell = WriteOnlyCell(page, harmless(heading))
            cell.font = Font(bold=True)
            cells.append(cell)
        page.append(cells)
        return Sheet(page)

    def written(self, to: Any) -> None:
        """Put it into a file."""
        self.book.save(to)


class Sheet:
    """One sheet of it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def add(self, row: Sequence[Any]) -> None:
        """One row more."""
        self.page.append([harmless(value) for value in row])


async def table(kind: str, title: str, headings: Sequence[str], rows: AsyncIterator[Sequence[Any]]) -> AsyncIterator[bytes]:
    """A table as a file of a kind, piece by piece."""
    if kind == "csv":
        yield b"\xef\xbb\xbf" + _line(headings)  # by this Excel knows that it is UTF-8
        async for row in rows:
            yield _line([_told(value) for value in row])
        return
    book = Book()
    sheet = book.sheet(title, headings)
    async for row in rows:
        sheet.add(row)
    with TemporaryFile() as file:
        await asyncio.to_thread(book.written, file)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


def _told(value: Any) -> Any:
    found = harmless(value)
    return found.isoformat(" ", "minutes") if isinstance(found, datetime) else found


def _line(row: Iterable[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(["" if value is None else harmless(value) for value in row])
    return out.getvalue().encode()
