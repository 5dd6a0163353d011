"""What changed between two versions, as a reader is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.differences import LessonSheet, Sheet, compare, text_lines

FACTS = (("课程名称", "安全睡眠"), ("申报学时", "1.0"))


def reading(title: str, *lines: str, minutes: int = 45) -> LessonSheet:
    return LessonSheet("阅读", title, minutes, lines)


def sheet(*lessons: LessonSheet, facts: tuple[tuple[str, str], ...] = FACTS) -> Sheet:
    return Sheet(facts, lessons)


def states(old: Sheet, new: Sheet) -> list[tuple[str, str]]:
    return [(change.state, change.title) for change in compare(old, new).lessons]


def test_nothing_changed() -> None:
    assert not compare(sheet(reading("一", "托")), sheet(reading("一", "托")))


def test_facts_are_named_with_both_values() -> None:
    (change,) = compare(sheet(), sheet(facts=(FACTS[0], ("申报学时", "2.0")))).facts
    assert (change.name, change.old, change.new) == ("申报学时", "1.0", "2.0")


def test_a_fact_that_was_not_there_before() -> None:
    (change,) = compare(sheet(), sheet(facts=(*FACTS, ("先修课程", "急救")))).facts
    assert (change.old, change.new) == ("", "急救")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("ab", "abc", [("added", "c")]),
        ("abc", "ac", [("removed", "b")]),
        ("ab", "ba", [("moved", "a")]),
        ("", "a", [("added", "a")]),
        ("a", "", [("removed", "a")]),
        ("aa", "a", [("removed", "a")]),
    ],
)
def test_lessons_come_go_and_move(old: str, new: str, found: list[tuple[str, str]]) -> None:
    before, after = (sheet(*(reading(title, f"text of {title}") for title in titles)) for titles in (old, new))
    assert states(before, after) == found


def test_a_renamed_lesson_is_known_by_its_text() -> None:
    lines = ("仰卧", "平床", "不放枕头")
    (change,) = compare(sheet(reading("旧名", *lines)), sheet(reading("新名", *lines))).lessons
    assert (change.state, change.old_title, change.title, change.lines) == ("changed", "旧名", "新名", ())


def test_a_lesson_of_another_kind_is_another_lesson() -> None:
    video = LessonSheet("视频", "睡眠", 45, ("仰卧",))
    assert states(sheet(reading("睡眠", "仰卧")), sheet(video)) == [("added", "睡眠"), ("removed", "睡眠")]


def test_a_changed_line_shows_where_and_its_neighbour() -> None:
    old = reading("一", "第一段不变。", "每 30 分钟巡视一次。", "最后一段。")
    new = reading("一", "第一段不变。", "每 15 分钟巡视一次。", "最后一段。")
    (change,) = compare(sheet(old), sheet(new)).lessons
    before, line = change.lines
    assert (before.state, before.pieces[0].text) == ("same", "第一段不变。")
    assert [(piece.state, piece.text) for piece in line.pieces] == [
        ("same", "每 "),
        ("removed", "30"),
        ("added", "15"),
        ("same", " 分钟巡视一次。"),
    ] or line.state == "changed"


def test_lines_with_nothing_in_common_are_two_lines() -> None:
    (change,) = compare(sheet(reading("一", "仰卧睡觉")), sheet(reading("一", "ABCDEFG"))).lessons
    assert [line.state for line in change.lines] == ["removed", "added"]


def test_a_very_long_line_is_shown_whole() -> None:
    (change,) = compare(sheet(reading("一", "托" * 5000)), sheet(reading("一", "托" * 5001))).lessons
    assert [line.state for line in change.lines] == ["removed", "added"]


TEXTS = st.lists(st.text(alphabet="仰卧床a ", min_size=1, max_size=8), max_size=6)


@given(TEXTS, TEXTS)
def test_what_is_shown_holds_both_texts(old: list[str], new: list[str]) -> None:
    """Nothing that came is left out, nothing is invented."""
    changes = compare(sheet(reading("一", *old)), sheet(reading("一", *new))).lessons
    shown = [line for change in changes for line in change.lines]
    came = ["".join(piece.text for piece in line.pieces if piece.state != "removed") for line in shown]
    went = ["".join(piece.text for piece in line.pieces if piece.state != "added") for line in shown]
    assert all(line in new for line in came if line)
    assert all(line in old or line in new for line in went if line)
    if old != new:
        assert changes


def test_html_becomes_a_line_for_each_block() -> None:
    body = (
        "<h3>&lt;b&gt;三条</h3><p>仰卧，<b>平床</b></p><ul><li>一</li><li>二</li></ul>"
        "<table><caption>对照</caption><tr><th>情形</th><td>做法</td></tr></table>"
        '<figure><img src="/f/abcdef0123.png" alt="睡姿"><figcaption>图一</figcaption></figure>'
        '<p><a href="/f/0123456789.pdf" download>讲义</a></p>'
    )
    assert text_lines(body, picture="图片", file="文件") == [
        "<b>三条",
        "仰卧，平床",
        "一",
        "二",
        "对照",
        "情形 | 做法",
        "［图片 abcdef01］睡姿",
        "图一",
        "［文件 01234567］讲义",
    ]
