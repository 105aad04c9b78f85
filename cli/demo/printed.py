"""Every story as the core decides it: printed while the engine is still looked for or built."""

from typing import Any

from cli import library
from domain.stories import Run, run
from engine.progress import Progress


def print_all(progress: Progress) -> list[Run]:
    """Walk all stories through the core, a few lines each; `progress` = what else is shown meanwhile."""
    runs = [_told(story, progress) for _, story in library.walked()]
    bad = sum(bool(one.failures) for one in runs)
    refusals = sum(event.kind == "refused" for one in runs for event in one.events)
    print(
        f"\n核心 core: {len(runs)} 个故事 stories, {sum(len(one.events) for one in runs)} 个事件 events, {refusals} 次拒绝 refusals, "
        f"{sum(one.checks for one in runs)} 项人工预期 hand-written expectations, {bad} 个不符 differ\n",
        flush=True,
    )
    return runs


def _told(story: dict[str, Any], progress: Progress) -> Run:
    out = run(story, library.law(story["rulebook"], story["office"]))
    refused = [str(event.data["code"]) for event in out.events if event.kind == "refused"]
    late = sorted({event.subject for event in out.events if event.kind == "overdue"})
    notes = "; ".join(
        note
        for note in (
            f"拒绝 refused: {', '.join(dict.fromkeys(refused))}" if refused else "",
            f"逾期 overdue: {', '.join(late)}" if late else "",
            f"止于 ends {out.case.phase}",
        )
        if note
    )
    progress.clear()
    print(f"{'✓' if not out.failures else '✗'} {out.id}  {out.title}\n    {notes}", flush=True)
    for failure in out.failures:
        print(f"    {failure}", flush=True)
    return out
