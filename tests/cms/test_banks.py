"""Question banks of a college: written, found, imported with a dry run; nobody else's."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cms.banks import QuestionForm, cells_of
from courses.assessment.models import Question, QuestionBank, QuestionVersion
from courses.assessment.services import create_bank, save_question
from courses.assessment.services.imports import COLUMNS, question_of
from lms.documents import workbooks
from lms.people.models import User
from tests.factories.catalogue import a_college
from tests.factories.cms import NOW, acting_as, author

pytestmark = pytest.mark.django_db
SINGLE = {
    "key": "Q1",
    "kind": "single",
    "stem": "怎么睡？",
    "choice_a": "仰卧",
    "choice_b": "俯卧",
    "answer": "A",
    "difficulty": "1",
    "points": "1",
}


@pytest.fixture
def writer() -> User:
    return author()


@pytest.fixture
def client(writer: User) -> Client:
    client = Client()
    client.force_login(writer)
    return client


@pytest.fixture
def bank(writer: User) -> QuestionBank:
    college = writer.memberships.get().organisation
    assert college is not None
    return create_bank(college=college, name="安全睡眠", actor=acting_as(writer), now=NOW)


def test_a_bank_is_opened_and_listed(client: Client) -> None:
    answer = client.post(reverse("cms:banks"), {"name": "喂养"}, follow=True)
    assert "喂养" in answer.content.decode()
    assert "喂养" in client.get(reverse("cms:banks")).content.decode()


def test_a_question_is_written_and_saved_again_as_a_new_version(client: Client, bank: QuestionBank) -> None:
    client.post(reverse("cms:question-new", args=[bank.pk]), SINGLE)
    question = Question.objects.get(bank=bank)
    address = reverse("cms:question", args=[bank.pk, question.pk])
    assert "怎么睡？" in client.get(address).content.decode()
    client.post(address, {**SINGLE, "stem": "应当怎么睡？"})
    assert list(question.versions.order_by("number").values_list("stem", flat=True)) == ["怎么睡？", "应当怎么睡？"]
    client.post(reverse("cms:question-retire", args=[bank.pk, question.pk]))
    question.refresh_from_db()
    assert question.retired


def test_an_answer_that_is_no_choice_is_refused_in_the_form(client: Client, bank: QuestionBank) -> None:
    answer = client.post(reverse("cms:question-new", args=[bank.pk]), {**SINGLE, "answer": "F"})
    assert answer.status_code == 200
    assert "kind" not in answer.context["form"].errors
    assert not QuestionVersion.objects.exists()


@pytest.mark.parametrize(
    "cells",
    [
        SINGLE,
        {**SINGLE, "kind": "多选题", "choice_c": "侧卧", "answer": "AC"},
        {**SINGLE, "kind": "判断题", "choice_a": "", "choice_b": "", "answer": "错"},
        {
            **SINGLE,
            "kind": "填空题",
            "stem": "每分钟____至____次",
            "choice_a": "",
            "choice_b": "",
            "answer": "100/一百；120",
        },
        {**SINGLE, "kind": "排序题", "choice_c": "呼救", "answer": "CAB"},
        {**SINGLE, "kind": "匹配题", "choice_a": "过热=减衣", "choice_b": "发青=急救", "answer": "A-1 B-2"},
    ],
    ids=lambda cells: cells["kind"],
)
def test_every_kind_is_read_back_as_it_was_written(writer: User, bank: QuestionBank, cells: dict[str, str]) -> None:
    full = {column.key: cells.get(column.key, "") for column in COLUMNS}
    version = save_question(bank=bank, actor=acting_as(writer), now=NOW, **question_of(full))
    written = cells_of(version)
    form = QuestionForm(written)
    assert form.is_valid(), form.errors
    again = save_question(bank=bank, actor=acting_as(writer), now=NOW, **form.arguments())
    assert again == version


def test_the_template_is_imported_dry_and_for_real(client: Client, bank: QuestionBank) -> None:
    content = client.get(reverse("cms:bank-template")).content
    address = reverse("cms:bank-import", args=[bank.pk])
    dry = client.post(address, {"file": SimpleUploadedFile("q.xlsx", content), "dry_run": "on"})
    assert "可用 2 行" in dry.content.decode()
    assert not Question.objects.exists()
    client.post(address, {"file": SimpleUploadedFile("q.xlsx", content)})
    assert Question.objects.filter(bank=bank).count() == 2
    assert len(list(workbooks.read(BytesIO(content), columns=COLUMNS))) == 2


def test_a_file_that_is_no_workbook_is_told(client: Client, bank: QuestionBank) -> None:
    address = reverse("cms:bank-import", args=[bank.pk])
    answer = client.post(address, {"file": SimpleUploadedFile("q.xlsx", b"no workbook")})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_another_college_finds_nothing(bank: QuestionBank) -> None:
    stranger = Client()
    stranger.force_login(author(a_college()))
    assert "安全睡眠" not in stranger.get(reverse("cms:banks")).content.decode()
    assert stranger.get(reverse("cms:bank", args=[bank.pk])).status_code == 404
    assert stranger.post(reverse("cms:question-new", args=[bank.pk]), SINGLE).status_code == 404
    assert stranger.post(reverse("cms:bank-import", args=[bank.pk])).status_code == 404
