"""The captions of a recording as text to read: who can't listen, or looks for a passage, reads along."""

import html
import re
from dataclasses import dataclass

_TIMES = re.compile(r"^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t]+-->")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Line:
    """One caption. ``at``: seconds from the beginning; ``clock``: the same as 1:02 or 1:01:02."""

    at: float
    clock: str
    text: str


def clock_of(seconds: float) -> str:
    """``0:05``, ``12:30``, ``1:01:02``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def transcript_of(captions: str) -> list[Line]:
    """The lines of a WebVTT file in order; notes, styles, speakers' marks and settings are left out."""
    lines = []
    for block in re.split(r"\n\s*\n", captions.replace("\r\n", "\n")):
        rows = block.strip().split("\n")
        place = next((number for number, row in enumerate(rows[:2]) if _TIMES.match(row)), None)
        if place is None:
            continue
        text = html.unescape(_TAG.sub("", " ".join(rows[place + 1 :]))).strip()
        if text:
            at = _seconds(rows[place])
            lines.append(Line(at, clock_of(at), text))
    return lines


def _seconds(row: str) -> float:
    match = _TIMES.match(row)
    if match is None:
        raise ValueError(row)
    hours, minutes, seconds, thousandths = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000
