"""What a recording really is, found by reading it: nobody types in how long it lasts.

The duration is taken from the pictures or the sound in the file and not from its header, which anyone can edit;
class-hours hang on it. A file that lasts less than it says was cut off on its way. Only what every browser plays is
accepted.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import av
from av.error import FFmpegError
from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid

PICTURES = frozenset({"h264", "vp8", "vp9", "av1"})
SOUNDS = frozenset({"mp3", "aac"})
# The cover of a sound file is a stream of pictures too, but no film.
COVERS = frozenset({"mjpeg", "png"})
POSTER_WIDTH = 960
# What may be missing at the end: the greater of so many seconds and such a share.
MISSING_SECONDS, MISSING_SHARE = 2.0, 0.02
# Where a picture or a sound is decoded to see that the bytes are those of a recording: shares of its length.
LOOKED_AT = (0.0, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Probed:
    """Duration in seconds, size in pixels (none for sound), codec as FFmpeg names it."""

    seconds: float
    width: int
    height: int
    codec: str


def probe(file: Any) -> Probed:
    """Read a film (seekable, binary) to its end.

    Refuses what is no video, has no picture, can't be decoded, was cut off, or plays in no browser.
    """
    with _opened(file) as container:
        stream = _film(container)
        codec = _known(stream, PICTURES)
        if codec is None:
            raise Invalid(
                "video_codec",
                _("视频编码 %(codec)s 无法在浏览器中播放，请转换为 H.264 后再上传。"),
                codec=stream.codec_context.name,
            )
        width, height = stream.codec_context.width, stream.codec_context.height
        seconds = _measured(container, stream)
        if not width or not height:
            raise _corrupted()
    return Probed(seconds, width, height, codec)


def probe_sound(file: Any) -> Probed:
    """Read a sound file (seekable, binary) to its end. Refuses as ``probe`` does, and a film."""
    with _opened(file) as container:
        if _films(container):
            raise Invalid("is_a_video", _("这个文件里有视频画面，请作为视频上传。"))
        if not container.streams.audio:
            raise _corrupted()
        stream = container.streams.audio[0]
        codec = _known(stream, SOUNDS)
        if codec is None:
            raise Invalid(
                "audio_codec",
                _("音频编码 %(codec)s 无法在浏览器中播放，请转换为 MP3 或 AAC 后再上传。"),
                codec=stream.codec_context.name,
            )
        return Probed(_measured(container, stream), 0, 0, codec)


def poster(file: Any) -> bytes:
    """The first picture as JPEG, no wider than the player shows it."""
    with _opened(file) as container:
        frame = next(container.decode(_film(container)), None)
        if frame is None:
            raise _corrupted()
        image = frame.to_image()
    image.thumbnail((POSTER_WIDTH, POSTER_WIDTH))
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=82, optimize=True)
    return out.getvalue()


@contextmanager
def _opened(file: Any) -> Iterator[Any]:
    file.seek(0)
    try:
        with av.open(file, mode="r") as container:
            yield container
    except (FFmpegError, EOFError) as error:
        raise _corrupted() from error
    finally:
        file.seek(0)


def _films(container: Any) -> list[Any]:
    return [one for one in container.streams.video if one.codec_context and one.codec_context.name not in COVERS]


def _film(container: Any) -> Any:
    streams = _films(container)
    if not streams:
        raise Invalid("no_video_stream", _("文件里没有视频画面。请上传视频文件，音频不能作为课程视频。"))
    return streams[0]


def _known(stream: Any, playable: frozenset[str]) -> str | None:
    names = {stream.codec_context.name, stream.codec_context.codec.canonical_name}
    return min(names & playable, default=None)


def _measured(container: Any, stream: Any) -> float:
    """Seconds from the first packet to the end of the last. Refuses what is shorter than it says, or isn't what it says."""
    said = _said(container, stream)
    seconds = _length(container, stream)
    if seconds <= 0:
        raise _corrupted()
    if said - seconds > max(MISSING_SECONDS, said * MISSING_SHARE):
        raise Invalid(
            "media_truncated",
            _("文件不完整：应有 %(said)s 秒，实际只有 %(found)s 秒，可能在上传或复制时中断了。请重新导出或重新上传。"),
            said=round(said),
            found=round(seconds),
        )
    _look(container, stream, seconds)
    return seconds


def _said(container: Any, stream: Any) -> float:
    """How long the file's own index says it lasts; 0 where it says nothing. The stream's word goes before the header's."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _length(container: Any, stream: Any) -> float:
    first, last = math.inf, -math.inf
    for packet in container.demux(stream):
        if packet.pts is None:
            continue
        first = min(first, packet.pts)
        last = max(last, packet.pts + (packet.duration or 0))
    return float((last - first) * stream.time_base) if last > first else 0.0


def _look(container: Any, stream: Any, seconds: float) -> None:
    start = stream.start_time or 0
    for share in LOOKED_AT:
        container.seek(start + int(seconds * share / stream.time_base), stream=stream)
        if next(container.decode(stream), None) is None:
            raise _corrupted()


def _corrupted() -> Invalid:
    return Invalid("not_a_video", _("无法读取这个文件：它不是视频或音频，或者已经损坏。请检查后重新上传。"))
