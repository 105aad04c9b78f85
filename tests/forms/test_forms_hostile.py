"""Text that somebody typed to break a form, or that a form has never seen: it stands there as it was typed and does nothing."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from lxml import etree

from api.forms.chinese import day, fit, moment, text
from api.forms.registry import FORMS
from api.forms.service import made
from api.forms.templates import Templates
from tests.forms.drawn import AT, cells, everything, keys, rows, seen

LONG = "长" * 19_990 + "末尾到此为止。。。"
HOSTILE = {
    "xml": "</w:t></w:r><w:br/>&amp;<!--x--><![CDATA[y]]>&lt;",
    "signs": "{{ 7*7 }} {% for x in range(9) %}{{ self.__class__ }}{% endfor %} {# 注 #} {{ 编号 }}",
    "marks": "{_{ 编号 }_} {_% if %_} {{r x }} {%tr x %}",
    "rare Han": "𠮷𠀋𪚥龘 邉󠄀 ⺼",
    "emoji": "👨‍👩‍👧‍👦😀🏳️‍🌈",
    "right to left": "abc\u202e反\u202c\u2066x\u2069",
    "quotes": "“引号”‘单’ 'a' \"b\" \\ `$HOME` %s ${x}",
    "formula": "=cmd|'/c calc'!A1 @SUM(1)",
    "lines": "第一行\n第二行\r\n第三行\r第四行\u2028第五行",
    "tab": "甲\t乙",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_stands_as_it_was_typed(name: str) -> None:
    typed = HOSTILE[name]
    found = seen("district-whole-transfer", "wang")
    found.case.sections["forms"]["register"] = {"fields": {"content": typed}}
    found.shown["forms"]["register"]["content"] = typed
    content = made(keys(), found, FORMS["register_telephone"], Templates().of(None, "district", "register_telephone"), AT)
    shown = cells(content)["投诉的主要内容"]
    expected = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    for mark in "\u202e\u202c\u2066\u2069":
        expected = expected.replace(mark, "")
    assert shown == expected
    assert cells(content)["投诉人姓名"] == "（已封存）", "the cells around it are where they were"


def test_control_characters_and_halves_of_characters_are_left_out() -> None:
    typed = "".join(map(chr, range(32))) + "\x7f\x85\ud800\udfff\ufffe\uffff末"
    assert str(fit(typed)) == "\t\n\n末"
    found = seen("district-whole-transfer", "wang")
    found.shown["forms"]["register"]["content"] = typed
    content = made(keys(), found, FORMS["slip"], Templates().of(None, "district", "slip"), AT)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(packed.read(name))
    assert cells(content)["反映的问题"].endswith("末")


def test_twenty_thousand_characters_stay_whole_and_the_row_may_break_over_pages() -> None:
    found = seen("district-whole-transfer", "wang")
    found.shown["forms"]["register"]["content"] = LONG
    content = made(keys(), found, FORMS["register_telephone"], Templates().of(None, "district", "register_telephone"), AT)
    assert cells(content)["投诉的主要内容"] == LONG
    assert "cantSplit" not in Document(io.BytesIO(content)).element.xml


def test_hostile_names_in_lists_stay_in_their_cells() -> None:
    found = seen("district-whole-transfer", "wang")
    for part in found.shown["assignments"].values():
        part["excerpt"] = HOSTILE["xml"] + HOSTILE["signs"]
    content = made(keys(), found, FORMS["urging"], Templates().of(None, "district", "urging"), AT)
    assert rows(content)[0][1] == HOSTILE["xml"] + HOSTILE["signs"]
    assert "49" not in everything(content)


@pytest.mark.parametrize(("value", "expected"), [
    ("2025-10-09", "2025年10月9日 星期四"), ("2025-10-09T10:20:00+08:00", "2025年10月9日 星期四"), ("2025-12-31T20:00:00+00:00", "2026年1月1日 星期四"),
    ("2026-02-28", "2026年2月28日 星期六"), ("办事当日上午", "办事当日上午"), ("2025-13-01", "2025-13-01"), ("", ""), (None, ""), (3, "3"),
])  # fmt: skip
def test_days_in_chinese(value: object, expected: str) -> None:
    assert day(value) == expected
    assert moment(value).startswith(expected)


@pytest.mark.parametrize(("value", "expected"), [
    (True, "是"), (False, "否"), ({"not_given": "不愿说明"}, "（未提供：不愿说明）"), ({"na": "投诉人接受"}, "不适用：投诉人接受"), ({"na": True}, "不适用"), (["a", "", "b"], "a、b"), ("v1.district:2025.xyz", "（已封存）"), (0, "0"),
])  # fmt: skip
def test_plain_values_in_words(value: object, expected: str) -> None:
    assert text(value) == expected
