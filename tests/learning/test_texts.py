"""Texts beside a lesson: terms marked in a reading, captions to read along."""

import pytest

from courses.learning.glossary import marked, terms_of
from courses.learning.transcript import clock_of, transcript_of

GLOSSARY = [
    {"term": "仰卧", "text": "脸朝上躺着。"},
    {"term": "仰卧位", "text": "仰卧的姿势。"},
    {"term": "SIDS", "text": "婴儿猝死综合征。"},
    {"term": "A&B", "text": "一个带符号的词。"},
    {"term": "㛃", "text": "生僻字。"},
]


def read(body: str) -> str:
    return marked(body, terms_of(GLOSSARY, body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>没有术语。</p>", "<p>没有术语。</p>"),
        ("<p>仰卧，再仰卧。</p>", '<p><a class="term" href="#term-1">仰卧</a>，再仰卧。</p>'),
        ("<p>仰卧位。</p>", '<p><a class="term" href="#term-2">仰卧位</a>。</p>'),
        (
            "<p>A&amp;B &amp; &#20208; &nbsp;</p>",
            '<p><a class="term" href="#term-1">A&amp;B</a> &amp; &#20208; &nbsp;</p>',
        ),
        ("<p>㛃</p>", '<p><a class="term" href="#term-1">㛃</a></p>'),
        # Never in a link, a heading or code, and never in a tag itself.
        ('<h2>SIDS</h2><p><a href="/x">SIDS</a></p>', '<h2>SIDS</h2><p><a href="/x">SIDS</a></p>'),
        ('<p><img alt="SIDS" src="/a.png"/><br>x</p>', '<p><img alt="SIDS" src="/a.png"/><br>x</p>'),
        ("<h2>SIDS</h2><p>SIDS</p>", '<h2>SIDS</h2><p><a class="term" href="#term-1">SIDS</a></p>'),
    ],
)
def test_the_first_use_of_a_term_leads_to_its_entry(body, expected):
    assert read(body) == expected


def test_only_the_terms_a_text_uses_are_listed():
    assert [term.term for term in terms_of(GLOSSARY, "<p>SIDS 与仰卧</p>")] == ["仰卧", "SIDS"]
    assert terms_of([], "<p>SIDS</p>") == []


def test_a_long_text_is_copied_as_it_stands():
    body = '<table class="x"><tr><td data-a="1">甲 &lt;乙&gt; &quot;丙&quot;</td></tr></table>' * 500
    assert read(body) == body


@pytest.mark.parametrize(("seconds", "clock"), [(0, "0:00"), (5.9, "0:05"), (750, "12:30"), (3661, "1:01:01")])
def test_clock(seconds, clock):
    assert clock_of(seconds) == clock


def test_captions_become_lines():
    captions = (
        "WEBVTT\r\n\r\nNOTE 旁注\n00:99\n\nSTYLE\n::cue { color: red }\n\n"
        "1\n00:01.500 --> 00:04.000 align:start\n<v 老师>单独睡，\n<b>仰着</b>睡 &amp; 空着床</v>\n\n"
        "01:00:00.000 --> 01:00:02.000\n㛃\n\n00:05.000 --> 00:06.000\n\n"
    )
    lines = [(line.at, line.clock, line.text) for line in transcript_of(captions)]
    assert lines == [(1.5, "0:01", "单独睡， 仰着睡 & 空着床"), (3600.0, "1:00:00", "㛃")]


@pytest.mark.parametrize("captions", ["", "WEBVTT", "WEBVTT\n\n不是字幕", "\n\n\n"])
def test_nothing_to_read(captions):
    assert transcript_of(captions) == []
