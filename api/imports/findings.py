"""Why a file or a row of it is not taken: code, words and remedy in both languages. Refusals of the core keep their own codes and clauses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.core import CODES, Refused

OWN: dict[str, tuple[str, str, str, str]] = {
    "encoding_unknown": ("文件编码无法识别", "The encoding of the file is unknown", "请另存为 xlsx,或 UTF-8、GB18030 的 CSV", "Save it as xlsx, or as CSV in UTF-8 or GB18030"),
    "workbook_broken": ("工作簿无法打开", "The workbook cannot be opened", "请在 Excel 中另存为 xlsx(旧的 xls 和加密文件不能导入)", "Save it as xlsx in Excel; old xls files and encrypted ones are not taken"),
    "table_broken": ("CSV 无法读取", "The CSV cannot be read", "请检查引号,或另存为 xlsx", "Check its quotes, or save it as xlsx"),
    "too_big_unpacked": ("工作簿展开后过大", "The workbook is too large once unpacked", "请删去图片和空白区域后再导入", "Remove pictures and empty areas"),
    "no_such_sheet": ("没有这张工作表", "There is no such sheet", "请从列出的工作表中选择", "Choose one of the sheets listed"),
    "no_headings": ("没有找到表头", "No headings were found", "请在对照表中写明表头所在行 heading_row", "Give heading_row in the mapping"),
    "file_lost": ("导入的文件已不在", "The file of the import is gone", "请重新上传同一文件", "Upload the same file again"),
    "heading_unknown": ("对照表中的列在文件里没有", "The file has no such column", "请按文件的表头更正对照表", "Correct the mapping by the headings of the file"),
    "field_unknown": ("对照表中没有这种栏目", "The mapping names a field that there is not", "请从所列栏目中选择", "Choose one of the fields listed"),
    "column_missing": ("对照表缺少必需的列", "The mapping lacks a column that is needed", "请指定该列", "Name the column"),
    "cell_missing": ("必填的单元格是空的", "A cell that is needed is empty", "请在原表中补填", "Fill it in the file"),
    "cell_error": ("单元格是 Excel 的错误值", "The cell shows an error of Excel", "请更正公式或直接填写", "Correct the formula, or type the value"),
    "number_rounded": ("号码已被 Excel 当作数字舍去末位", "Excel has rounded this number", "请把该列设为文本后重新填写号码", "Make the column text and type the number again"),
    "date_unreadable": ("日期无法识别", "The date cannot be read", "请写成 2025-10-09、2025/10/9 或 2025年10月9日", "Write 2025-10-09, 2025/10/9 or 2025年10月9日"),
    "date_ahead": ("日期晚于今天", "The date lies ahead", "请更正日期", "Correct the date"),
    "dates_out_of_order": ("日期前后矛盾", "The dates contradict each other", "办结、受理、转办不得早于收件,各步按先后", "No step may come before receipt or before the step it follows"),
    "value_unknown": ("这个值没有对应", "This value has no counterpart", "请在列对照(values)中加上对应的说法,或更正单元格", "Add it under values in the mapping, or correct the cell"),
    "person_unknown": ("机构文件中没有此人", "The office file has no such person", "请核对姓名,或在对照表 values.person 中对应", "Check the name, or map it under values.person"),
    "status_unclear": ("分不清已办结还是在办", "Neither clearly closed nor clearly open", "请更正状态或办结日期", "Correct the state or the closing date"),
    "number_twice": ("编号在文件中重复", "The number stands twice in the file", "请更正编号,或删去重复的行", "Correct the number, or remove the double row"),
    "other_content": ("此件先前已导入,内容不同", "It was imported before with other content", "已导入的不再改动;在办件请在系统中更正", "What was imported stays; correct an open case in the system"),
    "too_many_steps": ("一行的步骤过多", "A row has too many steps", "至多30步,请减少对照表中的 act", "At most 30; reduce the acts of the mapping"),
    "engine_down": ("引擎暂时不能收件", "The engine cannot be reached", "稍后再运行一次,已导入的不会重复", "Run it again later; nothing is imported twice"),
    "record_down": ("记录库暂时不能写入", "The record cannot be written now", "稍后再运行一次,已导入的不会重复", "Run it again later; nothing is imported twice"),
    "internal": ("系统出错", "Something went wrong here", "再运行一次;仍不行请告知管理员", "Run it again; tell the administrator if it stays"),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What is wrong with one row (0: with the whole file): the column where it stands, the code, the clause; never a personal value."""

    row: int
    column: str
    code: str
    detail: Any = None
    clause: tuple[str, ...] = ()

    def dump(self) -> dict[str, Any]:
        """The finding with its words, JSON-safe."""
        return {"row": self.row, "column": self.column, "code": self.code, **words(self.code), "clause": list(self.clause), "detail": self.detail}


def words(code: str) -> dict[str, str]:
    """Title and remedy of a code, in both languages."""
    known = CODES.get(code)
    zh, en, remedy_zh, remedy_en = OWN[code] if code in OWN else known[1:] if known else (code, code, "", "")
    return {"title": zh, "title_en": en, "remedy": remedy_zh, "remedy_en": remedy_en}


def of_refusal(row: int, column: str, act: str, no: Refused) -> Finding:
    """What the core would answer to a step of this row."""
    detail: Mapping[str, Any] = {"act": act, **({"detail": no.detail} if no.detail else {}), **({"who": list(no.who)} if no.who else {})}
    return Finding(row, column, no.code, detail, no.clause)
