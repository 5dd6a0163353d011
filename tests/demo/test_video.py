"""Demonstration videos: the same bytes for the same slides, the duration they claim, small enough for a phone."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from lms.demo.content import Caption, Slide, load_courses
from lms.demo.video import poster, render, webvtt

SLIDES = (
    Slide(at=0, heading="先把床清空", lines=("拿走枕头和玩具", "床单包紧")),
    Slide(at=7, heading="跟着做", lines=("吸气，数到四", "呼气，数到六"), timer=True),
    Slide(at=14, heading="离开之前", lines=("看口鼻、看面色",)),
)


def test_the_same_slides_give_the_same_bytes(tmp_path: Path) -> None:
    render(SLIDES, 20, tmp_path / "one.mp4")
    render(SLIDES, 20, tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_other_slides_give_another_picture(tmp_path: Path) -> None:
    render(SLIDES, 20, tmp_path / "one.mp4")
    render(SLIDES[:1], 20, tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() != (tmp_path / "two.mp4").read_bytes()


def test_it_plays_everywhere_and_lasts_as_long_as_it_says(tmp_path: Path) -> None:
    out = tmp_path / "video.mp4"
    render(SLIDES, 21, out)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert container.duration == 21 * av.time_base
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (640, 360)
    head = out.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "a phone must be able to start before the last byte"


def test_a_slide_is_seen_when_its_time_comes(tmp_path: Path) -> None:
    out = tmp_path / "video.mp4"
    render(SLIDES, 20, out)
    with av.open(str(out)) as container:
        frames = [frame.to_image() for frame in container.decode(video=0)]
    ring = [frame.convert("L").crop((500, 150, 596, 246)) for frame in (frames[30], frames[40])]
    darkest = [int(picture.getextrema()[0]) for picture in ring]
    assert darkest[0] > 230, "paper before the second slide"
    assert darkest[1] < 120, "the ring from second seven on"


def test_the_longest_video_stays_small(tmp_path: Path) -> None:
    longest = max((video for course in load_courses() for video in course.videos), key=lambda video: video.seconds)
    out = tmp_path / "video.mp4"
    render(longest.slides, longest.seconds, out)
    assert longest.seconds == 60
    assert out.stat().st_size < 400_000


def test_the_poster_is_the_first_slide_complete(tmp_path: Path) -> None:
    poster(SLIDES, tmp_path / "poster.png")
    with Image.open(tmp_path / "poster.png") as picture:
        assert picture.size == (640, 360)
        second_line = picture.convert("L").crop((80, 150, 400, 180))
        assert int(second_line.getextrema()[0]) < 120


def test_captions_become_webvtt() -> None:
    captions = (Caption(start=0, end=4.5, text="先洗手 & 再抱"), Caption(start=59.5, end=61.25, text="三 < 四"))
    assert webvtt(captions) == (
        "WEBVTT\n\n"
        "1\n00:00:00.000 --> 00:00:04.500\n先洗手 &amp; 再抱\n\n"
        "2\n00:00:59.500 --> 00:01:01.250\n三 &lt; 四\n"
    )
