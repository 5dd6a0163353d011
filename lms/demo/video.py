"""Short demonstration videos drawn from slides: the same slides give the same bytes.

A slide shows a heading and up to four lines that appear one after another; a thin bar at the foot marks where the
chapters begin and how far the video has run. The lowest quarter stays empty for captions. H.264 in MP4 (yuv420p,
faststart), because every browser of a practitioner's phone plays it. There is no sound: the captions say it all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from lms.demo.content import Caption, Slide

Size = tuple[int, int]
SIZE: Size = (640, 360)

PAPER = "#FAF9F5"
INK = "#1B2A2F"
CELADON = "#1F7A6D"
MIST = "#DFE8E3"
STONE = "#5E6B6C"

ENCODER = {"preset": "veryfast", "tune": "stillimage", "crf": "27", "threads": "1"}
SECONDS_BETWEEN_KEYFRAMES = 4
SMOOTHING = 3  # Pillow draws circles with hard edges, so they are drawn this much larger and made smaller


def render(slides: Sequence[Slide], seconds: int, out: Path, *, size: Size = SIZE, fps: int = 5) -> None:
    """Write the slides as a silent MP4 of exactly `seconds` to `out`, replacing what stood there."""
    starts = [slide.at for slide in slides]
    ends = [*starts[1:], float(seconds)]
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options=ENCODER)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.gop_size = fps * SECONDS_BETWEEN_KEYFRAMES
        for number in range(seconds * fps):
            now = number / fps
            index = max(i for i, start in enumerate(starts) if start <= now)
            picture = _frame(slides, now, index=index, end=ends[index], seconds=seconds, size=size)
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def poster(slides: Sequence[Slide], out: Path, *, size: Size = SIZE) -> None:
    """Write the first slide with all its lines as a PNG: what stands in the player before it starts."""
    _drawn(slides[0], len(slides[0].lines), 1, len(slides), size).save(out, format="PNG", optimize=True)


def webvtt(captions: Sequence[Caption]) -> str:
    """The captions as a WebVTT file, numbered from one."""
    cues = (
        f"{number}\n{_stamp(caption.start)} --> {_stamp(caption.end)}\n{_escape(caption.text)}\n"
        for number, caption in enumerate(captions, 1)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _font(serif: bool, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(serif_path() if serif else sans_path()), pixels)


def _frame(slides: Sequence[Slide], now: float, *, index: int, end: float, seconds: int, size: Size) -> Image.Image:
    slide = slides[index]
    picture = _drawn(slide, _lines_shown(slide, now, end), index + 1, len(slides), size).copy()
    if slide.timer:
        _ring(picture, (now - slide.at) / (end - slide.at), math.ceil(end - now), size)
    _track(picture, [slide.at for slide in slides], now, seconds, size)
    return picture


def _lines_shown(slide: Slide, now: float, end: float) -> int:
    """The first line is there at once; the others follow evenly, as the captions speak of them."""
    share = (now - slide.at) / (end - slide.at)
    return min(len(slide.lines), 1 + int(share * len(slide.lines)))


@lru_cache(maxsize=8)
def _drawn(slide: Slide, shown: int, number: int, of: int, size: Size) -> Image.Image:
    """Everything of a slide that stands still; the caller copies it before drawing on it."""
    width, height = size[0] * SMOOTHING, size[1] * SMOOTHING
    unit = height / 360
    left, right = 44 * unit, width - 44 * unit
    small = _font(False, round(16 * unit))
    large = _font(False, round(21 * unit))
    picture = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 10 * unit, height), fill=CELADON)
    draw.text((left, 34 * unit), slide.heading, font=_font(True, round(32 * unit)), fill=INK)
    draw.text((right, 44 * unit), f"{number}/{of}", font=small, fill=STONE, anchor="ra")
    draw.line((left, 90 * unit, right, 90 * unit), fill=MIST, width=round(2 * unit))
    radius = 13 * unit
    for row, line in enumerate(slide.lines[:shown]):
        middle = (122 + row * 42) * unit
        ground, ink = (CELADON, PAPER) if row == shown - 1 else (MIST, STONE)
        draw.ellipse((left, middle - radius, left + 2 * radius, middle + radius), fill=ground)
        draw.text((left + radius, middle), str(row + 1), font=small, fill=ink, anchor="mm")
        draw.text((left + 3.2 * radius, middle), line, font=large, fill=INK, anchor="lm")
    return picture.resize(size, Image.Resampling.LANCZOS)


def _ring(picture: Image.Image, share: float, left: int, size: Size) -> None:
    """Paste a ring that empties clockwise while the number in it counts the seconds left."""
    unit = size[1] / 360
    side = round(96 * unit)
    large = side * SMOOTHING
    box = (SMOOTHING, SMOOTHING, large - SMOOTHING, large - SMOOTHING)
    ring = Image.new("RGB", (large, large), PAPER)
    draw = ImageDraw.Draw(ring)
    draw.arc(box, 0, 360, fill=MIST, width=large // 10)
    draw.arc(box, -90 + 360 * share, 270, fill=CELADON, width=large // 10)
    draw.text((large / 2, large / 2), str(left), font=_font(False, large * 2 // 5), fill=INK, anchor="mm")
    ring = ring.resize((side, side), Image.Resampling.LANCZOS)
    picture.paste(ring, (size[0] - side - round(44 * unit), round(150 * unit)))


def _track(picture: Image.Image, starts: Sequence[float], now: float, seconds: int, size: Size) -> None:
    """The bar at the foot: one piece a slide, filled as far as the video has run."""
    draw = ImageDraw.Draw(picture)
    width, height = size
    top, bottom = height - 7 * height // 360, height - 1
    for start, end in pairwise([*starts, float(seconds)]):
        left, right = width * start / seconds, width * end / seconds - 3
        draw.rectangle((left, top, right, bottom), fill=MIST)
        if now > start:
            draw.rectangle((left, top, min(right, width * now / seconds), bottom), fill=CELADON)
