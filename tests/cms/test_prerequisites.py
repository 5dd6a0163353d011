"""Courses to be passed first: found by name, kept by key, and never asking for themselves in the end."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import CoursePage
from cms.prerequisites import CoursesField, courses_called
from cms.services import approve, revise_course_page, submit_for_approval
from courses.catalogue.models import Course
from lms.people.models import User
from lms.rules.refusals import Refusal
from tests.factories.catalogue import a_college, released_course
from tests.factories.cms import (
    NOW,
    a_course,
    acting_as,
    approved_course,
    approver,
    author,
    drafted_course,
    editor_data,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_courses_are_found_by_name_and_college() -> None:
    first = released_course(title="婴幼儿急救", college=a_college("申江开放大学"))
    withdrawn = released_course(title="婴幼儿急救（旧）")
    Course.objects.filter(pk=withdrawn.course_id).update(withdrawn_at=NOW)
    drafted_course(title="婴幼儿急救草稿")
    shown = {"id": str(first.course_id), "title": "婴幼儿急救", "college": "申江开放大学"}
    assert courses_called("急救") == courses_called("申江") == [shown]
    assert courses_called("  ") == courses_called("没有") == []


def test_the_editor_asks_by_name() -> None:
    release = released_course(title="婴幼儿急救")
    address = reverse("cms:course-search") + "?q=急救"
    answer = _client(author()).get(address)
    assert [course["id"] for course in answer.json()["courses"]] == [str(release.course_id)]
    assert Client().get(address).status_code == 302
    assert _client(approver()).get(address).status_code == 403


def test_the_form_keeps_what_was_chosen() -> None:
    writer, release = author(), released_course(title="婴幼儿急救")
    page = drafted_course(writer)
    client, address = _client(writer), reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(address, {**editor_data(page), "prerequisites": [str(release.course_id)]})
    latest = CoursePage.objects.get(pk=page.pk).get_latest_revision_as_object()
    assert latest.prerequisites == [str(release.course_id)]
    shown = client.get(address).content.decode()
    assert f'value="{release.course_id}" checked' in shown
    assert "婴幼儿急救" in shown


@pytest.mark.parametrize("keys", [["x"], ["019a0000-0000-7000-8000-000000000000"], ["' OR 1=1"]])
def test_what_is_no_released_course_is_refused(keys: list[str]) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        CoursesField(required=False).clean(keys)


def test_the_release_carries_them() -> None:
    first = released_course(title="婴幼儿急救")
    page = submitted_course(author(), prerequisites=(first.course_id,))
    release = approve(page=page, actor=acting_as(approver()), now=NOW)
    assert release is not None
    assert release.prerequisites == [str(first.course_id)]
    officer = _client(approver())
    assert "婴幼儿急救" in officer.get(reverse("cms:approval", args=[page.pk])).content.decode()


def test_a_cycle_is_refused_at_submission_and_names_the_chain() -> None:
    writer, officer = author(), approver()
    first, one = approved_course(writer, officer, title="急救基础")
    second = submitted_course(writer, title="急救进阶", prerequisites=(one.course_id,))
    approve(page=second, actor=acting_as(officer), now=NOW)
    fields: dict[str, Any] = {"title": "急救基础", "notes": "改了先修", "prerequisites": (second.course_id,)}
    page = revise_course_page(page=first, content=a_course(**fields), actor=acting_as(writer), now=NOW)
    with pytest.raises(Refusal) as refused:
        submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert refused.value.code == "prerequisite_cycle"
    assert "急救进阶" in str(refused.value)
