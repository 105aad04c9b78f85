"""Pictures without what they say of their maker: place, device, time, names. The original stays sealed; this is what is handed out."""

import io
from typing import Any

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

FORMATS = {".jpg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP", ".tif": "TIFF", ".bmp": "BMP"}
MOST_PIXELS = 80_000_000
HOW: dict[str, dict[str, Any]] = {"JPEG": {"quality": 92}, "WEBP": {"quality": 92}, "TIFF": {"compression": "tiff_deflate"}}


class Unreadable(ValueError):
    """A picture that cannot be decoded cannot be cleaned, so it is not handed out."""


def cleaned(content: bytes, kind: str) -> bytes:
    """The picture drawn anew from its pixels, upright, with no metadata; raises Unreadable."""
    form = FORMATS[kind]
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unreadable("too many pixels")
            frames = [_bare(frame) for frame in ImageSequence.Iterator(picture)]
            out = io.BytesIO()
            more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 and form in ("GIF", "WEBP", "TIFF") else {}
            first = frames[0].convert("RGB") if form in ("JPEG", "BMP") and frames[0].mode not in ("RGB", "L") else frames[0]
            first.save(out, form, **HOW.get(form, {}), **more)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, UserWarning, Image.DecompressionBombError) as wrong:
        raise Unreadable(type(wrong).__name__) from None
    return out.getvalue()


def _bare(frame: Image.Image) -> Image.Image:
    """The pixels alone: a new image takes over neither `info` nor tags."""
    upright = ImageOps.exif_transpose(frame)
    bare = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        bare.putpalette(upright.getpalette() or [])
    bare.paste(upright)
    return bare
