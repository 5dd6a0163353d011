"""How PDF writes things: texts, times, streams, rows of its cross-reference (ISO 32000-1, 7.3 and 7.5.8)."""

import struct
import zlib
from datetime import datetime


def text_string(text: str) -> str:
    """A text string of PDF: as it is where nothing in it needs care, else in UTF-16."""
    if text.isascii() and text.isprintable() and not any(sign in text for sign in "()\\"):
        return f"({text})"
    return f"<feff{text.encode('utf-16-be').hex()}>"


def pdf_time(at: datetime) -> str:
    """A time with its offset (7.9.4)."""
    offset = f"{at:%z}"
    return f"D:{at:%Y%m%d%H%M%S}" + (f"{offset[:3]}'{offset[3:5]}'" if offset.strip("+-0") else "Z")


def stream(extra: str, content: bytes, level: int) -> bytes:
    """A stream with ``extra`` in its dictionary, compressed at ``level``; at 0 as it is."""
    if level:
        content, extra = zlib.compress(content, level), f"{extra} /Filter /FlateDecode"
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (extra.strip().encode("latin-1"), len(content), content)


def row(place: int) -> bytes:
    """A row of the cross-reference: an object that begins at ``place``."""
    return struct.pack(">BLH", 1, place, 0)
