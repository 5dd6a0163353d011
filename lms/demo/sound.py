"""A breathing exercise as sound: a soft tone rises while one breathes in and falls while one breathes out.

There is no voice; the transcript says what to do. The same breaths give the same bytes. MP3, because every phone plays it.
"""

from __future__ import annotations

import io
import math
from array import array

import av

from lms.demo.content import Caption

IN_SECONDS, OUT_SECONDS, BREATHS = 4, 6, 4
SECONDS = BREATHS * (IN_SECONDS + OUT_SECONDS)
RATE = 16_000
LOW_HZ, HIGH_HZ = 196.0, 294.0
LOUDNESS = 6_000  # of 32,767: heard on a phone, not startling
FADE_SECONDS = 0.5


def breathing() -> bytes:
    """The exercise as an MP3 file of ``SECONDS``."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=RATE, layout="mono")
        written = 0
        for _breath in range(BREATHS):
            for seconds, first, last in ((IN_SECONDS, LOW_HZ, HIGH_HZ), (OUT_SECONDS, HIGH_HZ, LOW_HZ)):
                samples = _glide(seconds, first, last)
                frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
                frame.sample_rate, frame.pts = RATE, written
                frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
                container.mux(stream.encode(frame))
                written += len(samples)
        container.mux(stream.encode())
    return out.getvalue()


def transcript() -> tuple[Caption, ...]:
    """What the tones mean, breath by breath."""
    said: list[Caption] = []
    for breath in range(BREATHS):
        begins = breath * (IN_SECONDS + OUT_SECONDS)
        turns, ends = begins + IN_SECONDS, begins + IN_SECONDS + OUT_SECONDS
        said.append(Caption(start=begins, end=turns, text="声音升高：用鼻子吸气，数到四。"))
        said.append(Caption(start=turns, end=ends, text="声音降低：用嘴慢慢呼气，数到六。"))
    return tuple(said)


def _glide(seconds: int, first: float, last: float) -> array[int]:
    """A tone that glides from one height to another, faded in and out."""
    total, phase, samples = seconds * RATE, 0.0, array("h")
    for number in range(total):
        phase += 2 * math.pi * (first + (last - first) * number / total) / RATE
        edge = min(1.0, number / (FADE_SECONDS * RATE), (total - number) / (FADE_SECONDS * RATE))
        samples.append(round(LOUDNESS * edge * math.sin(phase)))
    return samples
