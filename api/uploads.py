"""A multipart body taken as it streams in: small fields in memory, files straight into the vault."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from api.errors import Problem
from api.vault import FILES, Kept, Writer

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = 512 * 1024  # a filing of 20,000 characters with its forms; beyond, it is no field
FILE_FIELD = "files"
NAMES = 1000  # fields of a form that may have any


@dataclass
class Form:
    """What came in: fields by name, and files kept in the vault."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: list[Kept] = field(default_factory=list)


class _Taker:
    """Callbacks of the parser; `place` opens a writer once the fields before the files are known, without one files fall on the floor."""

    def __init__(self, names: tuple[str, ...] | None, place: Callable[[dict[str, bytes]], Writer] | None, into: dict[str, Any] | None) -> None:
        self.names, self.place, self.into, self.form = names, place, into, Form()
        self.header, self.value, self.name = b"", b"", ""
        self.text = bytearray()
        self.writer: Writer | None = None
        self.nameless = False
        self.dropping = False
        self.ended = False

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self.begin, "on_header_begin": self.head, "on_header_field": self.head_name, "on_header_value": self.head_value,
            "on_header_end": self.headed, "on_headers_finished": self.opened, "on_part_data": self.data, "on_part_end": self.close, "on_end": self.end,
        }  # fmt: skip

    def begin(self) -> None:
        self.name, self.nameless, self.dropping = "", False, False

    def head(self) -> None:
        self.header, self.value = b"", b""

    def head_name(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]

    def head_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def headed(self) -> None:
        if self.header.lower() == b"content-disposition":
            _, options = parse_options_header(self.value)
            self.name = options.get(b"name", b"").decode(errors="replace")
            self.nameless = options.get(b"filename") == b""  # a browser's way to say that no file was chosen

    def opened(self) -> None:
        if self.name == FILE_FIELD and not self.nameless:
            if len(self.form.files) >= FILES:
                raise Problem("too_large", detail={"files": FILES})
            self.dropping = self.place is None
            self.writer = self.place(self.form.fields) if self.place is not None else None
        elif self.name != FILE_FIELD and not self._known():
            raise Problem("body_invalid", detail=[{"field": self.name[:80], "known": [*(self.names or ()), FILE_FIELD]}])
        self.text = bytearray()

    def _known(self) -> bool:
        if self.names is None:
            return len(self.form.fields) < NAMES
        return self.name in self.names and self.name not in self.form.fields

    def data(self, data: bytes, start: int, end: int) -> None:
        if self.writer is not None:
            self.writer.write(data[start:end])
            return
        if self.dropping:
            return
        self.text += data[start:end]
        if len(self.text) > FIELD:
            raise Problem("too_large", detail={"field": self.name, "bytes": FIELD})

    def close(self) -> None:
        if self.dropping:
            return
        if self.writer is None:
            if self.nameless and self.text:
                raise Problem("body_invalid", detail=[{"field": FILE_FIELD, "why": "a file without a name"}])
            if not self.nameless:
                self.form.fields[self.name] = bytes(self.text)
                self._said()
            return
        self.form.files.append(self.writer.close())
        self.writer = None

    def _said(self) -> None:
        """The words as they were typed; a name that comes more than once holds a list."""
        if self.into is None:
            return
        text, before = bytes(self.text).decode(errors="replace"), self.into.get(self.name)
        self.into[self.name] = text if before is None else [*(before if isinstance(before, list) else [before]), text]

    def end(self) -> None:
        self.ended = True


async def words(request: Request) -> dict[str, Any]:
    """What was typed into a form with files; the files themselves are not kept anywhere. Raises Problem."""
    found: dict[str, Any] = {}
    await take(request, None, None, found)
    return found


async def take(request: Request, names: tuple[str, ...] | None, place: Callable[[dict[str, bytes]], Writer] | None, into: dict[str, Any] | None = None) -> Form:
    """The form of a request, with these fields or (None) any; `into` receives the words as they come, so that they are there when a file is refused. Raises Problem body_invalid, too_large, file_refused. Whatever was kept before a failure harms nobody: it is sealed."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Problem("type_unsupported", detail=["multipart/form-data; boundary=..."])
    taker = _Taker(names, place, into)
    try:
        parser = MultipartParser(boundary, taker.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except (MultipartParseError, ClientDisconnect):
        raise Problem("body_invalid", detail="multipart") from None
    except OSError:  # no room, no right: the folder's fault, and nothing was started yet
        raise Problem("files_down", headers={"Retry-After": "30"}) from None
    finally:
        if taker.writer is not None:
            taker.writer.discard()
    if not taker.ended:
        raise Problem("body_invalid", detail="multipart: cut short")
    return taker.form
