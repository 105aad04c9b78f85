"""What a file is, judged by its content and never by its name: the kinds that are taken, and the name of what is not."""

import codecs
from contextlib import suppress

import puremagic

EDGE = 65_536  # bytes kept of both ends of a file: enough for every kind below
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", ".pdf"), (0, b"\x89PNG\r\n\x1a\n", ".png"), (0, b"\xff\xd8\xff", ".jpg"), (0, b"GIF87a", ".gif"), (0, b"GIF89a", ".gif"),
    (8, b"WEBP", ".webp"), (8, b"WAVE", ".wav"), (0, b"II*\x00", ".tif"), (0, b"MM\x00*", ".tif"), (0, b"#!AMR", ".amr"), (0, b"OggS", ".ogg"),
    (0, b"ID3", ".mp3"), (0, b"\xff\xfb", ".mp3"), (0, b"\xff\xf3", ".mp3"), (4, b"ftypM4A", ".m4a"), (4, b"ftyp", ".mp4"),
)  # fmt: skip
IMAGES = frozenset({".png", ".jpg", ".gif", ".webp", ".tif", ".bmp"})
KINDS = frozenset({kind for _, _, kind in SIGNATURES} | {".bmp", ".docx", ".xlsx", ".doc", ".xls", ".txt"})
MEDIA = {
    ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".tif": "image/tiff", ".bmp": "image/bmp",
    ".wav": "audio/wav", ".amr": "audio/amr", ".ogg": "audio/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4", ".txt": "text/plain",
}  # fmt: skip


class Judge:
    """Watches a file go by in pieces and says at the end what it is."""

    def __init__(self) -> None:
        self.head, self.tail = b"", b""
        self.readers = [codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")]
        self.size = 0

    def see(self, piece: bytes) -> None:
        """The next piece."""
        self.size += len(piece)
        self.head += piece[: EDGE - len(self.head)]
        self.tail = (self.tail + piece)[-EDGE:]
        self.readers = [one for one in self.readers if _reads(one, piece)]

    def kind(self) -> str:
        """One of KINDS, or '' for none of them."""
        if self.head.startswith(ZIP):
            return self._office()
        if self.head.startswith(OLE):
            return ".xls" if "Workbook".encode("utf-16-le") in self.head + self.tail else ".doc"
        for at, sign, kind in SIGNATURES:
            if self.head[at : at + len(sign)] == sign:
                return kind
        if self.head.startswith(b"BM") and self.size >= 26 and int.from_bytes(self.head[2:6], "little") == self.size:
            return ".bmp"
        return ".txt" if self.size and any(_reads(one, b"", last=True) for one in self.readers) else ""

    def guess(self) -> str:
        """A name for what is not taken, for the answer only."""
        with suppress(puremagic.PureError, ValueError):
            return str(puremagic.from_string(self.head))
        return "?"

    def _office(self) -> str:
        names = self.head + self.tail
        if b"[Content_Types].xml" not in names or b"vbaProject.bin" in names:
            return ""
        return ".docx" if b"word/" in names else ".xlsx" if b"xl/" in names else ""


def _reads(decoder: codecs.IncrementalDecoder, piece: bytes, *, last: bool = False) -> bool:
    try:
        text = decoder.decode(piece, last)
    except UnicodeDecodeError:
        return False
    return not any(one < " " and one not in "\t\r\n\f" for one in text)


def judged(content: bytes) -> str:
    """The kind of a whole content."""
    judge = Judge()
    judge.see(content)
    return judge.kind()
