"""The breathing exercise of the demonstration: the same bytes each time, as long as its transcript, no startling tone."""

from __future__ import annotations

import io
from itertools import pairwise

import av

from lms.demo.sound import SECONDS, breathing, transcript


def test_the_same_breaths_give_the_same_bytes() -> None:
    assert breathing() == breathing()


def test_it_is_sound_and_lasts_as_long_as_it_says() -> None:
    content = breathing()
    assert len(content) < 500_000
    with av.open(io.BytesIO(content)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
        assert container.duration is not None
        assert abs(container.duration / av.time_base - SECONDS) < 0.5


def test_the_transcript_says_what_every_tone_means() -> None:
    said = transcript()
    assert (said[0].start, said[-1].end) == (0, SECONDS)
    assert all(one.end == other.start for one, other in pairwise(said))
