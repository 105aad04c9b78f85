"""Where in a TOML file an entry stands: the line of every key, table and element, by its path as the findings name it."""

import re
import tomllib

BARE = re.compile(r"[A-Za-z0-9_\-]+")
BLANK = " \t\r\n,"


def lines(text: str) -> dict[str, int]:
    """Line numbers (from 1) by path, `table.key.rows[2].when`; the text must be valid TOML, {} if it is not."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    return _Scan(text).run()


def line_of(known: dict[str, int], path: str) -> int:
    """The line of a path, or of the nearest part of it that the file has; 0 if none."""
    while path and path not in known:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return known.get(path, 0)


class _Scan:
    """One walk over a sound file."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.found: dict[str, int] = {}
        self.lists: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        base = ""
        while self._skip():
            if self._peek("["):
                base = self._header()
            else:
                self._pair(base)
        return self.found

    def _header(self) -> str:
        many = self.text.startswith("[[", self.at)
        self._go(2 if many else 1)
        path = self._name("", self.lists)
        self._go(2 if many else 1)
        if many:
            self.lists[path] = self.lists.get(path, 0) + 1
            path = f"{path}[{self.lists[path]}]"
        self.found.setdefault(path, self.line)
        return path

    def _name(self, path: str, lists: dict[str, int]) -> str:
        """A dotted key; each of its parts is an entry of its own, the newest element of a list of tables among them."""
        while True:
            self._skip()
            if self.text[self.at] in "\"'":
                part = self._string()
            else:
                part = BARE.match(self.text, self.at)[0]  # type: ignore[index]  # the file is sound
                self._go(len(part))
            path = f"{path}.{part}" if path else part
            self.found.setdefault(path, self.line)
            self._skip()
            if not self._peek("."):
                return path
            if path in lists:
                path = f"{path}[{lists[path]}]"
            self._go(1)

    def _pair(self, base: str) -> None:
        path = self._name(base, {})
        self._go(1)  # the sign =
        self._value(path)

    def _value(self, path: str) -> None:
        self._skip()
        sign = self.text[self.at]
        if sign in "\"'":
            self._string()
        elif sign in "[{":
            self._go(1)
            n = 0
            while self._skip() and not self._peek("]") and not self._peek("}"):
                if sign == "{":
                    self._pair(path)
                    continue
                n += 1
                self.found.setdefault(f"{path}[{n}]", self.line)
                self._value(f"{path}[{n}]")
            self._go(1)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self._go(1)

    def _string(self) -> str:
        quote = self.text[self.at]
        closing = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self._go(len(closing))
        start = self.at
        while not self.text.startswith(closing, self.at):
            self._go(2 if quote == '"' and self.text[self.at] == "\\" else 1)
        self._go(len(closing))
        return self.text[start : self.at - len(closing)]

    def _skip(self) -> bool:
        """Past blanks and comments; whether anything is left."""
        while self.at < len(self.text) and (self.text[self.at] in BLANK or self.text[self.at] == "#"):
            if self.text[self.at] == "#":
                while self.at < len(self.text) and self.text[self.at] != "\n":
                    self._go(1)
            else:
                self._go(1)
        return self.at < len(self.text)

    def _peek(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def _go(self, n: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + n)
        self.at += n
