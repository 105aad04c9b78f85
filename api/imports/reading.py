"""The rows of an old register: a workbook (xlsx, read as it streams) or CSV in UTF-8 or GB18030, whatever stands above its headings."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

UNPACKED = 500 * 1024 * 1024  # bytes of a workbook's parts together: beyond, it is no register
TITLES = 15  # rows that may stand above the headings: title, office, year
CODECS = ("utf-8-sig", "gb18030")
csv.field_size_limit(1024 * 1024)


class Unreadable(ValueError):
    """The file is no register that can be read; the message is a code of `findings`."""


@dataclass(frozen=True)
class Sheet:
    """A register before its mapping: headings by column, and every row below with its number in the file."""

    headings: list[str]
    rows: list[tuple[int, list[Any]]]
    sheets: list[str]
    mac: bool = False  # days count from 1904

    def cells(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each row as heading → value; rows without any value are none."""
        for number, row in self.rows:
            found = {name: value for name, value in zip(self.headings, row, strict=False) if name}
            if any(value not in (None, "") and str(value).strip() for value in found.values()):
                yield number, found


def read(content: bytes, sheet: str = "", heading_row: int = 0, known: frozenset[str] = frozenset()) -> Sheet:
    """The register in a file; `known` headings tell where the table begins when nobody says so. Raises Unreadable."""
    rows, sheets, mac = _workbook(content, sheet) if content.startswith(b"PK\x03\x04") else (_table(content), [], False)
    at = heading_row - 1 if heading_row else _headed(rows, known)
    if not 0 <= at < len(rows):
        raise Unreadable("no_headings")
    headings = _unique([plain(value) for value in rows[at]])
    if not any(headings):
        raise Unreadable("no_headings")
    return Sheet(headings, [(n + 1, row) for n, row in enumerate(rows) if n > at], sheets, mac)


def plain(value: Any) -> str:
    """A heading or word as it is compared: half-width, without spaces and line breaks."""
    return "".join(unicodedata.normalize("NFKC", str(value)).split()) if value is not None else ""


def _workbook(content: bytes, sheet: str) -> tuple[list[list[Any]], list[str], bool]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise Unreadable("too_big_unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 - a broken workbook breaks the library in any way it likes
        raise Unreadable("workbook_broken") from None
    try:
        if sheet and sheet not in book.sheetnames:
            raise Unreadable("no_such_sheet")
        page: Any = book[sheet or book.sheetnames[0]]
        page.reset_dimensions()  # written by others, and often wrong
        return [list(row) for row in page.iter_rows(values_only=True)], list(book.sheetnames), book.epoch == CALENDAR_MAC_1904
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001
        raise Unreadable("workbook_broken") from None
    finally:
        book.close()


def _table(content: bytes) -> list[list[Any]]:
    text = _decoded(content)
    first = text[: text.find("\n", 4096) if "\n" in text[4096:] else len(text)]
    mark = max(",\t;", key=first.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    except csv.Error:
        raise Unreadable("table_broken") from None


def _decoded(content: bytes) -> str:
    for codec in CODECS:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable("encoding_unknown")


def _headed(rows: list[list[Any]], known: frozenset[str]) -> int:
    """The row with most headings that are known; without any the first with several filled cells."""
    best, found = -1, 0
    for n, row in enumerate(rows[:TITLES]):
        names = {plain(value) for value in row} - {""}
        hits = len(names & known)
        if hits > found:
            best, found = n, hits
    if best >= 0:
        return best
    return next((n for n, row in enumerate(rows[:TITLES]) if len({plain(value) for value in row} - {""}) > 1), -1)


def _unique(names: list[str]) -> list[str]:
    """A heading that stands twice gets a number, so that no column hides another."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 or not name else f"{name}({seen[name]})")
    return found
