"""Captions come as people's editors write them, and are kept as the player reads them. A fault is named by its line."""

import codecs

import pytest

from cms.captions import CUE_AT_MOST, read_captions, tidy_captions
from lms.rules.refusals import Refusal

SIMPLIFIED = "WEBVTT\n\n00:00.000 --> 00:02.000\n仰卧入睡，十五分钟巡视一次\n\n00:02.000 --> 00:04.000\n放下"
TRADITIONAL = "WEBVTT\n\n00:00.000 --> 00:02.000\n嬰幼兒睡眠環境要安靜，每十五分鐘巡視一次"
SUBRIP = "1\n00:00:00,000 --> 00:00:02,50\n仰卧\n\n2\n00:00:02,500 --> 00:00:04,000\n放下\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"])
def test_every_encoding_of_chinese_editors_is_read(encoding: str) -> None:
    assert read_captions(SIMPLIFIED.encode(encoding)) == SIMPLIFIED


def test_big5_is_told_from_gb18030() -> None:
    assert read_captions(TRADITIONAL.encode("big5")) == TRADITIONAL
    assert read_captions(TRADITIONAL.encode("gb18030")) == TRADITIONAL


def test_rare_characters_survive() -> None:
    rare = SIMPLIFIED.replace("放下", "𬭊与㐂")
    assert read_captions(rare.encode("gb18030")) == rare


def test_one_word_is_enough_to_tell() -> None:
    assert "仰卧" in read_captions("1\n00:00:00,000 --> 00:00:02,000\n仰卧".encode("gbk"))


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        read_captions(codecs.BOM_UTF16_LE + b"\x00\xd8\x00")
    assert refused.value.code == "captions_encoding"
    with pytest.raises(Refusal):
        read_captions(bytes(range(128, 256)) * 4)


def test_subrip_becomes_webvtt() -> None:
    text = tidy_captions(read_captions(SUBRIP.encode("gbk")), seconds=4)
    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.500\n仰卧\n")


def test_line_ends_and_marks_of_other_systems_go() -> None:
    assert tidy_captions("\ufeff" + SIMPLIFIED.replace("\n", "\r\n")) == SIMPLIFIED + "\n"
    assert tidy_captions("  \r\n ") == ""


@pytest.mark.parametrize(
    ("captions", "code", "line"),
    [
        ("00:00 --> 00:02\nx", "captions_format", None),
        ("WEBVTT\n\n0 --> 2\nx", "captions_time", 3),
        ("WEBVTT\n\n00:00.000 --> 00:02.000\nx\n\n00:61.000 --> 01:02.000\ny", "captions_time", 6),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\nx", "captions_order", 3),
        ("WEBVTT\n\n00:00.000 --> 09:00.000\nx", "captions_outside", 3),
        ("WEBVTT\n\n00:00.000 --> 00:02.000\n" + "托" * (CUE_AT_MOST + 1), "captions_too_long", 4),
    ],
)
def test_a_fault_is_named_by_its_line(captions: str, code: str, line: int | None) -> None:
    with pytest.raises(Refusal) as refused:
        tidy_captions(captions, seconds=60)
    assert refused.value.code == code
    assert refused.value.params.get("line") == line
    if line:
        assert f"第 {line} 行" in str(refused.value)


def test_half_a_second_of_rounding_is_no_fault() -> None:
    assert tidy_captions("WEBVTT\n\n00:00.000 --> 00:04.400\nx", seconds=4)
