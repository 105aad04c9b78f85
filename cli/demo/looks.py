"""The three offices as their own people see them on the demo's day: lists over the API, numbers without gaps, audits."""

from typing import Any

from cli import library
from cli.demo.special import settled
from cli.demo.stage import DAY, Stage
from cli.demo.ticks import Tally
from cli.telling import case_of
from domain.core import Case, Law, Reader, current, projection, reader_of, view

SHOWN = ("phase", "register_no", "next_due_day", "overdue", "late", "provisional")
AUDITED = 8  # of each office


async def look(stage: Stage, tally: Tally) -> list[str]:
    """What differs, in lines; prints one line an office."""
    wrong: list[str] = []
    print(f"\n演示日 the demo's day: {DAY:%Y-%m-%d}", flush=True)
    for office in library.shown_offices():
        law = stage.laws[office]
        auditor = next(name for name, row in law.office["person"].items() if "auditor" in row["posts"])
        items, total = await _listed(stage, office, auditor)
        told = {case_of({"story": name}): one for name, one in tally.told.items() if one.core.law.office["office"]["id"] == office}
        found = [line for case, one in told.items() for line in _differs(case, items.get(case), one.core.case, law, reader_of(auditor, law))]
        found += await _gaps(stage, office)
        audits = {case: await settled(stage, case) for case in sorted(told)[:: max(1, len(told) // AUDITED)]}
        found += [f"{case}: 审计不一致 audit not sound" for case, audit in audits.items() if not audit.sound]
        late, soon = sum(bool(item["overdue"]) for item in items.values()), sorted(item["next_due_day"] for item in items.values() if item["next_due_day"] and not item["overdue"] and item["phase"] != "archived")
        print(
            f"{'✗' if found else '✓'} {law.office['office']['zh']}: {total} 件 cases, 列表与核心相同 the list is the core's; {late} 件逾期 overdue, "
            f"其余最近到期 next due {soon[0] if soon else '-'}; {len(audits)} 件审计重放一致 audits replayed", *found, sep="\n    ", flush=True,
        )  # fmt: skip
        wrong += found
    return wrong


async def _listed(stage: Stage, office: str, person: str) -> tuple[dict[str, dict[str, Any]], int]:
    items, total = await stage.desk.items(office, person)
    return {str(item["id"]): item for item in items}, total


def _differs(case: str, shown: dict[str, Any] | None, core: Case, law: Law, reader: Reader) -> list[str]:
    """A row is shown exactly where the core shows the case to this reader, and says what the core says."""
    if (shown is None) != (view(core, reader, current(law, core)) is None):
        return [f"{case}: {'不在' if shown is None else '不应在'}列表中 {'not' if shown is None else 'wrongly'} in the list"]
    row = projection(core, current(law, core))
    return [f"{case}.{key}: 列表 list {shown[key]!r}, 核心 core {row[key]!r}" for key in SHOWN if shown and shown[key] != row[key]]


async def _gaps(stage: Stage, office: str) -> list[str]:
    last = await stage.teller.pool.fetchval("select coalesce(sum(last), 0) from register_numbers where office = $1", office)
    held = await stage.teller.pool.fetchval("select count(*) from cases where office = $1 and register_no <> ''", office)
    return [] if last == held else [f"{office}: 编号用到 numbers given {last}, 有号的 cases with one {held}"]
