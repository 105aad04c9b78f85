"""A form's readable source (templates/forms/*.toml) made into a Word template: A4, fonts as offices use them, grids, lines to sign."""

import io
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

SOURCES = Path(__file__).resolve().parent.parent.parent / "templates" / "forms"
BODY, HEAD = "仿宋", "宋体"
LINE = 1.35  # height of a line in a table, so that other fonts give the same page
WIDTH = 165  # millimetres between the margins
MARGINS = {"top_margin": 22, "bottom_margin": 18, "left_margin": 25, "right_margin": 20}
# Machines without these fonts take the other names, in this order.
FALLBACK = {"仿宋": "FangSong,仿宋_GB2312,STFangsong", "宋体": "SimSun,STSong,Songti SC,Noto Serif CJK SC"}
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


@cache
def source(form: str) -> dict[str, Any]:
    """A form's source as data."""
    return tomllib.loads((SOURCES / f"{form}.toml").read_text(encoding="utf-8"))


def labels(form: str) -> frozenset[str]:
    """What the sheet already names: columns of the book's own form under these names are not printed twice."""
    cells = [cell for row in source(form).get("rows", ()) for cell in _cells(row)]
    above = [line.split("：")[0] for line in source(form).get("line", ())]
    return frozenset(_split(str(cell))[0].replace("\n", "") for cell in [*cells, *above] if "{{" not in str(cell) and cell) | frozenset(source(form).get("covers", ()))


@cache
def template(form: str) -> bytes:
    """Our own Word template of a form."""
    about = source(form)
    word = _page(about)
    for text, size, after in about.get("head", [["{{ 机构 }}", 15, 2], ["{{ 表名 }}", 20, 8]]):
        _write(word.add_paragraph(), text, size=size, font=HEAD, bold=True, align=CENTRE, after=after)
    if "line" in about:
        _line(word, about["line"])
    for paragraph in about.get("body", ()):
        _paragraph(word, paragraph)
    if "rows" in about:
        _table(word, about)
    for n, text in enumerate(about.get("sign", ())):
        _write(word.add_paragraph(), text, size=15, align=RIGHT, right=Pt(30), before=0 if n else 28, line=28)
    for text in about.get("below", ()):
        _write(word.add_paragraph(), text, size=9.5, before=4)
    if about.get("footer", True):
        _footer(word)
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _page(about: Mapping[str, Any]) -> Word:
    word = _bare(Document())
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, millimetres in {**MARGINS, "header_distance": 12, "footer_distance": 10}.items():
        setattr(section, name, Mm(millimetres))
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(about.get("size", 11))
    properties = normal.element.get_or_add_rPr()
    properties.rFonts.set(qn("w:eastAsia"), BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    normal.paragraph_format.space_after = Pt(0)
    _fonts(word)
    return word


def _bare(word: Word) -> Word:
    """Without what the library's blank page brings along: a thumbnail, a hundred styles twice, somebody's properties."""
    styles = word.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:default")) != "1":
            styles.remove(style)
    for rels in (word.part.rels, word.part.package.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.rpartition("/")[2] in ("thumbnail", "stylesWithEffects", "customXml", "numbering")]:
            del rels[key]
    about = word.core_properties
    about.author, about.title, about.comments, about.keywords = "回音 Huiyin", "", "", ""
    return word


def _fonts(word: Word) -> None:
    rows = "".join(f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>' for name, others in FALLBACK.items())
    blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{rows}</w:fonts>'
    for part in word.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = blob.encode()


def _write(
    paragraph: Paragraph, text: str, *, size: float = 0, font: str = "", bold: bool = False, align: Any = LEFT, before: float = 0, after: float = 0, right: Any = None, indent: Any = None, line: float = 0
) -> None:
    shape = paragraph.paragraph_format
    shape.alignment, shape.space_before, shape.space_after, shape.right_indent, shape.first_line_indent = align, Pt(before), Pt(after), right, indent
    if line:
        shape.line_spacing = Pt(line)
    run = paragraph.add_run(text)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if font:
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _line(word: Word, texts: list[str]) -> None:
    """One line above the table, its last text at the right edge."""
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    _write(paragraph, "\t".join(texts), size=11, after=3)


def _paragraph(word: Word, about: Any) -> None:
    """A paragraph of a letter, indented by two characters; `if` shows it only where a field is filled."""
    row = about if isinstance(about, dict) else {"text": about}
    if "if" in row:
        word.add_paragraph(f"{{%p if {row['if']} %}}")
    _write(word.add_paragraph(), row["text"], size=15, line=28, indent=None if row.get("flush") else Pt(30), align=CENTRE if row.get("centre") else LEFT)
    if "if" in row:
        word.add_paragraph("{%p endif %}")


def _cells(row: Any) -> list[Any]:
    return list(row["cells"] if isinstance(row, dict) else row)


def _split(cell: str) -> tuple[str, str]:
    """A cell's text, and over how many columns it goes where it says so."""
    text, mark, wide = cell.rpartition("|")
    return (text, wide) if mark and wide.isdigit() else (cell, "")


def _table(word: Word, about: Mapping[str, Any]) -> None:
    widths = [WIDTH * one / sum(about["columns"]) for one in about["columns"]]
    table = word.add_table(0, len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _grid(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in about["rows"]:
        shape = row if isinstance(row, dict) else {}
        if "each" in shape:
            _span(table.add_row(), 0, len(widths)).text = f"{{%tr for {shape['each']} %}}"
        _row(table, _cells(row), shape, widths, about)
        if "each" in shape:
            _span(table.add_row(), 0, len(widths)).text = "{%tr endfor %}"


def _row(table: Table, cells: list[Any], shape: Mapping[str, Any], widths: list[float], about: Mapping[str, Any]) -> None:
    row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx leaves this one without types
    row.height, row.height_rule = Mm(shape.get("height", about.get("height", 9))), WD_ROW_HEIGHT_RULE.AT_LEAST
    if shape.get("head"):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        properties.append(OxmlElement("w:tblHeader"))
    place = 0
    for n, cell in enumerate(cells):
        written, wide = _split(str(cell))
        span = int(wide) if wide else len(widths) - place if n == len(cells) - 1 else 1
        box = _span(row, place, place + span)
        box.width = Mm(sum(widths[place : place + span]))
        _fill(box, written, shape, about, first=n == 0, last=n == len(cells) - 1)
        place += span


def _span(row: _Row, start: int, end: int) -> _Cell:
    cells = row.cells
    return cells[start].merge(cells[end - 1]) if end - start > 1 else cells[start]


def _fill(box: _Cell, text: str, shape: Mapping[str, Any], about: Mapping[str, Any], *, first: bool, last: bool) -> None:
    label = bool(text) and "{{" not in text and "{%" not in text
    size = shape.get("size", about.get("size", 11))
    signed = last and "sign" in shape
    label = label or (first and "each" in shape)
    centred = label or shape.get("centre", False)
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.TOP if signed or (shape.get("height", 0) > 20 and not label) else WD_CELL_VERTICAL_ALIGNMENT.CENTER
    lines = text.split("\n")
    for n, line in enumerate(lines):
        _write(box.paragraphs[0] if n == 0 else box.add_paragraph(), line, size=size, font=HEAD if label else "", align=CENTRE if centred else LEFT, line=size * LINE)
    if signed:  # at the foot of the cell, with room above for what is written by hand
        below = shape["sign"].split("\n")
        room = shape.get("height", 0) * 72 / 25.4 - (len(lines) + len(below)) * size * LINE - 8
        for n, line in enumerate(below):
            _write(box.add_paragraph(), line, size=size, align=RIGHT, before=max(4, room) if n == 0 else 0, line=size * LINE)


def _grid(table: Table) -> None:
    """Lines as offices print them: a heavier frame, thin lines within, cells that do not press the text to the edge."""
    lines = "".join(f'<w:{side} w:val="single" w:sz="{weight}" w:space="0" w:color="000000"/>' for side, weight in (("top", 10), ("left", 10), ("bottom", 10), ("right", 10), ("insideH", 4), ("insideV", 4)))
    sides = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (("top", 40), ("left", 85), ("bottom", 40), ("right", 85)))
    properties = table._tbl.tblPr  # its parts have an order of their own, which Word insists on
    properties.find(qn("w:tblLayout")).addprevious(parse_xml(f'<w:tblBorders {nsdecls("w")}>{lines}</w:tblBorders>'))
    properties.find(qn("w:tblLayout")).addnext(parse_xml(f'<w:tblCellMar {nsdecls("w")}>{sides}</w:tblCellMar>'))


def _footer(word: Word) -> None:
    """Who printed it when, and the page."""
    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.style = word.styles["Normal"]  # the style of footers has tabs of its own
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    _write(paragraph, "{{ 制表人 }}　{{ 制表时间 }} 制　　{{ 密级提示 }}\t第 ", size=9)
    for field, between in (("PAGE", " 页　共 "), ("NUMPAGES", " 页")):
        run = paragraph.add_run()
        run.font.size = Pt(9)
        for kind in ("begin", "", "end"):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run._r.append(mark)
            else:
                words = OxmlElement("w:instrText")
                words.text = field
                run._r.append(words)
        paragraph.add_run(between).font.size = Pt(9)
