"""The office's own templates: they win, they are tried before they are used, and a broken one is named with what to do."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from typer.testing import CliRunner

from api.errors import Problem
from api.forms import sheet
from api.forms.fields import FIELDS, sample
from api.forms.registry import FORMS
from api.forms.templates import Templates, exported, problems
from api.forms.word import filled
from cli.main import app
from tests.forms.drawn import cells, drawn, everything, lines, seen


def docx(*paragraphs: str, table: list[list[str]] | None = None, footer: str = "") -> bytes:
    word = Document()
    for text in paragraphs:
        word.add_paragraph(text)
    for row in table or []:
        made = word.add_table(1, len(row))
        for cell, text in zip(made.rows[0].cells, row, strict=True):
            cell.text = text
    word.sections[0].footer.paragraphs[0].text = footer
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def put(folder: Path, content: bytes, form: str, office: str = "") -> Path:
    path = folder / "forms" / office / f"{form}.docx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, body in change.items():
            new.writestr(name, body)
    return file.getvalue()


def external() -> bytes:
    word = Document(io.BytesIO(docx("{{ 编号 }}")))
    word.part.relate_to("http://tracker.example/pixel.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


BROKEN: dict[str, tuple[bytes, str]] = {
    "not a file of Word": (b"hello", "另存为 .docx"),
    "an old .doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为 .docx"),
    "empty": (b"", "另存为 .docx"),
    "half a file": (docx("{{ 编号 }}")[:2000], "另存为 .docx"),
    "a zip of something else": (repacked(docx("x"), {"[Content_Types].xml": b"<x/>"}), "Word 文件"),
    "unknown field": (docx("{{ 投诉人性名 }}"), "投诉人姓名"),
    "unknown column": (docx("{% for 件 in 卷内目录 %}{{ 件.标题 }}{% endfor %}"), "标题"),
    "unknown field only where a condition does not hold": (docx("{{ 编号 }}{% if not 编号 %}{{ 编码 }}{% endif %}"), "编码"),
    "open brace": (docx("{{ 编号 }"), "花括号"),
    "open condition": (docx("{{ 编号 }}{% if 编号 %}"), "花括号"),
    "full-width braces": (docx("{{ 编号 }}｛｛ 机构 ｝｝"), "半角"),
    "half a pair": (docx("{{ 编号 }} 机构 }}"), "残留"),
    "nothing to fill": (docx("投诉登记表"), "没有任何字段"),
    "a loop that begins outside a table and ends within": (docx("{{ 编号 }}{% for 件 in 卷内目录 %}", table=[["{{ 件.题名 }}{% endfor %}"]]), "同一层"),
    "reaching out of the box": (docx("{{ 编号.__class__.__mro__ }}"), "不能填写"),
    "including a file": (docx("{{ 编号 }}{% include '/etc/passwd' %}"), "不能填写"),
    "macros": (repacked(docx("{{ 编号 }}"), {"word/vbaProject.bin": b"x"}), "宏"),
    "a picture from another host": (external(), "别的主机"),
    "too large when unpacked": (repacked(docx("{{ 编号 }}"), {"word/media/a.bin": b"\0" * (61 * 1024 * 1024)}), "过大"),
    "unknown filter": (docx("{{ 编号|大写 }}"), "花括号"),
    "in the footer": (docx("{{ 编号 }}", footer="{{ 没有的 }}"), "没有的"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_is_named_with_what_to_do_and_nothing_is_drawn_up(name: str, tmp_path: Path) -> None:
    content, hint = BROKEN[name]
    put(tmp_path, content, "slip", "district")
    found = seen("district-whole-transfer", "wang")
    with pytest.raises(Problem) as caught:
        drawn(found, "slip", template=Templates().of(tmp_path, "district", "slip"))
    assert caught.value.code == "form_template_broken"
    assert caught.value.status == 409
    detail: Any = caught.value.detail
    assert detail["file"] == "district/slip.docx"
    assert any(hint in one["zh"] for one in detail["wrong"]), detail
    assert all(one["en"] for one in detail["wrong"])
    assert str(tmp_path) not in str(detail), "a clerk is not told where the server keeps its files"
    assert cells(drawn(found, "slip", template=Templates().of(tmp_path, "district", "slip", standard=True)))["姓名"] == "（已封存）"


def test_the_offices_own_goes_before_that_of_all_and_that_before_ours(tmp_path: Path) -> None:
    found, known = seen("district-whole-transfer", "wang"), Templates()
    assert "投诉处理单" in lines(drawn(found, "slip", template=known.of(tmp_path, "district", "slip")))
    put(tmp_path, docx("共用 {{ 编号 }}"), "slip")
    assert lines(drawn(found, "slip", template=known.of(tmp_path, "district", "slip"))).startswith("共用 示效投")
    put(tmp_path, docx("自用 {{ 编号 }}"), "slip", "district")
    assert lines(drawn(found, "slip", template=known.of(tmp_path, "district", "slip"))).startswith("自用 示效投")
    assert lines(drawn(found, "slip", template=known.of(tmp_path, "kaiyang", "slip"))).startswith("共用")
    assert known.of(tmp_path, "../district", "slip").file == "slip.docx", "an office is no path"


def test_a_template_that_changes_is_read_anew_without_a_restart(tmp_path: Path) -> None:
    found, known = seen("district-whole-transfer", "wang"), Templates()
    path = put(tmp_path, docx("{{ 不存在 }}"), "slip")
    assert known.of(tmp_path, "district", "slip").wrong
    path.write_bytes(docx("改好了 {{ 编号 }}"))
    os.utime(path, (1, 1))
    assert lines(drawn(found, "slip", template=known.of(tmp_path, "district", "slip"))).startswith("改好了")
    path.unlink()
    assert known.of(tmp_path, "district", "slip").file == ""


def test_a_field_that_word_has_split_into_runs_is_still_one() -> None:
    word = Document()
    paragraph = word.add_paragraph()
    for n, part in enumerate(("{", "{ ", "编", "号", " }", "}")):
        paragraph.add_run(part).bold = bool(n % 2)
    file = io.BytesIO()
    word.save(file)
    assert problems(file.getvalue()) == []
    assert "甲" in everything(filled(file.getvalue(), {**sample(full=True), "编号": "甲"}))


def test_the_properties_of_whoever_made_the_template_are_gone() -> None:
    word = Document(io.BytesIO(docx("{{ 编号 }}")))
    word.core_properties.author, word.core_properties.comments, word.core_properties.title = "某科员", "内部批注", "{{ 编号 }}"
    file = io.BytesIO()
    word.save(file)
    about = Document(io.BytesIO(filled(file.getvalue(), sample(full=True), "表", "机构"))).core_properties
    assert (about.author, about.comments, about.title) == ("机构", "", "表")


@pytest.mark.parametrize("form", FORMS)
def test_our_own_templates_are_sound_and_use_known_fields(form: str) -> None:
    assert problems(sheet.template(form)) == []
    assert len(sheet.template(form)) < 20_000


def test_every_field_is_used_or_offered_once() -> None:
    assert len(FIELDS) > 80
    assert [field.name for field in FIELDS.values() if not field.zh or not re.search("[a-z]{2}", field.en)] == []
    assert len({field.zh for field in FIELDS.values()}) == len(FIELDS)


def test_export_writes_all_once_and_check_passes_them(tmp_path: Path) -> None:
    run = CliRunner()
    done = run.invoke(app, ["forms", "export", str(tmp_path), "--office", "district"])
    assert done.exit_code == 0, done.output
    assert {path.stem for path in (tmp_path / "district").glob("*.docx")} == set(FORMS)
    assert run.invoke(app, ["forms", "check", str(tmp_path)]).exit_code == 0
    again = run.invoke(app, ["forms", "export", str(tmp_path), "--office", "district"])
    assert again.exit_code == 2, "what somebody may have edited is not overwritten"
    assert "已有" in again.output
    unknown = run.invoke(app, ["forms", "export", str(tmp_path), "--office", "nowhere"])
    assert unknown.exit_code == 2
    with pytest.raises(FileExistsError):
        exported(tmp_path, "district")


def test_check_names_file_fault_and_remedy(tmp_path: Path) -> None:
    bad = tmp_path / "slip.docx"
    bad.write_bytes(docx("{{ 投诉人性名 }}"))
    other = tmp_path / "my-form.docx"
    other.write_bytes(docx("{{ 编号 }}"))
    done = CliRunner().invoke(app, ["forms", "check", str(bad), str(other), str(tmp_path / "none.docx")])
    assert done.exit_code == 1
    for said in (f"✗ {bad}", "投诉人性名", "投诉人姓名", "文件名不是表的编号", "register_telephone", "不能读取"):
        assert said in done.output
    assert CliRunner().invoke(app, ["forms", "check", str(tmp_path / "nothing-here")]).exit_code == 1
