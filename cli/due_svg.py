"""The same picture as SVG: text stays text, no fonts inside, readable on light and dark pages."""

from __future__ import annotations

from html import escape

from cli.due_grid import WEEKDAYS, Cell, Line, Picture, Week, width, wrap

WIDE, LEFT, CELL_W, CELL_H, GAP = 880, 96, 104, 68, 6
HEAD, LINE_H = 108, 24
_FILLS = {  # background, text
    "outside": ("#ffffff", "#c2c8d0"),
    "start": ("#dbeafe", "#1e40af"),
    "counted": ("#dcfce7", "#166534"),
    "passed": ("#f0fdf4", "#166534"),
    "off": ("#fee2e2", "#b91c1c"),
    "weekend": ("#f3f4f6", "#6b7280"),
    "rolled": ("#fef3c7", "#92400e"),
    "due": ("#f59e0b", "#111827"),
}
_STYLE = (
    "text{font-family:system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;fill:#1f2937}"
    ".t{font-size:22px;font-weight:700}.s{font-size:14px;fill:#6b7280}.h{font-size:13px;fill:#6b7280}"
    ".n{font-size:15px;font-weight:600}.c{font-size:14px}.l{font-size:14px}.b{font-size:14px;font-weight:700}.w{font-weight:700;fill:#b91c1c}"
)


def draw_svg(shown: Picture, lang: str = "zh") -> str:
    """A picture as one SVG document, 880 units wide."""
    body = [*_title(shown, lang), *_header(lang)]
    y: float = HEAD
    for week in shown.weeks:
        body += _week(week, y, lang)
        y += 28 if week.skipped else CELL_H + GAP
    y += 26
    for line in shown.lines:
        drawn, y = _line(line, y, lang)
        body += drawn
    titled = escape(f"{shown.title_zh} {shown.title_en}".strip())
    told = escape("; ".join(f"{line.label_zh} {line.zh}".strip() for line in shown.lines))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y}" width="{WIDE}" height="{y}" role="img" aria-labelledby="t d">',
            f'<title id="t">{titled}</title>',
            f'<desc id="d">{told}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect width="{WIDE}" height="{y}" rx="12" fill="#ffffff" stroke="#d1d5db"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _text(x: float, y: float, text: str, style: str, fill: str = "", anchor: str = "", beside: str = "") -> str:
    extra = (f' style="fill:{fill}"' if fill else "") + (f' text-anchor="{anchor}"' if anchor else "")
    tail = f'<tspan class="s" dx="14" style="font-weight:400">{escape(beside)}</tspan>' if beside else ""
    return f'<text x="{x:g}" y="{y:g}" class="{style}"{extra}>{escape(text)}{tail}</text>'


def _title(shown: Picture, lang: str) -> list[str]:
    first, second = (shown.title_zh, shown.title_en) if lang == "zh" else (shown.title_en, shown.title_zh)
    return [_text(24, 40, first, "t"), _text(24, 64, second, "s"), _text(WIDE - 24, 40, shown.source, "s", anchor="end")]


def _header(lang: str) -> list[str]:
    names = [f"{zh} {en}" if lang == "zh" else en for zh, en in WEEKDAYS]
    return [_text(LEFT + n * (CELL_W + GAP) + CELL_W / 2, 96, name, "h", anchor="middle") for n, name in enumerate(names)]


def _week(week: Week, y: float, lang: str) -> list[str]:
    if week.skipped:
        text = f"… 略去 {week.skipped} 周 · {week.skipped} weeks …" if lang == "zh" else f"… {week.skipped} weeks …"
        return [_text(LEFT, y + 18, text, "s")]
    parts = [_text(24, y + 22, week.title, "h")] if week.title else []
    for n, cell in enumerate(week.cells):
        parts += _cell(cell, LEFT + n * (CELL_W + GAP), y, lang)
    return parts


def _cell(cell: Cell, x: float, y: float, lang: str) -> list[str]:
    back, ink = _FILLS[cell.style]
    words = (cell.zh, cell.mark_zh, "截止") if lang == "zh" else (cell.en, cell.mark_en, "DUE")
    parts = [f'<rect x="{x:g}" y="{y:g}" width="{CELL_W}" height="{CELL_H}" rx="6" fill="{back}"/>', _text(x + 8, y + 20, cell.label, "n", ink)]
    if cell.style == "due":
        parts.append(_text(x + CELL_W - 8, y + 20, words[2], "b", ink, "end"))
    parts += [_text(x + 8, y + at, word, "c", ink) for at, word in ((41, words[0]), (59, words[1])) if word]
    return parts


def _line(line: Line, y: float, lang: str) -> tuple[list[str], float]:
    label = f"{line.label_zh} {line.label_en}".strip() if lang == "zh" else line.label_en
    style = {"due": "b", "warn": "l w"}.get(line.tone, "l")
    beside = (line.note or line.en).strip()
    if lang != "zh":
        rows = [(part, style, "") for part in wrap(line.en or line.zh, 92)]
    elif width(line.zh) + width(beside) <= 88:
        rows = [(line.zh, style, beside)]
    else:
        rows = [*((part, style, "") for part in wrap(line.zh, 92)), *((part, "s", "") for part in wrap(beside, 92))]
    parts = [_text(24, y, label, "h")] if label else []
    for text, kind, after in rows:
        parts.append(_text(168, y, text, kind, beside=after))
        y += LINE_H
    return parts, y
