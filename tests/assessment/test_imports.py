"""Questions from a workbook: wrong rows are named, the right ones can be taken."""

import io

import pytest

from courses.assessment.models import Question, QuestionVersion
from courses.assessment.services import import_questions
from courses.assessment.services.imports import COLUMNS
from lms.documents.workbooks import Sheet, write
from lms.rules.refusals import Invalid, NotFound
from tests.factories import people
from tests.factories.assessment import NOON, SYSTEM, bank

pytestmark = pytest.mark.django_db
TITLES = [column.titles[0] for column in COLUMNS]
RIGHT = [
    ["1", "单选题", "睡姿？", "仰卧", "俯卧", "", "", "", "", "A", "说明", "睡眠", 1, 2],
    ["2", "多选题", "=洗手之后？", "擦干", "记录", "离开", "", "", "", "A、B", "", "", "", ""],
    ["3", "判断题", "可以离开？", "", "", "", "", "", "", "错", "", "", 3, ""],
    ["4", "填空题", "急救电话 ____，火警 ____", "", "", "", "", "", "", "120/一二〇；119", "", "", "", ""],
    ["5", "排序题", "次序", "判断", "呼救", "复苏", "", "", "", "ABC", "", "", "", ""],
    ["6", "匹配题", "对应", "发热=测体温", "噎食=叩背", "", "", "", "", "A-1 B-2", "", "", "", ""],
]
WRONG = [
    ["7", "简答题", "？", "", "", "", "", "", "", "A", "", "", "", ""],
    ["8", "单选题", "？", "甲", "乙", "", "", "", "", "D", "", "", "", ""],
    ["1", "判断题", "编号重复", "", "", "", "", "", "", "对", "", "", "", ""],
    ["9", "判断题", "？", "", "", "", "", "", "", "也许", "", "", "", ""],
    ["10", "单选题", "？", "甲", "乙", "", "", "", "", "A", "", "", "难", ""],
    ["11", "匹配题", "？", "甲", "乙", "", "", "", "", "A-1 B-2", "", "", "", ""],
]


def workbook(*rows) -> io.BytesIO:
    return io.BytesIO(write(sheets=[Sheet("题库", TITLES, rows)]))


def imported(of, *rows, dry_run=False):
    return import_questions(bank=of, file=workbook(*rows), dry_run=dry_run, actor=SYSTEM, now=NOON)


def test_every_kind_is_read():
    report = imported(bank(), *RIGHT)
    assert (report.rows, report.saved, report.errors) == (6, 6, ())
    answers = dict(QuestionVersion.objects.values_list("question__key", "answer"))
    assert answers == {
        "1": "a",
        "2": ["a", "b"],
        "3": False,
        "4": [["120", "一二〇"], ["119"]],
        "5": ["a", "b", "c"],
        "6": {"a": "1", "b": "2"},
    }
    assert QuestionVersion.objects.get(question__key="2").stem.startswith("=")


def test_english_headings_and_words():
    titles = [column.titles[1] for column in COLUMNS]
    rows = [
        ["1", "single", "Asleep how?", "On the back", "On the front", "", "", "", "", "A", "", "", "", ""],
        ["2", "TRUE_FALSE", "May one leave?", "", "", "", "", "", "", "False", "", "", "", ""],
    ]
    file = io.BytesIO(write(sheets=[Sheet("Questions", titles, rows)]))
    report = import_questions(bank=bank(), file=file, dry_run=False, actor=SYSTEM, now=NOON)
    assert (report.saved, report.errors) == (2, ())


def test_each_wrong_row_is_named_and_the_rest_taken():
    report = imported(bank(), *RIGHT, *WRONG)
    assert (report.rows, report.saved) == (12, 6)
    assert [error.row for error in report.errors] == [8, 9, 10, 11, 12, 13]
    assert all(error.message for error in report.errors)


def test_a_dry_run_says_the_same_and_writes_nothing():
    of = bank()
    assert imported(of, *RIGHT, *WRONG, dry_run=True) == imported(of, *RIGHT, *WRONG)
    other = bank()
    imported(other, *RIGHT, dry_run=True)
    assert not Question.objects.filter(bank=other).exists()


def test_again_changes_nothing():
    of = bank()
    imported(of, *RIGHT)
    imported(of, *RIGHT)
    assert QuestionVersion.objects.count() == 6


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken"])
def test_what_is_no_workbook(content):
    with pytest.raises(Invalid):
        import_questions(bank=bank(), file=io.BytesIO(content), dry_run=True, actor=SYSTEM, now=NOON)


def test_a_missing_column_is_named():
    file = io.BytesIO(write(sheets=[Sheet("题库", ["编号", "题型", "题干"], [["1", "判断题", "？"]])]))
    with pytest.raises(Invalid) as refusal:
        import_questions(bank=bank(), file=file, dry_run=True, actor=SYSTEM, now=NOON)
    assert "答案" in str(refusal.value)


def test_another_college():
    stranger = people.acting(people.member(people.college(), "college_author"))
    with pytest.raises(NotFound):
        import_questions(bank=bank(), file=workbook(*RIGHT), dry_run=True, actor=stranger, now=NOON)
