"""`huiyin simulate`: a story through the core, printed so that a clerk can read it."""

import json
from pathlib import Path
from typing import Any

from cli import library
from domain.codes import text_of
from domain.stories import Run, Step, bounds, run, variants
from domain.tasks import tasks
from domain.views import reader_of, view

MARK = {True: "✓", False: "✗"}


def simulate(path: Path, name: str = "") -> list[Run]:
    """Run a story file, its variants and its boundaries (or one of them by name)."""
    found = []
    for story in (*variants(library.toml(path)), *bounds(library.toml(path))):
        if not name or story["story"].endswith((f"#{name}", f"@{name}")):
            found.append(run(story, library.law(story["rulebook"], story["office"])))
    return found


def printed(out: Run, colour: bool = False) -> str:
    """Every event, deadline, approver, notice and refusal of a run, in order; Chinese first."""
    dim, red, end = ("\x1b[2m", "\x1b[31m", "\x1b[0m") if colour else ("", "", "")
    lines = [f"{out.id}  {out.title}"]
    for one in out.steps:
        lines += _step(one, out, dim, red, end)
    lines += ["", "期限 deadlines:"]
    lines += [_clock_line(c) for c in (out.steps[-1].clocks if out.steps else [])]
    lines.append(f"{MARK[not out.failures]} {out.checks} 项核对 checks" + (f", {len(out.failures)} 项不符 differ" if out.failures else ""))
    lines += [f"  {red}{failure}{end}" for failure in out.failures]
    return "\n".join(lines)


def _step(one: Step, out: Run, dim: str, red: str, end: str) -> list[str]:
    lines = []
    for event in one.events:
        clause = f"  〔{', '.join(event.clause)}〕" if event.clause else ""
        at = f"{event.at:%Y-%m-%d %H:%M}"
        if event.kind == "refused":
            code = str(event.data["code"])
            who = f" → {', '.join(event.data['who'])}" if event.data.get("who") else ""
            lines.append(f"  {at}  {red}拒绝 {event.data['act']} ({event.actor}): {text_of(code)} [{code}]{end}{clause}{who}")
        else:
            subject = f" {event.subject}" if event.subject else ""
            lines.append(f"  {at}  {event.kind}{subject}  {dim}{event.actor}{end}{clause}")
    lines += [f"      ✉ {notice.form} → {', '.join(notice.to)}  〔{', '.join(notice.clause)}〕" for notice in one.told]
    waiting = [t for t in tasks(one.case, out.law) if t.act in ("approve", "propose")]
    lines += [f"      ⌛ 待审批 awaits {t.act}: {', '.join(t.who)}  〔{', '.join(t.clause)}〕" for t in waiting]
    return lines


def _clock_line(clock: Any) -> str:
    flags = "".join((" 暂定 provisional" if clock.provisional else "", " 本单位要求 office policy" if clock.policy else ""))
    warn = f", 预警 warn {clock.warn_at:%m-%d}" if clock.warn_at else ""
    return f"  {clock.zh} [{clock.key}] 起 {clock.start:%Y-%m-%d %H:%M}, 止 {clock.due_day}{warn}, 逾期 {clock.overdue_at:%Y-%m-%d %H:%M} · {clock.state}{flags}  〔{', '.join(clock.clause)}〕"


def as_json(out: Run) -> dict[str, Any]:
    """The same as data: steps with events, notices, approvers; clocks; views of every reader at the end."""
    readers = ["complainant", *out.law.office.get("person", {})]
    return {
        "story": out.id,
        "title": out.title,
        "ok": not out.failures,
        "failures": out.failures,
        "steps": [
            {
                "title": one.title,
                "events": [event.dump() for event in one.events],
                "notices": [{"notice": n.form, "to": list(n.to), "clause": list(n.clause), "demanded": n.demanded} for n in one.told],
                "approvers": sorted({who for t in tasks(one.case, out.law) if t.act in ("approve", "propose") for who in t.who}),
                "waiting_on": sorted({who for t in tasks(one.case, out.law) for who in t.who}),
                "deadlines": [_clock(c) for c in one.clocks],
                "phase": one.case.phase,
            }
            for one in out.steps
        ],
        "views": {reader: view(out.case, reader_of(reader, out.law), out.law) for reader in readers},
    }


def _clock(clock: Any) -> dict[str, Any]:
    return {
        "term": clock.term, "key": clock.key, "start": clock.start.isoformat(), "warn": clock.warn_at.isoformat() if clock.warn_at else None,
        "due_day": clock.due_day, "due": clock.due_at.isoformat(), "overdue": clock.overdue_at.isoformat(), "state": clock.state,
        "provisional": clock.provisional, "clause": list(clock.clause), "policy": clock.policy,
    }  # fmt: skip


def dumped(runs: list[Run]) -> str:
    """JSON text of runs."""
    return json.dumps([as_json(out) for out in runs], ensure_ascii=False, indent=2, default=str)
