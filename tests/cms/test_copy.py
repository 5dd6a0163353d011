"""A copy is a course of its own: the same words and files, another key, nothing approved."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cms.models import CoursePage
from cms.services import approve, copy_course, revise_course_page, submit_for_approval
from courses.catalogue.models import Release
from lms.audit.models import AuditEvent
from lms.people.models import User
from lms.rules.refusals import Refusal
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_course,
    acting_as,
    approved_course,
    approver,
    author,
    drafted_course,
    handed_in_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(db: None) -> None:
    packs_loaded()


def test_a_copy_has_its_own_key_and_address_and_is_a_draft() -> None:
    writer = author()
    page, release = approved_course(writer, slug="safe-sleep")
    copy = copy_course(page=page, actor=acting_as(writer), now=NOW)
    assert copy.course_id != page.course_id
    assert (copy.slug, copy.title, copy.live) == ("safe-sleep-2", f"{release.title}（副本）", False)
    assert copy.lessons.get_prep_value() == page.lessons.get_prep_value()
    assert copy.college == page.college
    assert (copy.owner, copy.latest_revision.user) == (writer, writer)
    assert not copy.workflow_states.exists()
    event = AuditEvent.objects.get(verb="course.copied")
    assert event.changes["from"] == str(page.course_id)


def test_it_takes_the_newest_draft_without_its_dates_and_notes() -> None:
    writer = author()
    page, _release = approved_course(writer)
    content = a_course(title="正在改的", notes="换了名称", go_live_at=NOW + timedelta(days=3))
    page = revise_course_page(page=page, content=content, actor=acting_as(writer), now=NOW)
    copy = copy_course(page=page, actor=acting_as(writer), now=NOW)
    assert (copy.title, copy.notes, copy.go_live_at) == ("正在改的（副本）", "", None)


def test_a_copy_goes_its_own_way() -> None:
    writer, officer = author(), approver()
    page, _release = approved_course(writer, officer)
    copy = copy_course(page=page, actor=acting_as(writer), now=NOW)
    copy = submit_for_approval(page=copy, actor=acting_as(writer), now=NOW)
    approve(page=copy, actor=acting_as(officer), now=NOW)
    assert set(Release.objects.values_list("number", flat=True)) == {1}
    assert Release.objects.values("course").distinct().count() == 2


def test_what_is_under_review_can_be_copied_and_twice() -> None:
    writer = author()
    page = handed_in_course(writer)
    copies = [copy_course(page=page, actor=acting_as(writer), now=NOW) for _ in range(2)]
    assert len({copy.slug for copy in copies}) == 2
    assert CoursePage.objects.get(pk=page.pk).workflow_in_progress


def test_a_name_of_full_length_still_fits() -> None:
    writer = author()
    copy = copy_course(page=drafted_course(writer, title="𠮷" * 200), actor=acting_as(writer), now=NOW)
    assert len(copy.title) <= 200
    assert copy.title.endswith("（副本）")


def test_another_college_copies_nothing() -> None:
    page = drafted_course()
    stranger = author(a_college())
    with pytest.raises(Refusal) as refused:
        copy_course(page=page, actor=acting_as(stranger), now=NOW)
    assert refused.value.status == 404
    client = Client()
    client.force_login(stranger)
    assert client.post(reverse("cms:copy", args=[page.pk])).status_code == 404
    assert CoursePage.objects.count() == 1


def test_from_the_workbench_into_the_editor() -> None:
    writer = author()
    page = drafted_course(writer)
    client = Client()
    client.force_login(writer)
    answer = client.post(reverse("cms:copy", args=[page.pk]))
    copy = CoursePage.objects.exclude(pk=page.pk).get()
    assert answer["Location"] == reverse("wagtailadmin_pages:edit", args=[copy.pk])


def test_wagtails_own_copy_is_closed() -> None:
    writer = author()
    page = drafted_course(writer)
    client = Client()
    client.force_login(writer)
    address = reverse("wagtailadmin_pages:copy", args=[page.pk])
    assert client.get(address).status_code == 404
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(address, {"new_title": "x", "new_slug": "x"}).status_code in {302, 403}
    assert CoursePage.objects.count() == 1
