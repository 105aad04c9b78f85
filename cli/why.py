"""`huiyin why`: each date of a story, counted day by day with its clause and reading."""

from pathlib import Path

from cli.due_text import draw_count
from cli.simulate import simulate
from domain.clocks import alarms
from domain.law import current


def explained(path: Path, term: str = "", lang: str = "zh", colour: bool = False) -> str:
    """The count of every clock of the story's end (or of one term); raises ValueError where no such clock runs."""
    out = simulate(path)[0]
    law = current(out.law, out.case)
    clocks = [c for c in alarms(out.case, law) if not term or c.term == term]
    if not clocks:
        raise ValueError(f"没有此期限 / no such clock: {term or path.name}")
    return "\n\n".join(draw_count(c.zh, c.en, ", ".join(c.clause), c.reading, c.due, law.calendar, colour, 80, lang) for c in clocks)
