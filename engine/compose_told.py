"""What `make compose-check` prints: a line a thing, with a tick, a cross or a dash."""

from dataclasses import dataclass, field


class Stopped(RuntimeError):
    """A step failed and the ones after it make no sense."""


@dataclass
class Told:
    """What is printed: a tick, a cross or a dash a line; and how many of each."""

    count: dict[str, int] = field(default_factory=lambda: {"✓": 0, "✗": 0, "–": 0})

    def line(self, mark: str, zh: str, en: str, more: str = "") -> None:
        """One line, and what a failing part said below it."""
        self.count[mark] += 1
        print(f"{mark} {zh}  {en}", *(f"    {line}" for line in more.splitlines()), sep="\n", flush=True)

    def ok(self, zh: str, en: str) -> None:
        self.line("✓", zh, en)

    def skip(self, zh: str, en: str) -> None:
        self.line("–", zh, en)

    def bad(self, zh: str, en: str, more: str = "") -> None:
        self.line("✗", zh, en, more)
