"""Nobody learns from a form what their view does not hold; nothing sealed is printed; the identity is there only where it was opened."""

from __future__ import annotations

from typing import Any

import pytest

from api.forms.registry import FORMS, INSIDE, available
from api.forms.service import values
from cli import library
from tests.forms.drawn import AT, SECRETS, WHO, drawn, everything, keys, seen

STORIES = ("district-whole-transfer", "district-secrecy", "district-secrecy-inside", "district-whole-own", "kaiyang-archive", "kaiyang-who-sees", "kaiyang-chief-too", "kaiyang-on-the-spot", "community-whole", "community-accused-leader", "community-accusation", "community-letter")
CASES = [(story, office) for story in STORIES for office in [story.partition("-")[0]]]


def people(office: str) -> list[str]:
    return ["complainant", *library.office(office)["person"]]


def flat(value: Any) -> str:
    return "\n".join(flat(one) for one in (value.values() if isinstance(value, dict) else value)) if isinstance(value, (dict, list)) else str(value)


@pytest.mark.parametrize(("story", "office"), CASES, ids=STORIES)
def test_every_reader_every_form_no_secret(story: str, office: str) -> None:
    """The values of every form, also of those not offered to the reader: what is made is safe even before it is refused."""
    looked = 0
    for person in people(office):
        try:
            found = seen(story, person)
        except KeyError:
            continue
        for form in FORMS.values():
            text = flat(values(keys(), found, form, AT))
            assert not [one for one in (*SECRETS, "v1.") if one in text], f"{person} {form.id}"
            looked += 1
    assert looked >= 3 * len(FORMS)


@pytest.mark.parametrize(("story", "unit", "accused"), [("district-whole-transfer", "liu", "zhou"), ("kaiyang-archive", "sun", "zhou"), ("community-whole", "fan", "bao")], ids=["district", "kaiyang", "community"])
def test_a_unit_has_its_excerpt_and_the_accused_nothing(story: str, unit: str, accused: str) -> None:
    clerk = "lin" if story.startswith("community") else "wang"
    inside = flat(values(keys(), seen(story, clerk), FORMS["reading"], AT))
    found = seen(story, unit)
    offered = [row["form"] for row in available(found) if row["now"]]
    assert offered == ["transfer_slip", "handling"]
    for form in offered:
        text = everything(drawn(found, form))
        for secret in ("窗口没有一次告知应补的材料", "社保补贴久拖不办", "来电人称在3号窗口被呵斥", "尽快答复", "请核实办理（"):
            assert secret not in text, secret
        assert [one for one in ("反映窗口办件问题", "反映3号窗口服务态度", "反映补贴久拖") if one in text]
    assert len(inside) > 100
    try:
        closed = seen(story, accused)
    except KeyError:
        return
    assert not [row for row in available(closed) if row["now"] and row["form"] not in ("transfer_slip", "handling")]


@pytest.mark.parametrize("form", ["register_telephone", "slip", "acknowledgement", "receipt"])
def test_the_identity_is_there_only_where_it_was_opened(form: str) -> None:
    found = seen("district-whole-transfer", "wang")
    assert WHO["name"] not in everything(drawn(found, form))
    assert WHO["name"] in everything(drawn(found, form, identity=True))


@pytest.mark.parametrize("reader", ["wang", "complainant"])
def test_words_sealed_on_their_way_are_opened_for_whom_the_core_lets_hear_them(reader: str) -> None:
    found = seen("kaiyang-out-of-scope", reader)
    kept = next(event.data["fields"]["explanation"] for event in found.events if event.kind == "not_accepted")
    assert kept.startswith("v1.")
    assert values(keys(), found, FORMS["refusal"], AT)["不予受理说明"] == "中心不受理水费争议"


def test_who_looks_in_from_outside_hears_that_it_is_closed() -> None:
    found = seen("district-whole-transfer", "liu")
    told = values(keys(), found, FORMS["handling"], AT)
    assert told["投诉人姓名"] == told["联系方式"] == "（保密）"
    assert values(keys(), seen("district-whole-transfer", "shen"), FORMS["slip"], AT)["投诉人姓名"] == "（保密）"


@pytest.mark.parametrize(("story", "office"), CASES, ids=STORIES)
def test_only_roles_of_the_office_draw_up_its_papers(story: str, office: str) -> None:
    for person in people(office):
        try:
            found = seen(story, person)
        except KeyError:
            continue
        offered = {row["form"] for row in available(found) if row["now"]}
        if not set(found.reader.roles) & INSIDE:
            assert offered <= {"transfer_slip", "handling", "acknowledgement", "result", "refusal"}
        assert not [row for row in available(found) if row["identity"] and "identity" not in found.shown]
