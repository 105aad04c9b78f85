"""Word templates filled through docxtpl: sandboxed, strict about unknown fields and broken XML, with nothing of the template's author left in it."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import docxtpl
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from markupsafe import Markup, escape

MOST, MOST_UNPACKED = 10 * 1024 * 1024, 60 * 1024 * 1024
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WEEKDAY = re.compile(" 星期[一二三四五六日]")
ONCE = datetime(2025, 1, 1, tzinfo=UTC)
ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


def without_weekday(value: Any) -> Markup:
    """A date for letters and narrow columns."""
    return Markup(WEEKDAY.sub("", str(escape(value))))  # noqa: S704 - escaped


ENVIRONMENT.filters["不带星期"] = without_weekday


class Unfit(Exception):
    """A template that cannot be used; what is wrong and what to do, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en = zh, en


class _Template(docxtpl.DocxTemplate):  # type: ignore[misc]  # it ships no types
    """docxtpl mends broken XML by leaving out what it cannot read; here that is an error. Its properties say what the form is, not who made the template."""

    def __init__(self, content: bytes, title: str, author: str, at: datetime) -> None:
        super().__init__(io.BytesIO(content))
        self.title_, self.author_, self.at_ = title, author, at

    def fix_tables(self, xml: str) -> Any:
        """See docxtpl; raises Unfit."""
        etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        return super().fix_tables(xml)

    def render_properties(self, *_: Any) -> None:
        """Neutral ones, whatever the template's were."""
        about = self.docx.core_properties
        about.title, about.author, about.last_modified_by = self.title_[:255], self.author_[:255], ""
        about.comments = about.keywords = about.subject = about.category = about.identifier = ""
        about.revision = 1
        about.created = about.modified = self.at_.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def filled(content: bytes, values: Mapping[str, Any], title: str = "", author: str = "", at: datetime = ONCE) -> bytes:
    """The template with its fields filled; raises Unfit."""
    template = _opened(content, title, author, at)
    try:
        template.render(values, ENVIRONMENT)
        file = io.BytesIO()
        template.save(file)
    except UndefinedError as wrong:
        raise Unfit(f"字段不存在：{wrong.message}", f"a field that does not exist: {wrong.message}") from None
    except TemplateSyntaxError as wrong:
        raise Unfit(f"花括号写法有误：{wrong.message}", f"a sign of the template is wrong: {wrong.message}") from None
    except etree.XMLSyntaxError:
        raise Unfit("条件或循环的起止不在同一层（表格行用 {%tr …%}，段落用 {%p …%}）", "a condition or loop begins and ends on different levels (rows take {%tr …%}, paragraphs {%p …%})") from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OverflowError, OpcError) as wrong:
        raise Unfit(f"模板不能填写（{type(wrong).__name__}）", f"the template cannot be filled ({type(wrong).__name__})") from None
    return file.getvalue()


def fields_of(content: bytes) -> set[str]:
    """The fields that a template uses; raises Unfit."""
    try:
        found: set[str] = _opened(content).get_undeclared_template_variables(ENVIRONMENT)
    except TemplateSyntaxError as wrong:
        raise Unfit(f"花括号写法有误：{wrong.message}", f"a sign of the template is wrong: {wrong.message}") from None
    except (KeyError, ValueError, OpcError, etree.XMLSyntaxError) as wrong:
        raise Unfit(f"不是可读的 Word 文件（{type(wrong).__name__}）", f"no Word file that can be read ({type(wrong).__name__})") from None
    return found


def text_of(content: bytes) -> str:
    """All words of the document's body, as somebody reads them."""
    return "".join(one.text or "" for one in _opened(content).get_docx().element.body.iter(qn("w:t")))


def _opened(content: bytes, title: str = "", author: str = "", at: datetime = ONCE) -> _Template:
    _looked_over(content)
    template = _Template(content, title, author, at)
    try:
        template.init_docx()
    except (KeyError, ValueError, AttributeError, OpcError, etree.XMLSyntaxError, zipfile.BadZipFile) as wrong:
        raise Unfit(f"不是可读的 Word 文件（{type(wrong).__name__}），请另存为 .docx", f"no Word file that can be read ({type(wrong).__name__}): save it as .docx") from None
    return template


def _looked_over(content: bytes) -> None:
    """What no form needs: another kind of file, one that unpacks to no end, macros, parts fetched from another host when somebody opens it."""
    if len(content) > MOST:
        raise Unfit("文件超过 10 MB，请删去大图", "larger than 10 MB: take large pictures out")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise Unfit("解压后过大", "too large when unpacked")
            names = packed.namelist()
            relations = [packed.read(name) for name in names if name.endswith(".rels")]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        raise Unfit("不是 .docx 文件，请用 Word 或 WPS 另存为 .docx", "no .docx file: save it as .docx in Word or WPS") from None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unfit("含有宏，请另存为不含宏的 .docx", "it has macros: save it as a .docx without them")
    for text in relations:
        try:
            rows = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            raise Unfit("不是可读的 Word 文件", "no Word file that can be read") from None
        if any(row.get("TargetMode") == "External" and not str(row.get("Type", "")).endswith("/hyperlink") for row in rows):
            raise Unfit("含有外部链接的图片、模板或对象，打开时会连到别的主机；请改为嵌入", "it fetches pictures, templates or objects from another host when opened: embed them")
