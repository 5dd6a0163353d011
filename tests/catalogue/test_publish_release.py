"""Publishing freezes a course. The claim must hold, the same content is one release, and nothing changes afterwards."""

import threading
import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections

from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.models import Course, Release
from courses.catalogue.services import publish_release, reopen_course, withdraw_course
from lms.audit.actors import Actor
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.people.models import Organisation
from lms.rules.refusals import Refusal
from tests.factories.catalogue import a_college
from tests.factories.policy import packs_loaded

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
PLATFORM = Actor.system("test")


def officer(region: str = "310000", role: str = "bureau_approver") -> Actor:
    return Actor(kind="user", label="approver", role=role, region_code=region, organisation_id=uuid.uuid4())


def draft(college: Organisation | None = None, *, minutes: int = 45, **fields: Any) -> ReleaseDraft:
    words: dict[str, Any] = {
        "course_id": uuid.uuid4(),
        "college": college or a_college(),
        "slug": "safe-sleep",
        "title": "婴幼儿安全睡眠照护",
        "summary": "",
        "category": "skills",
        "topic": "safety",
        "delivery": "online",
        "class_hours": Decimal("1.0"),
        "lessons": (LessonDraft("reading", "阅读", minutes * 60, body="<p>文</p>"),),
    }
    return ReleaseDraft(**{**words, **fields})


@pytest.fixture
def _policy(db: None) -> None:
    packs_loaded()


@pytest.mark.usefixtures("_policy")
class TestPublish:
    def test_a_release_takes_its_terms_from_the_pack(self) -> None:
        release = publish_release(draft=draft(), actor=officer(), now=NOW)
        assert (release.number, release.minutes_per_class_hour, release.content_minutes) == (1, 45, 45)
        assert 0 < release.pass_share <= 1
        assert 0 < release.coverage_share <= 1
        assert AuditEvent.objects.filter(verb="release.published", subject_id=release.pk).count() == 1

    @pytest.mark.parametrize(
        ("minutes", "claimed", "holds"),
        [
            (45, "1.0", True),
            (44, "1.0", False),
            (90, "2.0", True),
            (90, "8.0", False),
            (22, "0.5", False),
            (23, "0.5", True),
        ],
    )
    def test_content_must_last_as_long_as_is_claimed(self, minutes: int, claimed: str, holds: bool) -> None:
        wanted = draft(minutes=minutes, class_hours=Decimal(claimed))
        if holds:
            assert publish_release(draft=wanted, actor=officer(), now=NOW).class_hours == Decimal(claimed)
            return
        with pytest.raises(Refusal) as refused:
            publish_release(draft=wanted, actor=officer(), now=NOW)
        assert refused.value.code == "claims_too_much"
        assert refused.value.params["content_minutes"] == minutes
        assert str(refused.value.params["claimed_minutes"]) in str(refused.value)
        assert not Release.objects.exists()

    def test_a_quiz_only_examines(self) -> None:
        quiz = LessonDraft("quiz", "测验", 3600, blueprint={"question_versions": ["a", "b"], "draw": 2, "minutes": 60})
        wanted = draft(minutes=30, lessons=(*draft(minutes=30).lessons, quiz))
        with pytest.raises(Refusal) as refused:
            publish_release(draft=wanted, actor=officer(), now=NOW)
        assert refused.value.code == "claims_too_much"

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"lessons": ()}, "no_lessons"),
            ({"title": " "}, "no_title"),
            ({"category": ""}, "field_required"),
            ({"topic": "cooking"}, "field_required"),
            ({"class_hours": Decimal(0)}, "claims_nothing"),
            ({"delivery": "offline"}, "delivery_mismatch"),
            ({"lessons": (LessonDraft("classroom_day", "面授", 3600),)}, "delivery_mismatch"),
            ({"lessons": (LessonDraft("video", "视频", 3600),)}, "video_without_media"),
            ({"lessons": (LessonDraft("reading", "空", 0),)}, "lesson_without_duration"),
            (
                {"lessons": (LessonDraft("quiz", "测验", 60, blueprint={"question_versions": ["a"], "draw": 2}),)},
                "quiz_draws_too_many",
            ),
        ],
    )
    def test_what_can_not_be_taught_is_refused(self, fields: dict[str, Any], code: str) -> None:
        with pytest.raises(Refusal) as refused:
            publish_release(draft=draft(**fields), actor=officer(), now=NOW)
        assert refused.value.code == code
        assert not Course.objects.exists()

    def test_the_same_content_is_one_release(self) -> None:
        wanted = draft()
        first = publish_release(draft=wanted, actor=officer(), now=NOW)
        assert publish_release(draft=wanted, actor=officer(), now=NOW) == first
        assert AuditEvent.objects.filter(verb="release.published").count() == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "新"},
            {"class_hours": Decimal("0.5")},
            {"regions": ("310000",)},
            {"topic": "mental_health"},
            {"cover": "x"},
        ],
    )
    def test_any_change_is_the_next_release_and_leaves_the_first(self, change: dict[str, Any]) -> None:
        wanted = draft()
        first = publish_release(draft=wanted, actor=officer(), now=NOW)
        second = publish_release(draft=replace(wanted, **change), actor=officer(), now=NOW)
        assert second.number == 2
        assert Release.objects.get(pk=first.pk).content_hash == first.content_hash
        assert Release.objects.current().get() == second

    def test_a_release_is_never_rewritten(self) -> None:
        release = publish_release(draft=draft(), actor=officer(), now=NOW)
        release.title = "改"
        with pytest.raises(RewriteRefused):
            release.save()

    @pytest.mark.parametrize(
        ("actor", "status"),
        [
            (officer(role="college_publisher"), 403),
            (officer(role="bureau_auditor"), 403),
            (officer("110000"), 404),
            (officer(""), 404),
        ],
    )
    def test_only_an_approver_of_the_region(self, actor: Actor, status: int) -> None:
        with pytest.raises(Refusal) as refused:
            publish_release(draft=draft(), actor=actor, now=NOW)
        assert refused.value.status == status

    def test_nobody_takes_over_anothers_course(self) -> None:
        wanted = draft()
        publish_release(draft=wanted, actor=officer(), now=NOW)
        with pytest.raises(Refusal) as refused:
            publish_release(draft=replace(wanted, college=a_college()), actor=officer(), now=NOW)
        assert refused.value.status == 404

    def test_two_colleges_may_use_the_same_words(self) -> None:
        for _college in range(2):
            publish_release(draft=draft(), actor=officer(), now=NOW)
        assert len(set(Course.objects.values_list("slug", flat=True))) == 2


@pytest.mark.usefixtures("_policy")
class TestWithdraw:
    def test_a_withdrawn_course_leaves_the_catalogue_and_comes_back(self) -> None:
        release = publish_release(draft=draft(), actor=officer(), now=NOW)
        withdraw_course(course=release.course, reason="内容过时", actor=officer(), now=NOW)
        assert not Release.objects.current().exists()
        with pytest.raises(Refusal) as refused:
            withdraw_course(course=release.course, reason="内容过时", actor=officer(), now=NOW)
        assert refused.value.code == "withdrawn_already"
        reopen_course(course=release.course, actor=officer(), now=NOW)
        assert Release.objects.current().get() == release
        with pytest.raises(Refusal) as refused:
            reopen_course(course=release.course, actor=officer(), now=NOW)
        assert refused.value.code == "not_withdrawn"

    def test_it_needs_a_reason_and_the_right_person(self) -> None:
        release = publish_release(draft=draft(), actor=officer(), now=NOW)
        stranger = replace(officer(role="college_publisher"), organisation_id=uuid.uuid4())
        for actor, reason, code in (
            (officer(), " ", "reason_required"),
            (officer("110000"), "x", "course_unknown"),
            (stranger, "x", "course_unknown"),
            (officer(role="college_author"), "x", "role_required"),
        ):
            with pytest.raises(Refusal) as refused:
                withdraw_course(course=release.course, reason=reason, actor=actor, now=NOW)
            assert refused.value.code == code
        own = replace(stranger, organisation_id=release.course.college_id)
        assert withdraw_course(course=release.course, reason="停开", actor=own, now=NOW).withdrawn_at == NOW


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_make_one_release() -> None:
    packs_loaded()
    wanted = draft()
    start, found, errors = threading.Barrier(2), [], []

    def publish() -> None:
        try:
            start.wait()
            found.append(publish_release(draft=wanted, actor=officer(), now=NOW).pk)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            connections.close_all()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database of their own")
    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(set(found)) == 1
    assert Release.objects.count() == 1
