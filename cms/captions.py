"""Captions as WebVTT: checked before they are kept, so that the player never stumbles over them.

A file may come as SubRip (SRT) and in whatever encoding its editor wrote; what is kept is WebVTT in UTF-8.
"""

import codecs
import re

from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid

CUE_AT_MOST = 240  # characters: no screen shows more at once
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"^{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?$")
# SubRip writes 00:00:01,000 --> 00:00:03,000, each cue below its number.
_SRT_TIME = re.compile(r"(\d{1,2}:\d{2}:\d{2}),(\d{1,3})")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Chinese editors write, each with the first bytes of its usual characters; rarer ones stand behind them.
_LEGACY = {"gb18030": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7)}


def read_captions(raw: bytes) -> str:
    """The text of a caption file as WebVTT. Refuses what is text in no encoding that Chinese captions come in."""
    text = _plain(_decoded(raw))
    return text if text.startswith("WEBVTT") or not text else _from_subrip(text)


def tidy_captions(text: str, *, seconds: float | None = None) -> str:
    """The captions with plain line ends. Refuses what isn't WebVTT or lies outside the ``seconds`` of the recording.

    A fault is named by the number of its line.
    """
    tidy = _plain(text)
    if not tidy:
        return ""
    lines = tidy.split("\n")
    if lines[0].split(" ")[0] != "WEBVTT":
        raise Invalid("captions_format", _("字幕不是 WebVTT 格式：第一行应为 WEBVTT。"), field="captions")
    for number, line in enumerate(lines, start=1):
        if "-->" in line:
            _check_time(number, line, seconds)
        elif len(line) > CUE_AT_MOST:
            raise Invalid(
                "captions_too_long",
                _("字幕第 %(line)s 行有 %(length)s 个字，一条字幕最多 %(most)s 个字，请拆成几条。"),
                field="captions",
                line=number,
                length=len(line),
                most=CUE_AT_MOST,
            )
    return tidy + "\n"


def _check_time(number: int, line: str, seconds: float | None) -> None:
    cue = _CUE.match(line.strip())
    if cue is None:
        sentence = _("字幕第 %(line)s 行的时间写法不对，应写作 00:01.000 --> 00:04.000。")
        raise Invalid("captions_time", sentence, field="captions", line=number)
    start, end = _seconds(cue.groups()[:4]), _seconds(cue.groups()[4:])
    if end <= start:
        sentence = _("字幕第 %(line)s 行的结束时间不晚于开始时间。")
        raise Invalid("captions_order", sentence, field="captions", line=number)
    # Half a second of rounding is no mistake.
    if seconds is not None and end > seconds + 0.5:
        sentence = _("字幕第 %(line)s 行超出了 %(seconds)s 秒的时长。")
        raise Invalid("captions_outside", sentence, field="captions", line=number, seconds=int(seconds))


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").strip()


def _decoded(raw: bytes) -> str:
    """A mark at the beginning decides, then UTF-8 if it is; only then it is guessed among what Chinese editors write."""
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    try:
        return raw.decode(marked or _unmarked(raw))
    except UnicodeDecodeError as error:
        sentence = _("无法辨认字幕文件的文字编码，请在编辑软件里另存为 UTF-8 后再上传。")
        raise Invalid("captions_encoding", sentence, field="captions") from error


def _unmarked(raw: bytes) -> str:
    if b"\x00" in raw[:64]:  # every other byte of "WEBVTT" or of a number is nought
        return "utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be"
    readable = [name for name in ("utf-8", *_LEGACY) if _reads(raw, name)]
    if not readable or readable[0] == "utf-8":
        return "utf-8"
    return max(readable, key=lambda name: _usual(raw.decode(name), name))


def _reads(raw: bytes, name: str) -> bool:
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _usual(text: str, name: str) -> float:
    """The share of usual characters: a text read in another's encoding is full of rare ones."""
    leads = [character.encode(name)[0] for character in text if character > "\u2e7f"]
    return sum(lead in _LEGACY[name] for lead in leads) / max(1, len(leads))


def _from_subrip(text: str) -> str:
    """SubRip with the punctuation of WebVTT; line for line, so that a fault keeps the number of its line but one."""
    if "-->" not in text:
        return text
    lines = [_SRT_TIME.sub(_full_time, line) if "-->" in line else line for line in text.split("\n")]
    return "WEBVTT\n\n" + "\n".join(lines)


def _full_time(found: re.Match[str]) -> str:
    return f"{found[1].zfill(8)}.{found[2].ljust(3, '0')}"
