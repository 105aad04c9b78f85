"""The picture of a count in a plain terminal: Chinese first, at most the given columns, colour only if asked."""

from __future__ import annotations

from collections.abc import Callable

from cli.due_grid import WEEKDAYS, Cell, Line, Picture, Subject, Week, picture, width, wrap
from domain.deadlines import Due
from domain.workdays import Calendar

Paint = Callable[[str, str], str]

LABEL = 9  # columns of the month at the left
HANG = 18  # columns before the text of a labelled line
_COLOURS = {
    "outside": "2",
    "start": "1;34",
    "counted": "1;32",
    "passed": "32",
    "off": "31",
    "weekend": "2",
    "rolled": "33",
    "due": "1;7;33",
    "title": "1",
    "label": "2",
    "line-due": "1;33",
    "line-warn": "1;31",
}


def draw_count(title_zh: str, title_en: str, clause: str, reading: str, due: Due, calendar: Calendar, colour: bool, width: int, lang: str) -> str:
    """A due date drawn day by day; `lang` is "zh" (Chinese first, English beside it) or "en"."""
    return draw(picture(Subject(title_zh, title_en, clause, reading), due, calendar), colour, width, lang)


def draw(shown: Picture, colour: bool = False, columns: int = 80, lang: str = "zh") -> str:
    """A picture as text, ending in a line feed."""
    paint = _paint if colour else _plain
    cell = max(8, min(10, (columns - LABEL) // 7))
    lines = [*_title(shown, columns, lang, paint), "", _header(cell, lang, paint)]
    for week in shown.weeks:
        lines += _week(week, cell, lang, paint)
    lines.append("")
    for line in shown.lines:
        lines += _line(line, columns, lang, paint)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _paint(text: str, style: str) -> str:
    code = _COLOURS.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def _plain(text: str, _style: str) -> str:
    return text


def _title(shown: Picture, columns: int, lang: str, paint: Paint) -> list[str]:
    first, second = (shown.title_zh, shown.title_en) if lang == "zh" else (shown.title_en, shown.title_zh)
    gap = columns - 2 - width(first) - width(shown.source)
    beside = " " * gap + paint(shown.source, "label") if gap > 1 else ""
    heads = [" " + paint(part, "title") for part in wrap(first, columns - 2)]
    below = wrap(second, columns - 2) if second != first else []
    return [*heads[:-1], heads[-1] + beside, *(" " + paint(part, "label") for part in below)]


def _header(cell: int, lang: str, paint: Paint) -> str:
    names = [f"{zh} {en}" if lang == "zh" else en for zh, en in WEEKDAYS]
    return " " * LABEL + "".join(paint(_pad(name, cell), "label") for name in names)


def _week(week: Week, cell: int, lang: str, paint: Paint) -> list[str]:
    if week.skipped:
        text = f"... 略去 {week.skipped} 周 ({week.skipped} weeks) ..." if lang == "zh" else f"... {week.skipped} weeks ..."
        return [" " * LABEL + paint(text, "label")]
    rows = [[_label(c, lang) for c in week.cells], [_first(c, lang) for c in week.cells], [_second(c, lang) for c in week.cells]]
    lines = []
    for n, row in enumerate(rows):
        if n > 0 and not any(row):
            continue
        label = _pad(" " + week.title if n == 0 else "", LABEL)
        texts = [_cell_text(text, c, cell, paint) for text, c in zip(row, week.cells, strict=True)]
        lines.append(paint(label, "label") + "".join(texts))
    return lines


def _label(cell: Cell, lang: str) -> str:
    return cell.label + ("[截止]" if lang == "zh" else "[DUE]") if cell.style == "due" else cell.label


def _cell_text(text: str, shown: Cell, cell: int, paint: Paint) -> str:
    fitted = _fit(text, cell - 1)
    return paint(fitted, shown.style) + " " * (cell - width(fitted))


def _first(cell: Cell, lang: str) -> str:
    return cell.zh if lang == "zh" else cell.en


def _second(cell: Cell, lang: str) -> str:
    return cell.mark_zh if lang == "zh" else cell.mark_en


def _line(line: Line, columns: int, lang: str, paint: Paint) -> list[str]:
    """Chinese with the English beside it if both fit, else below it; English alone where asked."""
    room = columns - HANG - 1
    tone = f"line-{line.tone}" if line.tone else ""
    beside = (line.note or line.en).strip()
    if lang != "zh":
        label, parts = line.label_en, [paint(part, tone) for part in wrap(line.en or line.zh, room)]
    elif width(line.zh) + 2 + width(beside) <= room:
        label, parts = f"{line.label_zh} {line.label_en}", [paint(line.zh, tone) + "  " + paint(beside, "label")]
    else:
        label = f"{line.label_zh} {line.label_en}"
        parts = [*(paint(p, tone) for p in wrap(line.zh, room)), *(paint(p, "label") for p in wrap(beside, room))]
    heads = [paint(_pad(" " + label, HANG), "label"), *[" " * HANG for _ in parts[1:]]]
    return [head + part for head, part in zip(heads, parts, strict=True)]


def _pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def _fit(text: str, columns: int) -> str:
    while width(text) > columns:
        text = text[:-1]
    return text
