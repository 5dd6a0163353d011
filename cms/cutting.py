"""Cuts a film into short pieces for slow networks (HLS, RFC 8216): one list of pieces per size, one master list.

One processor, one picture at a time: a film of an hour needs no more memory than a film of a minute.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import PictureType

PIECE_SECONDS = 6
KEY_FRAME_SECONDS = 2
SOUND_RATE, SOUND_BITS = 44_100, 96_000
MASTER = "master.m3u8"
# Height → most bits a second for the pictures.
HEIGHTS = {360: 600_000, 720: 1_800_000}


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int
    bits: int


def sizes_of(width: int, height: int) -> list[Size]:
    """The sizes to make: none above the film's own; a film below the smallest keeps its size."""
    found = [(wanted, bits) for wanted, bits in HEIGHTS.items() if wanted <= height]
    return [
        Size(max(2, round(width * wanted / height / 2) * 2), wanted // 2 * 2, bits)
        for wanted, bits in found or [(max(2, height), HEIGHTS[min(HEIGHTS)])]
    ]


def cut(file: Any, folder: Path, *, told: Callable[[int], None]) -> None:
    """Write pieces and lists of the film ``file`` (seekable, binary) into ``folder``.

    ``told`` is called with the per cent done, rising, several times a second at most; what it raises ends the work.
    """
    file.seek(0)
    with av.open(file) as container:
        sizes = sizes_of(container.streams.video[0].width, container.streams.video[0].height)
        seconds = container.duration / av.time_base if container.duration else math.inf
    for place, size in enumerate(sizes):
        below = folder / str(size.height)
        below.mkdir(parents=True)
        file.seek(0)
        for at in _cut_one(file, below, size):
            told(min(99, int((place + min(1.0, at / seconds)) * 100 / len(sizes))))
    (folder / MASTER).write_text(_master(sizes), encoding="utf-8")


def _cut_one(file: Any, folder: Path, size: Size) -> Iterator[float]:
    """One size; yields the second of the film it has come to."""
    options = {
        "hls_time": str(PIECE_SECONDS),
        "hls_playlist_type": "vod",
        "hls_flags": "independent_segments",
        "hls_segment_filename": str(folder / "%04d.ts"),
    }
    with av.open(file) as source, av.open(str(folder / "index.m3u8"), "w", format="hls", options=options) as pieces:
        film = source.streams.video[0]
        film.codec_context.thread_count = 1
        read = [film, *source.streams.audio[:1]]
        begin = min(float(one.start_time * one.time_base) for one in read if one.start_time is not None)
        pictures = _pictures(pieces, film, size)
        sounds = _sounds(pieces) if len(read) > 1 else None
        for frame in source.decode(*read):
            if isinstance(frame, av.VideoFrame):
                pieces.mux(pictures.encode(_scaled(frame, size)))
                yield (frame.time or 0.0) - begin
            elif sounds:
                pieces.mux(sounds.encode(frame))
        for stream in filter(None, (pictures, sounds)):
            pieces.mux(stream.encode())


def _pictures(pieces: Any, film: Any, size: Size) -> Any:
    rate = film.average_rate or Fraction(25)
    ceiling = {"maxrate": str(size.bits), "bufsize": str(size.bits * 2)}
    options = {"preset": "veryfast", "crf": "23", "profile": "main", "sc_threshold": "0", **ceiling}
    stream = pieces.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.codec_context.gop_size = max(1, round(rate * KEY_FRAME_SECONDS))
    stream.codec_context.time_base = film.time_base
    stream.codec_context.thread_count = 1
    return stream


def _sounds(pieces: Any) -> Any:
    stream = pieces.add_stream("aac", rate=SOUND_RATE, layout="stereo")
    stream.bit_rate = SOUND_BITS
    return stream


def _scaled(frame: Any, size: Size) -> Any:
    """The picture in its new size, at its old moment; whether it begins a stretch is for the encoder to say."""
    scaled = frame.reformat(size.width, size.height, "yuv420p")
    scaled.pts, scaled.time_base, scaled.pict_type = frame.pts, frame.time_base, PictureType.NONE
    return scaled


def _master(sizes: list[Size]) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for size in sizes:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={size.bits + SOUND_BITS},RESOLUTION={size.width}x{size.height}",
            f"{size.height}/index.m3u8",
        ]
    return "\n".join(lines) + "\n"
