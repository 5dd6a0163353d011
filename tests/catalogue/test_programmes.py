"""Programmes: put together by a college, enough for a year, approved by its bureau, seen by everybody and followed."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.catalogue.models import Programme
from courses.catalogue.programmes import (
    approve_programme,
    change_programme,
    create_programme,
    return_programme,
    steps_of,
    submit_programme,
    withdraw_programme,
    worth_of,
)
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.people.models import Organisation
from lms.rules.refusals import Refusal
from tests.catalogue.people import practitioner_client
from tests.factories import people
from tests.factories.catalogue import (
    SYSTEM,
    a_college,
    offered_programme,
    programme,
    released_course,
    submitted_programme,
)
from tests.factories.ledger import credited, learner
from tests.factories.policy import packs_loaded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
YEAR = timezone.localdate().year


def of(college: Organisation, role: str = "college_publisher") -> Actor:
    return Actor(kind="user", label=role, role=role, organisation_id=college.pk, region_code=college.region_code)


def officer(region: str = "310000") -> Actor:
    return Actor(kind="user", label="approver", role="bureau_approver", region_code=region)


def a_year(college: Organisation | None = None) -> list[Any]:
    college = college or a_college()
    return [
        released_course(college=college, title="全年技能", class_hours=72),
        released_course(college=college, title="全年师德", class_hours=40, category="ethics"),
    ]


def code_of(verb: Any, **given: Any) -> str:
    with pytest.raises(Refusal) as refused:
        verb(**{"actor": SYSTEM, "now": NOW, **given})
    assert str(refused.value)
    return refused.value.code


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


class TestWorth:
    def test_by_category_against_the_year_of_each_region(self) -> None:
        rows = worth_of(a_year(), ["310115", "320102"], 2026)
        assert [(row.offered, row.required, row.short) for row in rows[:2]] == [(72, 72, False), (40, 40, False)]
        assert [(row.required, row.short) for row in rows[2:]] == [(None, False), (None, False)]

    def test_a_course_for_elsewhere_adds_nothing(self) -> None:
        there = released_course(class_hours=72, regions=["110000"])
        rows = worth_of([there], ["310000"], 2026)
        assert rows[0].offered == 0
        assert rows[0].short

    def test_a_place_without_policy_is_left_out(self) -> None:
        assert worth_of(a_year(), ["440100"], 2026) == []


class TestPutTogether:
    def create(self, courses: list[Any], **fields: Any) -> Programme:
        given = {"title": " 计划 ", "summary": "", "year": 2026, "regions": ["310000"], **fields}
        college = given.pop("college", courses[0].course.college)
        keys = [release.course_id for release in courses]
        return create_programme(**{"college": college, "courses": keys, "actor": SYSTEM, "now": NOW, **given})

    def test_its_courses_keep_their_order(self) -> None:
        skills, ethics = a_year()
        made = self.create([ethics, skills, ethics])
        assert made.title == "计划"
        assert [step.release for step in steps_of(made)] == [ethics, skills]
        assert AuditEvent.objects.filter(verb="programme.created", subject_id=made.pk).count() == 1

    def test_changed_until_it_is_handed_in(self) -> None:
        skills, ethics = a_year()
        made = self.create([skills])
        given = {"title": "新名", "summary": "", "year": 2026, "regions": [], "actor": SYSTEM, "now": NOW}
        changed = change_programme(programme=made, courses=[ethics.course_id, skills.course_id], **given)
        assert [item.course_id for item in changed.items.all()] == [ethics.course_id, skills.course_id]
        submit_programme(programme=changed, actor=SYSTEM, now=NOW)
        assert code_of(change_programme, programme=changed, courses=[], **given) == "programme_fixed"

    @pytest.mark.parametrize(("fields", "code"), [({"title": " "}, "no_title")])
    def test_what_can_not_be(self, fields: dict[str, Any], code: str) -> None:
        with pytest.raises(Refusal) as refused:
            self.create(a_year(), **fields)
        assert refused.value.code == code

    def test_a_course_of_another_college_or_none(self) -> None:
        own, foreign = a_year(), released_course()
        with pytest.raises(Refusal) as refused:
            self.create([*own, foreign])
        assert refused.value.code == "programme_course"
        assert not Programme.objects.exists()

    def test_one_title_a_year(self) -> None:
        courses = a_year()
        self.create(courses)
        with pytest.raises(Refusal) as refused:
            self.create(courses)
        assert (refused.value.code, refused.value.field) == ("programme_exists", "title")
        assert self.create(courses, year=2027)

    @pytest.mark.parametrize(
        ("role", "own", "status"),
        [
            ("college_author", True, 0),
            ("college_teacher", True, 403),
            ("institution_manager", True, 403),
            ("college_author", False, 404),
        ],
    )
    def test_only_its_own_college(self, role: str, own: bool, status: int) -> None:
        courses = a_year()
        actor = of(courses[0].course.college if own else a_college(), role)
        if not status:
            assert self.create(courses, actor=actor)
            return
        with pytest.raises(Refusal) as refused:
            self.create(courses, actor=actor)
        assert refused.value.status == status


class TestWay:
    def test_submitted_returned_submitted_approved_withdrawn(self) -> None:
        made = programme(a_year())
        college, now = of(made.college), {"now": NOW}
        assert submit_programme(programme=made, actor=college, **now).state == "submitted"
        assert code_of(submit_programme, programme=made, actor=college) == "programme_fixed"
        assert code_of(return_programme, programme=made, reason=" ", actor=officer()) == "reason_required"
        assert return_programme(programme=made, reason="顺序不对", actor=officer(), **now).state == "returned"
        assert code_of(approve_programme, programme=made, actor=officer()) == "programme_not_submitted"
        submit_programme(programme=made, actor=college, **now)
        assert approve_programme(programme=made, actor=officer(), **now).state == "offered"
        assert Programme.objects.offered().get() == made
        assert withdraw_programme(programme=made, reason="换新", actor=college, **now).state == "withdrawn"
        assert code_of(withdraw_programme, programme=made, reason="换新", actor=college) == "programme_not_offered"
        verbs = AuditEvent.objects.filter(subject_id=made.pk).order_by("at", "id").values_list("verb", flat=True)
        assert set(verbs) == {
            f"programme.{did}" for did in ("created", "submitted", "returned", "approved", "withdrawn")
        }

    def test_too_short_a_year_is_refused_with_both_figures(self) -> None:
        skills, _ethics = a_year()
        made = programme([skills])
        with pytest.raises(Refusal) as refused:
            submit_programme(programme=made, actor=SYSTEM, now=NOW)
        assert refused.value.code == "programme_short"
        assert "要求 40" in str(refused.value)
        assert "现有 0" in str(refused.value)
        empty = create_programme(
            college=a_college(), title="空", summary="", year=2026, regions=[], courses=[], actor=SYSTEM, now=NOW
        )
        assert code_of(submit_programme, programme=empty) == "programme_short"

    def test_a_course_withdrawn_meanwhile_keeps_it_from_being_approved(self) -> None:
        courses = a_year()
        made = submitted_programme(courses)
        courses[0].course.withdrawn_at = NOW
        courses[0].course.save()
        assert code_of(approve_programme, programme=made) == "programme_closed_course"

    def test_who_may(self) -> None:
        made = programme(a_year())
        assert code_of(submit_programme, programme=made, actor=of(made.college, "college_author")) == "role_required"
        assert code_of(submit_programme, programme=made, actor=of(a_college())) == "programme_unknown"
        waiting = submitted_programme(a_year())
        assert code_of(approve_programme, programme=waiting, actor=of(waiting.college)) == "role_required"
        assert code_of(approve_programme, programme=waiting, actor=officer("110000")) == "programme_unknown"
        assert code_of(return_programme, programme=waiting, reason="x", actor=officer("")) == "programme_unknown"
        offered = offered_programme()
        assert code_of(withdraw_programme, programme=offered, reason="x", actor=officer("110000")) == (
            "programme_unknown"
        )

    def test_who_sees_it(self) -> None:
        draft, waiting = programme(a_year()), submitted_programme(a_year())
        offered = offered_programme()
        nobody = Actor(kind="user", label="x", role="practitioner")
        seen = {made.pk for made in Programme.objects.visible_to(nobody)}
        assert seen == {offered.pk}
        assert draft in Programme.objects.visible_to(of(draft.college, "college_author"))
        assert draft not in Programme.objects.visible_to(of(a_college()))
        assert set(Programme.objects.visible_to(officer())) == {waiting, offered}
        assert set(Programme.objects.visible_to(officer("110000"))) == {offered}


class TestPages:
    def signed_in(self, user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="lms.people.backends.SignInBackend")
        return client

    def test_everybody_reads_what_is_offered_and_nothing_else(self) -> None:
        offered, hidden = offered_programme(year=YEAR), programme(a_year(), title="草稿计划")
        page = Client().get(reverse("catalogue:programmes")).content.decode()
        assert offered.title in page
        assert "草稿计划" not in page
        assert Client().get(reverse("catalogue:programme", args=[offered.pk])).status_code == 200
        assert Client().get(reverse("catalogue:programme", args=[hidden.pk])).status_code == 404

    def test_a_practitioner_sees_how_far_they_are(self) -> None:
        courses = a_year()
        offered = offered_programme(courses, year=YEAR)
        client, person = practitioner_client("310115")
        credited(person, course_id=courses[0].course_id, on=timezone.localdate())
        courses[1].course.withdrawn_at = NOW
        courses[1].course.save()
        page = client.get(reverse("catalogue:programme", args=[offered.pk])).content.decode()
        assert "1 / 2 门" in page
        assert "本年度已学完" in page
        assert "已下架" in page
        assert "报名下一门" not in page  # nothing is left to enrol in

    def test_hours_of_another_year_are_not_this_programmes(self) -> None:
        courses = a_year()
        person = learner()
        credited(person, course_id=courses[0].course_id, on=NOW.date().replace(year=2025))
        assert [step.done for step in steps_of(programme(courses), person)] == [False, False]

    def test_a_college_puts_one_together_and_hands_it_in(self) -> None:
        college = people.college()
        publisher = self.signed_in(people.manager_of(college))
        skills, ethics = a_year(college)
        foreign = released_course(title="别家的课")
        page = publisher.get(reverse("catalogue:programme_new")).content.decode()
        assert skills.title in page
        assert foreign.title not in page
        given = {
            "title": "一年够",
            "year": str(YEAR),
            "courses": [str(skills.course_id), str(ethics.course_id), str(foreign.course_id), "x"],
            f"place-{ethics.course_id}": "1",
            f"place-{skills.course_id}": "2",
        }
        sums = publisher.get(reverse("catalogue:programme_worth"), given).content.decode()
        assert "够一年" in sums
        assert "不够" not in sums
        half = publisher.get(reverse("catalogue:programme_worth"), given | {"courses": [str(skills.course_id)]})
        assert "不够" in half.content.decode()
        answer = publisher.post(reverse("catalogue:programme_new"), given)
        made = Programme.objects.get()
        assert answer.headers["Location"] == reverse("catalogue:programme", args=[made.pk])
        assert [item.course_id for item in made.items.all()] == [ethics.course_id, skills.course_id]
        assert publisher.post(reverse("catalogue:programme_new"), given).status_code == 422
        changed = publisher.post(reverse("catalogue:programme_edit", args=[made.pk]), given | {"title": "改名"})
        assert changed.status_code == 302
        publisher.post(reverse("catalogue:programme_submit", args=[made.pk]))
        made.refresh_from_db()
        assert (made.state, made.title) == ("submitted", "改名")
        approver = self.signed_in(people.officer("bureau_approver"))
        assert "改名" in approver.get(reverse("catalogue:desk")).content.decode()
        assert "批准" in approver.get(reverse("catalogue:programme", args=[made.pk])).content.decode()
        approver.post(reverse("catalogue:programme_approve", args=[made.pk]))
        made.refresh_from_db()
        assert made.state == "offered"
        gone = publisher.post(reverse("catalogue:programme_withdraw", args=[made.pk]), {"reason": "换新"})
        assert gone.status_code == 302

    @pytest.mark.parametrize("place", ["0", "-1", "abc", "99999", "½", "１"])
    def test_a_place_that_makes_no_sense_comes_last(self, place: str) -> None:
        college = people.college()
        publisher = self.signed_in(people.manager_of(college))
        skills, ethics = a_year(college)
        given = {
            "title": "顺序",
            "year": str(YEAR),
            "courses": [str(skills.course_id), str(ethics.course_id)],
            f"place-{skills.course_id}": place,
            f"place-{ethics.course_id}": "0",
        }
        assert publisher.post(reverse("catalogue:programme_new"), given).status_code == 302
        assert Programme.objects.get().items.count() == 2

    def test_few_queries_however_many_courses(self) -> None:
        college = people.college()
        publisher = self.signed_in(people.manager_of(college))
        courses = [*a_year(college), *(released_course(college=college, title=f"课{n}") for n in range(20))]
        made = offered_programme(courses, year=YEAR)
        client, person = practitioner_client("310115")
        for release in courses[2:]:
            credited(person, course_id=release.course_id, on=timezone.localdate())
        for who, name, args in (
            (client, "programme", [made.pk]),
            (client, "programmes", []),
            (publisher, "desk", []),
            (publisher, "programme_new", []),
            (publisher, "programme", [made.pk]),
        ):
            address = reverse(f"catalogue:{name}", args=args)
            who.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert who.get(address).status_code == 200
            assert len(queries) <= 15, name

    def test_an_unknown_programme(self) -> None:
        assert Client().get(reverse("catalogue:programme", args=[uuid.uuid4()])).status_code == 404
