"""A morning at the complaint room: what the pictures of the README show besides the stories. Everything over the API, by the demo's own people."""

from datetime import timedelta
from typing import Any

from cli.demo.desk import Desk
from cli.demo.stage import Stage
from domain.core import iso

OFFICE = "kaiyang"
# window, matter, what was said, ground, who is meant, unit, what the unit sees
CALLS = (
    ("3", "代开发票", "态度粗暴", "g8", "zhou", "tax", "反映3号窗口代开发票时态度粗暴,三次要求补同一份材料,请核实"),
    ("1", "税务登记变更", "态度生硬", "g8", "zhou", "tax", "反映1号窗口办理登记变更时态度生硬、解释不清,请了解情况"),
    ("6", "不动产查档", "态度冷淡", "g8", "wu", "housing", "反映6号窗口查档时让人久等且态度冷淡,请核实"),
)
LETTERS = ("反映12路公交末班过早,与窗口无关,拟转县交通运输局", "反映小区门口占道停车,与窗口无关,拟转有关部门")


async def morning(stage: Stage) -> None:
    """Three calls that units now look into, two letters that wait for the leader's word."""
    told = stage.now() - timedelta(minutes=2)
    for n, (window, matter, reason, ground, person, unit, excerpt) in enumerate(CALLS):
        facts = {"ground": ground, "respondent_name": "示例·窗口人员", "window_no": window, "business_time": "11月12日下午", "matter": matter, "reason": reason}
        case = await stage.desk.file(
            OFFICE, "wang", channel="telephone", text=excerpt, identity={"name": f"示例·来电人{n}", "telephone": f"1390000010{n}"}, real_name=True, facts=facts,
            recording={"told_at": iso(told), "started_at": iso(told + timedelta(seconds=20))}, respondents=[{"person": person, "unit": unit, "window": window}],
        )  # fmt: skip
        await stage.desk.act(OFFICE, case, "wang", "accept", forms={"telephone_register": {"record": excerpt}})
        await stage.desk.act(OFFICE, case, "wang", "transfer", unit=unit, excerpt=excerpt, opinion="请在五个工作日内核实并反馈")
    for n, summary in enumerate(LETTERS):
        await _letter(stage.desk, n, summary, iso(told))


async def _letter(desk: Desk, n: int, summary: str, opened: str) -> None:
    facts: dict[str, Any] = {"ground": "g8", "respondent_name": "不详", "window_no": "无", "business_time": "近期", "matter": summary[:12], "reason": "与窗口无关", "scope": "unrelated"}
    case = await desk.file(OFFICE, "wang", channel="letter", text=summary, identity={"name": f"示例·来信人{n}", "telephone": f"1390000020{n}"}, facts=facts)
    await desk.act(OFFICE, case, "wang", "accept", forms={"letter_register": {"opened_by": "示例·王受理", "opened_at": opened, "analysis": "与窗口无关"}})
    await desk.act(OFFICE, case, "wang", "document", form="referral_summary", fields={"summary": summary})
    await desk.act(OFFICE, case, "wang", "propose", opinion=summary)
