"""Each form of the three offices, drawn up of a told story and read back: expected values in expected cells."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from docx import Document

from api.forms.registry import FORMS, available
from api.forms.service import values
from cli import library
from domain.core import reader_of
from tests.forms.drawn import AT, NUMBER, TEXT, WHO, cells, drawn, everything, keys, lines, rows, seen

SEALED = "（已封存）"
SIGN = re.compile(r"(.*\n)?\S*签名(（盖章）)?：\s*年\s*月\s*日", re.S)
# story, reader, form, whether the identity is opened: what stands beside the labels.
EXPECTED = [
    ("district-whole-transfer", "wang", "register_telephone", False, {
        "投诉人姓名": SEALED, "联系方式": SEALED, "来电时间": "2025年9月24日 星期三 10:20", "被投诉人": "示例·周窗口", "被投诉单位": "示例·国土局窗口", "窗口号": "3", "投诉理由": "不一次告知必须补正的全部内容",
        "投诉的主要内容": "窗口没有一次告知应补的材料", "受理部门意见": "同意：转办（示例·李主任 2025年9月24日 星期三）", "受理日期": "2025年9月24日 星期三", "办结期限": "2025年10月14日 星期二", "转交办理单位": "示例·国土局窗口", "转交时间": "2025年9月25日 星期四", "反馈人": "示例·刘联系",
    }),
    ("district-channels#visit", "wang", "register_visit", True, {
        "投诉人姓名": WHO["name"], "联系方式": WHO["telephone"], "来访时间": "2025年11月3日 星期一 10:20", "接待人": "示例·王受理", "投诉的主要内容": "窗口没有一次告知应补的材料", "办结期限": "2025年11月17日 星期一",
    }),
    ("district-channels#letter", "wang", "register_letter", False, {"投诉人姓名": SEALED, "投诉途径": "信件", "来源": "群众投诉", "受理日期": "2025年11月3日 星期一"}),
    ("kaiyang-archive", "wang", "register_telephone", True, {
        "投诉人姓名": WHO["name"], "录音告知": "2025年11月10日 星期一 09:00", "窗口号": "3", "具体办事时间": "办事当日上午", "办理事项": "发票代开", "投诉理由": "态度粗暴", "投诉的主要内容": TEXT, "通话记录": "来电人称在3号窗口被呵斥。",
        "办结期限": "2025年11月13日 星期四", "情况反馈": "2025年11月11日 星期二　电话回复\n经查属实,已批评教育", "满意度": "满意",
    }),
    ("kaiyang-on-the-spot", "wang", "register_visit", False, {"投诉人姓名": SEALED, "投诉的主要内容": "（已封存，启封须说明理由）", "来访时间": "2025年11月11日 星期二 10:20", "反馈人": "示例·王受理", "满意度": "满意"}),
    ("kaiyang-real-name", "wang", "register_letter", False, {"投诉途径": "信函投诉(意见箱,开箱时刻为接到时刻)", "被投诉单位": "示例·税务窗口单位"}),
    ("community-whole", "lin", "register_telephone", False, {"投诉人姓名": SEALED, "投诉的主要内容": "社保补贴久拖不办", "转交时间": "2025年9月25日 星期四", "办结时间": "2025年10月21日 星期二", "反馈人": "示例·林受理"}),
    ("community-own", "lin", "register_visit", False, {"投诉人姓名": SEALED, "接待人": "示例·林受理"}),
    ("community-letter", "qiao", "register_letter", False, {"投诉途径": "信件投诉", "件别": "一般投诉件", "投诉的主要内容": "社保补贴久拖不办", "办结期限": "2025年11月24日 星期一"}),
    ("community-whole", "lin", "slip", True, {
        "姓名": WHO["name"], "工作单位": WHO["work_unit"], "职业": WHO["occupation"], "家庭住址": WHO["address"], "反映的问题": "社保补贴久拖不办", "要求": "尽快答复", "承办部门": "示例·劳动保障科",
        "件别": "一般投诉件", "办结期限": "2025年10月21日 星期二",
    }),
    ("kaiyang-archive", "wang", "slip", False, {"姓名": SEALED, "家庭住址": SEALED, "承办部门": "示例·税务窗口单位"}),
    ("district-whole-transfer", "wang", "slip", False, {"姓名": SEALED, "反映的问题": "窗口没有一次告知应补的材料"}),
    ("kaiyang-archive", "sun", "transfer_slip", False, {
        "转办单位": "示例·税务窗口单位", "承办人（联系人）": "示例·孙首席", "转来部门": "示例县政务服务中心投诉室", "联系电话": "0851-00000000", "投诉摘要": "反映3号窗口服务态度", "投诉事由及调查核实情况": "经查属实",
        "处理时间": "2025年11月11日 星期二", "经办人": "示例·孙首席",
    }),
    ("district-whole-transfer", "wang", "transfer_slip", False, {"转办单位": "示例·国土局窗口", "投诉摘要": "反映窗口办件问题，请核实处理", "投诉事由及调查核实情况": "调查完毕", "经办人": "示例·刘联系"}),
    ("community-whole", "lin", "transfer_slip", False, {"转办单位": "示例·劳动保障科", "投诉摘要": "反映补贴久拖", "办结期限": "2025年10月21日 星期二"}),
    ("district-whole-transfer", "liu", "handling", False, {"承办单位": "示例·国土局窗口", "承办人": "示例·刘联系", "投诉摘要": "反映窗口办件问题，请核实处理", "投诉情形": "不一次告知必须补正的全部内容", "认定结论": "属实"}),
    ("kaiyang-archive", "wang", "handling", False, {"承办单位": "示例·税务窗口单位", "投诉摘要": "反映3号窗口服务态度", "转办意见": "请查明并答复", "认定结论": "投诉成立", "处理措施": "批评教育"}),
    ("community-whole", "fan", "handling", False, {"承办单位": "示例·劳动保障科", "签收日期": "2025年9月26日 星期五", "投诉摘要": "反映补贴久拖", "办结期限": "2025年10月21日 星期二"}),
    ("district-whole-transfer", "zhao", "reading", False, {"投诉途径": "电话", "内容摘要": "窗口没有一次告知应补的材料", "审批": "同意：转办", "办结期限": "2025年10月14日 星期二"}),
    ("kaiyang-archive", "chen", "reading", False, {"件别": "一般性投诉举报", "被投诉单位": "示例·税务窗口单位"}),
    ("community-letter", "qiao", "reading", False, {"收到时间": "2025年11月3日 星期一 09:00", "审批": "同意：请核实办理", "涉及中心工作人员": "是"}),
    ("kaiyang-on-the-spot", "wang", "receipt", True, {"受送达人": WHO["name"], "送达地点": WHO["address"], "投诉处理结果通知书": NUMBER}),
    ("district-whole-transfer", "wang", "receipt", False, {"受送达人": SEALED, "投诉受理确认函": NUMBER}),
    ("community-whole", "lin", "receipt", False, {"受送达人": SEALED, "投诉处理结果通知书": NUMBER}),
    ("district-whole-transfer", "wang", "cover", False, {"编号": NUMBER, "案由": "不一次告知必须补正的全部内容", "收到日期": "2025年9月24日", "归档日期": "2025年10月14日", "保管期限": "10年", "处理结果": "属实", "卷内文件": "12件　　共　　　　页"}),
    ("kaiyang-archive", "wang", "cover", False, {"案由": "态度粗暴", "承办单位": "示例·税务窗口单位", "归档日期": "2025年11月12日", "保管期限": ""}),
    ("community-whole", "lin", "cover", False, {"案由": "投诉", "承办单位": "示例·劳动保障科", "处理结果": "属实"}),
]  # fmt: skip
URGES = [
    ("district-whole-transfer", "wang", ["2025年10月10日 星期五 09:00", "第1次", "示例·国土局窗口", "示例·刘联系", "已转办", "尚未报结果"]),
    ("community-whole", "lin", ["2025年10月16日 星期四 09:30", "第1次", "示例·劳动保障科", "示例·范科长", "已核对账目", "待补发"]),
    ("kaiyang-telephone-transfer", "wang", ["2025年10月15日 星期三 09:30", "第1次", "示例·税务窗口单位", "示例·孙首席", "", ""]),  # nobody has urged: the line is ready for the pen
]
LETTERS = [
    ("district-whole-transfer", "wang", "acknowledgement", True, [NUMBER, f"{WHO['name']}：", "您于2025年9月24日 10:20提出的投诉（电话），我们已经收到，并于2025年9月24日受理", "办理期限为2025年10月14日 星期二", "10个工作日", "联系电话：12388", "2025年10月15日"]),
    ("kaiyang-archive", "wang", "acknowledgement", False, ["投诉人：", "您的投诉现由示例·税务窗口单位办理", "3个工作日"]),
    ("community-whole", "complainant", "acknowledgement", False, ["投诉人：", "您于2025年9月24日 10:00提出的投诉，我们已经收到", f"登记编号为{NUMBER}"]),
    ("district-whole-transfer", "wang", "result", False, ["对投诉事实的认定：属实", "已核实并改正，特此答复", "示例区行政效能投诉受理中心"]),
    ("kaiyang-archive", "complainant", "result", False, ["投诉人：", "经查属实,已批评教育"]),
    ("community-whole", "lin", "result", True, [f"{WHO['name']}：", "已补发,并致歉", "021-00000000"]),
    ("district-scope", "wang", "refusal", True, ["因不属受理范围；不属行政审批，依据《区行政效能投诉受理中心有关规定及程序》办理制度 2 a、办理制度 2 c，决定不予受理", "请向区信访局反映", "2025年11月3日"]),
    ("kaiyang-out-of-scope", "complainant", "refusal", False, ["因不属于中心业务受理范围；属供水企业收费", "中心不受理水费争议", "示例·供水公司服务热线"]),
]  # fmt: skip


@pytest.mark.parametrize(("story", "reader", "form", "identity", "expected"), EXPECTED, ids=[f"{one[0]}-{one[2]}-{one[1]}" for one in EXPECTED])
def test_values_stand_in_their_cells(story: str, reader: str, form: str, identity: bool, expected: dict[str, str]) -> None:
    content = drawn(seen(story, reader), form, identity=identity)
    found = cells(content)
    told = {label: re.split(r"\n?[^\n]*签名", found.get(label, "?"), maxsplit=1)[0] for label in expected}
    assert told == expected
    assert ("内部资料" in lines(content)) is identity
    if form != "cover":
        assert f"编号：{NUMBER}" in lines(content)
        assert "2025年10月15日 星期三 09:30 制" in lines(content)


@pytest.mark.parametrize(("story", "reader", "expected"), URGES, ids=[one[0] for one in URGES])
def test_an_urging_record_has_its_six_fields(story: str, reader: str, expected: list[str]) -> None:
    found = rows(drawn(seen(story, reader), "urging"))
    assert ["时间", "次数", "被催办单位", "承办人\n姓名", "案情的查处情况", "进度"] in found
    assert expected in found


@pytest.mark.parametrize(("story", "reader", "form", "identity", "expected"), LETTERS, ids=[f"{one[0]}-{one[2]}-{one[1]}" for one in LETTERS])
def test_a_letter_says_what_it_must(story: str, reader: str, form: str, identity: bool, expected: list[str]) -> None:
    text = lines(drawn(seen(story, reader), form, identity=identity))
    assert [one for one in expected if one not in text] == []
    assert "制　" not in text, "a letter does not say who printed it"


def test_the_list_of_a_file_is_in_order_with_names_of_the_books_own_forms() -> None:
    found = [row[:4] for row in rows(drawn(seen("district-whole-transfer", "wang"), "contents"))]
    assert found[0] == ["序号", "责任者", "题名", "日期"]
    assert [row[0] for row in found[1:]] == [str(n) for n in range(1, len(found))]
    names = [row[2] for row in found[1:]]
    assert names == ["投诉材料", "投诉受理登记表", "审批意见", "投诉转（督）办单", "催办单", "办结报告", "调查报告", "事实材料", "拟处理意见", "审核意见", "处理结果反馈", "转办件反馈抽查记录"]
    assert found[1][1] == "示例·王受理"
    assert found[4] == ["4", "示例·李主任", "投诉转（督）办单", "2025年9月25日"]


@pytest.mark.parametrize(("story", "form", "title"), [
    ("district-whole-transfer", "register_telephone", "投诉受理登记表"), ("kaiyang-archive", "register_telephone", "开阳县政务服务中心电话投诉举报登记表"), ("kaiyang-on-the-spot", "register_visit", "开阳县政务服务中心现场投诉举报登记表"),
    ("community-whole", "slip", "投诉处理单"), ("kaiyang-archive", "slip", "投诉处理单"),
])  # fmt: skip
def test_a_form_has_the_books_own_name(story: str, form: str, title: str) -> None:
    found = seen(story, "lin" if story.startswith("community") else "wang")
    word = Document(io.BytesIO(drawn(found, form)))
    assert [one.text for one in word.paragraphs][:2] == [found.law.office["office"]["zh"], title]
    about = word.core_properties
    assert (about.title, about.author, about.last_modified_by, about.comments) == (title, found.law.office["office"]["zh"], "", "")
    assert about.created is not None
    assert about.created.timestamp() == AT.timestamp()


def test_a4_with_the_fonts_of_offices() -> None:
    word = Document(io.BytesIO(drawn(seen("community-whole", "lin"), "slip")))
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "仿宋" in word.styles.element.xml
    assert "宋体" in word.element.xml
    assert "single" in word.tables[0]._tbl.tblPr.xml


WHOLE = {"district": ("district-whole-transfer", "wang", "liu"), "kaiyang": ("kaiyang-archive", "wang", "sun"), "community": ("community-whole", "lin", "fan")}


@pytest.mark.parametrize("office", WHOLE)
def test_who_can_draw_up_what_and_why_not(office: str) -> None:
    story, clerk, unit = WHOLE[office]
    early = {row["form"]: row for row in available(seen(story, clerk, 1))}
    assert early["register_telephone"]["now"]
    assert {form: row["why"]["code"] for form, row in early.items() if not row["now"]}.items() >= {
        "register_visit": "other_channel", "register_letter": "other_channel", "transfer_slip": "not_passed_on", "urging": "not_passed_on", "handling": "not_passed_on",
        "result": "no_result_yet", "refusal": "not_refused", "cover": "not_ended", "contents": "not_ended",
    }.items()  # fmt: skip
    late = {row["form"] for row in available(seen(story, clerk)) if row["now"]}
    assert late == set(FORMS) - {"register_visit", "register_letter", "refusal"}
    assert {row["form"] for row in available(seen(story, unit)) if row["now"]} == {"transfer_slip", "handling"}
    assert {row["form"] for row in available(seen(story, "complainant")) if row["now"]} == {"acknowledgement", "result"}
    assert {row["why"]["code"] for row in available(seen(story, unit)) if not row["now"]} == {"not_for_you"}
    for row in early.values():
        assert re.search("[一-鿿]", row["zh"])
        assert row["en"].isascii()
        assert row["why"] is None or (row["why"]["en"].isascii() and row["why"]["zh"])


def test_an_administrator_draws_up_nothing() -> None:
    found = seen("district-whole-transfer", "wang")
    admin = replace(found, reader=reader_of("luo", found.law), shown={name: found.shown[name] for name in ("case", "register_no", "phase")})
    assert {row["why"]["code"] for row in available(admin)} == {"not_for_you"}


@pytest.mark.parametrize("form", FORMS)
def test_no_sign_of_the_template_is_left(form: str) -> None:
    story = {"register_visit": "kaiyang-on-the-spot", "register_letter": "kaiyang-real-name", "refusal": "kaiyang-out-of-scope"}.get(form, "kaiyang-archive")
    text = everything(drawn(seen(story, "wang"), form))
    assert not re.search(r"[{}]|None|v1\.|&amp;|&#", text)
    assert len(text) > 100


ALL = sorted({story["office"] for _, story in library.walked()})


@pytest.mark.parametrize("office", ALL)
def test_every_form_of_every_book_is_in_words(office: str) -> None:
    """No id of a row, no value of the machine: what an office prints is Chinese (ids of people without a name in the sample files stay)."""
    people = library.office(office)["person"]
    nameless = {one for one, row in people.items() if not row.get("name")}
    stories = [story["story"] for _, story in library.single_stories() if story["office"] == office]
    found = None
    for person in people:
        try:
            found = seen(next((one for one in stories if one.endswith(("-full", "-whole"))), stories[0]), person)
        except KeyError:
            continue
        if "identity" in found.shown or found.reader.looks_over:
            break
    assert found is not None
    for form in FORMS.values():
        for name, value in values(keys(), found, form, AT).items():
            for leaf in [one for row in value for one in row.values()] if isinstance(value, list) else [value]:
                odd = set(re.findall(r"(?<![A-Za-z])[a-z_]{3,}(?![A-Za-z])", str(leaf))) - nameless
                assert not odd, f"{form.id} {name}: {leaf}"
                assert not re.search(r"None|datetime|v1\.|\{'", str(leaf)), f"{form.id} {name}: {leaf}"
