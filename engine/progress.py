"""What a person sees while parts are looked for, built and started: what it waits for, and for how long."""

import sys
import time
from typing import TextIO

EVERY_TERMINAL, EVERY_FILE = 0.5, 10.0


class Progress:
    """Bilingual lines, Chinese first. On a terminal one line is rewritten; elsewhere a line about every 10 s."""

    def __init__(self, out: TextIO | None = None, *, quiet: bool = False) -> None:
        self.out = out or sys.stderr
        self.quiet = quiet
        self.terminal = self.out.isatty()
        self.open_line = False

    def say(self, zh: str, en: str) -> None:
        """One finished line."""
        self.write(f"{zh}  {en}")

    def clear(self) -> None:
        """Take away the line that is still open, before somebody else prints."""
        if self.open_line:
            self.open_line = False
            self.out.write("\r\x1b[K")
            self.out.flush()

    def wait(self, zh: str, en: str) -> "Wait":
        """Begin to wait for something."""
        return Wait(self, zh, en)

    def write(self, text: str, *, again: bool = False) -> None:
        """One line; with `again`, one that the next line replaces."""
        if self.quiet:
            return
        start = "\r\x1b[K" if self.open_line else ""
        self.open_line = again
        self.out.write(start + text + ("" if again else "\n"))
        self.out.flush()


class Wait:
    """One thing waited for. `tick` as often as you like; it speaks only now and then (first after 1 s)."""

    def __init__(self, progress: Progress, zh: str, en: str) -> None:
        self.progress, self.zh, self.en = progress, zh, en
        self.began = time.monotonic()
        self.every = EVERY_TERMINAL if progress.terminal else EVERY_FILE
        self.next = self.began + 1.0

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    def tick(self, note: str = "") -> None:
        """Still waiting: says so now and then."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.every
        tail = f"  {note}" if note else ""
        self.progress.write(f"… {self.zh} {self.en}  {self.elapsed:.0f} s{tail}", again=self.progress.terminal)

    def done(self, note: str = "") -> None:
        """It came."""
        tail = f"  {note}" if note else ""
        self.progress.write(f"✓ {self.zh} {self.en}  {self.elapsed:.1f} s{tail}")
