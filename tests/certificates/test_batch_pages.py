"""The pages of an order: choosing, the dry run, watching, stopping, and for whom."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from certificates.models import BatchState, Certificate, IssueBatch
from certificates.services import pause_batch
from lms.people.models import Role, User
from tests.factories import people
from tests.factories.batches import annual, approver, class_passed, met, planned, running, unmet, worked
from tests.factories.certificates import NOON

pytestmark = pytest.mark.django_db


def at(officer: User) -> Client:
    client = Client()
    client.force_login(officer, backend="lms.people.backends.SignInBackend")
    return client


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"certificates:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_the_choice_to_the_certificates() -> None:
    met(name="林小满"), unmet(name="周未满")
    officer = approver()
    client, kind = at(officer), annual()
    assert "没有批量签发记录" in page(client, "batches")
    assert client.get(reverse("certificates:batch_new")).headers["Location"] == reverse(
        "certificates:batch_plan", args=[kind.pk]
    )
    form = page(client, "batch_plan", kind.pk)
    assert 'name="institution"' in form
    assert 'name="course"' not in form
    sent = {"year": "2026", "region": people.PUDONG, "institution": "", "post": ""}
    client.post(reverse("certificates:batch_plan", args=[kind.pk]), sent)
    batch = IssueBatch.objects.get()
    dry = page(client, "batch", batch.pk)
    assert "还没有签发任何证书" in dry
    assert "签发 1 份" in dry
    assert "职业道德教育还差 40 学时" in dry
    assert "年度学时未达标" in dry
    assert not Certificate.objects.exists()
    client.post(reverse("certificates:batch_start", args=[batch.pk]))
    assert "hx-get" in page(client, "batch", batch.pk)
    worked(batch)
    done = page(client, "batch", batch.pk)
    assert "hx-get" not in done
    assert Certificate.objects.get().serial in done
    for name in ("batch_zip", "batch_index"):
        assert reverse(f"certificates:{name}", args=[batch.pk]) in done
    assert reverse("certificates:batch_print", args=[batch.pk, 1]) in done
    assert "浦东新区" in page(client, "batches")


def test_progress_tells_the_page_when_it_has_ended() -> None:
    met()
    officer = approver()
    batch, client = running(officer), at(officer)
    going = client.get(reverse("certificates:batch_progress", args=[batch.pk]))
    assert "HX-Refresh" not in going.headers
    assert "hx-get" in going.content.decode()
    worked(batch)
    ended = client.get(reverse("certificates:batch_progress", args=[batch.pk]))
    assert ended.headers["HX-Refresh"] == "true"
    assert "hx-get" not in ended.content.decode()


def test_pause_go_on_and_cancel_with_its_consequences() -> None:
    met(), met()
    officer = approver()
    batch, client = running(officer), at(officer)
    for name, state in (("pause", "paused"), ("resume", "running")):
        client.post(reverse(f"certificates:batch_{name}", args=[batch.pk]))
        assert IssueBatch.objects.get().state == state
    asked = page(client, "batch_cancel", batch.pk)
    assert "其余 2 人不再处理" in asked
    assert IssueBatch.objects.get().state == BatchState.RUNNING
    client.post(reverse("certificates:batch_cancel", args=[batch.pk]))
    assert IssueBatch.objects.get().state == BatchState.CANCELLED
    late = client.post(reverse("certificates:batch_pause", args=[batch.pk]), follow=True)
    assert "刚刚变了" in late.content.decode()


def test_filtered_by_name_outcome_and_reason() -> None:
    met(name="林小满"), unmet(name="周未满")
    officer = approver()
    batch, client = worked(running(officer)), at(officer)
    for query, seen, hidden in (
        ({"q": "小满"}, "林小满", "周未满"),
        ({"outcome": "refused"}, "周未满", "林小满"),
        ({"reason": "requirement_not_met"}, "周未满", "林小满"),
        ({"outcome": "issued"}, "林小满", "周未满"),
    ):
        shown = page(client, "batch", batch.pk, **query)
        assert seen in shown
        assert hidden not in shown
    assert "没有符合条件的人员" in page(client, "batch", batch.pk, q="无此人")


def test_a_rule_that_can_not_be_is_told_at_its_field() -> None:
    met()
    officer = approver()
    client, url = at(officer), reverse("certificates:batch_plan", args=[annual().pk])
    sent = {"year": "2026", "region": people.PUDONG, "institution": "没有这家", "post": ""}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "没有找到这家机构" in answer.content.decode()
    nobody = client.post(url, {**sent, "institution": "", "region": people.HUANGPU})
    assert nobody.status_code == 422
    assert "没有符合这个范围的人员" in nobody.content.decode()
    nursery = people.institution(name="明月托育园")
    people.employed(institution=nursery, person=met())
    for text in ("明月托育园", nursery.credit_code):
        assert client.post(url, {**sent, "institution": text}).status_code == 302
    assert IssueBatch.objects.filter(rule__institution=str(nursery.pk), total=1).count() == 2


def test_a_publisher_chooses_among_its_own_courses() -> None:
    release, _persons = class_passed(people.college(), "林小满")
    other, _others = class_passed(people.college(), "孙外人")
    client = at(people.manager_of(release.course.college))
    chosen = client.get(reverse("certificates:batch_new")).headers["Location"]
    form = client.get(chosen).content.decode()
    assert str(release.course_id) in form
    assert str(other.course_id) not in form
    assert client.post(chosen, {"course": str(other.course_id)}).status_code == 422
    answer = client.post(chosen, {"course": str(release.course_id), "any_year": ""})
    assert release.title in client.get(answer.headers["Location"]).content.decode()


def test_a_bureau_looks_at_what_a_college_of_its_region_ordered_and_touches_nothing() -> None:
    release, _persons = class_passed(people.college(), "林小满")
    college = at(people.manager_of(release.course.college))
    chosen = college.get(reverse("certificates:batch_new")).headers["Location"]
    college.post(chosen, {"course": str(release.course_id), "any_year": ""})
    batch = IssueBatch.objects.get()
    looking = at(approver())
    shown = page(looking, "batch", batch.pk)
    assert reverse("certificates:batch_start", args=[batch.pk]) not in shown
    assert looking.post(reverse("certificates:batch_start", args=[batch.pk])).status_code == 404
    assert looking.post(reverse("certificates:batch_cancel", args=[batch.pk])).status_code == 404
    elsewhere = at(approver(people.BEIJING))
    assert elsewhere.get(reverse("certificates:batch", args=[batch.pk])).status_code == 404
    for role in (Role.BUREAU_AUDITOR, Role.REGISTRAR):
        assert at(people.officer(role)).get(reverse("certificates:batch_new")).status_code == 403


def test_the_page_costs_the_same_however_many(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    officer = approver()
    client = at(officer)
    for _ in range(4):
        met()
    batch = worked(running(officer))
    page(client, "batch", batch.pk)
    with django_assert_max_num_queries(25):
        page(client, "batch", batch.pk)


def test_the_list_is_filtered_and_exported() -> None:
    met(name="林小满")
    officer = approver()
    paused = running(officer)
    pause_batch(batch=paused, actor=people.acting(officer), now=NOON)
    planned(officer)
    client = at(officer)
    assert str(paused.pk) not in page(client, "batches", state="drafted")
    assert str(paused.pk) in page(client, "batches", state="paused")
    assert client.get(reverse("certificates:batches"), {"format": "xlsx"}).content.startswith(b"PK")
