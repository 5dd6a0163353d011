"""The paper in the browser: with and without script, and never the key before grading."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.assessment.models import Attempt, QuestionVersion
from courses.learning.models import Enrolment
from tests.factories import people
from tests.factories.assessment import KINDS, bank, question
from tests.factories.catalogue import quiz, released_course
from tests.factories.learning import enrolled
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
SECRET = "只有答卷之后才能看到的解析"


@pytest.fixture
def user(client):
    packs_loaded()
    user = people.practitioner()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return user


@pytest.fixture
def attempt(client, user):
    of = bank()
    versions = [question(of, kind, explanation=SECRET) for kind in KINDS]
    release = released_course(class_hours="0.5", lessons=[quiz(versions)])
    enrolment = enrolled(user.person, release, now=timezone.now())
    started = client.post(reverse("learning:exam", args=[enrolment.pk, release.lessons.get().pk]))
    attempt = Attempt.objects.get()
    assert started.url == reverse("assessment:attempt", args=[attempt.pk])
    return attempt


def fields(attempt, *, right=True):
    """The form as a browser sends it."""
    data = {}
    for number, one in enumerate(attempt.question_versions, start=1):
        version = QuestionVersion.objects.get(pk=one)
        answer, name = KINDS[version.kind][2 if right else 3], f"q{number}"
        match version.kind:
            case "true_false":
                data[name] = str(answer).lower()
            case "fill_in":
                data |= {f"{name}.{place}": text for place, text in enumerate(answer)}
            case "ordering":
                data |= {f"{name}.{choice}": str(place) for place, choice in enumerate(answer, start=1)}
            case "matching":
                data |= {f"{name}.{left}": other for left, other in answer.items()}
            case _:
                data[name] = answer
    return data


def url(attempt, name="attempt", *more):
    return reverse(f"assessment:{name}", args=[attempt.pk, *more])


def test_the_whole_way_without_script(client, attempt):
    saved = client.post(url(attempt), {**fields(attempt), "go": "review"})
    assert saved.url == url(attempt, "review")
    assert "全部题目都已作答" in client.get(saved.url).content.decode()
    again = client.get(url(attempt)).content.decode()
    assert again.count(" checked") == 4  # single, two of multiple, true_false
    assert again.count(" selected") == 5  # three places, two partners
    done = client.post(url(attempt, "submit"))
    page = client.get(done.url)
    assert page.context["result"].passed
    assert SECRET in page.content.decode()
    assert Enrolment.objects.get().state == "passed"
    assert client.get(url(attempt)).url == url(attempt, "result")


def test_each_answer_is_saved_as_it_is_given(client, attempt):
    data = fields(attempt)
    for number in range(1, 7):
        part = {name: value for name, value in data.items() if name.split(".")[0] == f"q{number}"}
        assert client.post(url(attempt, "save", number), part).json() == {"saved": True}
    assert client.get(url(attempt, "review")).context["missing"] == []
    assert client.post(url(attempt, "save", 7), {}).status_code == 404
    assert client.post(url(attempt, "save", 0), {}).status_code == 404


def test_no_key_reaches_the_browser_before_grading(client, attempt):
    shown = [client.get(url(attempt)), client.get(url(attempt, "review"))]
    shown.append(client.post(url(attempt, "save", 1), fields(attempt)))
    shown.append(client.get(reverse("learning:exam", args=[attempt.enrolment_id, attempt.lesson_id])))
    for response in shown:
        text = response.content.decode()
        assert SECRET not in text
        assert "一二〇" not in text  # an accepted text of the blank
    answers = {json.dumps(row.answer) for row in QuestionVersion.objects.filter(kind__in=["matching", "ordering"])}
    assert not any(answer in shown[0].content.decode() for answer in answers)


def test_a_failed_paper_with_attempts_left_keeps_the_key(client, attempt):
    client.post(url(attempt), {**fields(attempt, right=False), "go": "review"})
    client.post(url(attempt, "submit"))
    page = client.get(url(attempt, "result")).content.decode()
    assert "未通过" in page
    assert SECRET not in page
    assert "正确答案：" not in page
    refused = client.post(reverse("learning:exam", args=[attempt.enrolment_id, attempt.lesson_id]))
    assert refused.status_code == 409


def test_the_key_is_told_and_the_course_failed_when_no_attempt_is_left(client, attempt, monkeypatch):
    now, real = timezone.now(), timezone.now
    exam = reverse("learning:exam", args=[attempt.enrolment_id, attempt.lesson_id])
    for number in range(3):
        monkeypatch.setattr(timezone, "now", lambda number=number: real() + timedelta(hours=number))
        client.post(exam)
        current = Attempt.objects.order_by("-number").first()
        client.post(url(current, "submit"))
    assert now
    assert SECRET in client.get(url(current, "result")).content.decode()
    assert Enrolment.objects.get().state == "failed"
    assert "现在不能参加测验" in client.get(exam).content.decode()


def test_time_runs_out(client, attempt, monkeypatch):
    client.post(url(attempt), {**fields(attempt), "go": "stay"})
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=2))
    late = client.post(url(attempt, "save", 1), {"q1": "b"})
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")
    assert client.get(url(attempt)).url == url(attempt, "result")
    assert attempt.results.get().submitted == "deadline"
    assert attempt.results.get().passed


def test_another_persons_paper_is_not_found(client, attempt):
    client.force_login(people.practitioner(), backend="lms.people.backends.SignInBackend")
    assert [client.get(url(attempt, name)).status_code for name in ("attempt", "review", "result")] == [404] * 3
    assert client.post(url(attempt, "submit")).status_code == 404
    assert client.post(url(attempt, "save", 1), {}).status_code == 404


def test_queries(client, attempt, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(url(attempt))
    client.post(url(attempt, "submit"))
    with django_assert_max_num_queries(12):
        client.get(url(attempt, "result"))
