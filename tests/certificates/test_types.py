"""Types made by an issuer's staff: who may make which, what they may not be, and that a change touches nothing issued."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate, CertificateType
from certificates.services import issue_certificate, paper_of
from certificates.services.type_editing import Wanted, change_type, create_type, wanted_of
from certificates.sheet import sheet_of
from lms.audit.models import AuditEvent
from lms.people.models import Organisation
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import post_type, programme_type, publisher, trainers_type
from tests.factories.certificates import NOON, SYSTEM, bureau, passed_course, refused
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def college() -> Organisation:
    packs_loaded()
    return people.college(name="浦东开放大学")


def form_of(**more: Any) -> dict[str, Any]:
    sent = {
        "title": "保育人员岗位培训合格证书",
        "title_en": "Post Training",
        "serial_prefix": "PST",
        "post": "caregiver",
    }
    return sent | {"automatic": "on"} | more


def changed(kind: CertificateType, actor: Any = SYSTEM, **more: Any) -> CertificateType:
    names = ("title", "title_en", "serial_prefix", "validity_months", "automatic")
    given: dict[str, Any] = {name: getattr(kind, name) for name in names} | {"retired": False} | more
    given.setdefault("wanted", wanted_of(kind))
    return change_type(type=kind, **given, actor=actor, now=NOON)


def test_a_publisher_makes_types_in_the_name_of_the_college(client: Client, college: Organisation) -> None:
    release = released_course(college=college, title="安全睡眠")
    client.force_login(people.manager_of(college))
    page = client.get(reverse("certificates:type_new", args=["post"])).content.decode()
    assert "安全睡眠" in page
    sent = form_of(courses=[str(release.course_id)], topic_safety="4", validity_months="24", within_months="36")
    answer = client.post(reverse("certificates:type_new", args=["post"]), sent)
    kind = CertificateType.objects.get(rule="post")
    assert answer.status_code == 302
    assert (kind.issuer, kind.region_code, kind.validity_months, kind.automatic) == (college, "", 24, True)
    assert kind.requirements == {
        "post": "caregiver",
        "courses": [str(release.course_id)],
        "topics": {"safety": "4"},
        "within_months": 36,
    }
    event = AuditEvent.objects.get(verb="certificate_type.added", subject_id=kind.pk)
    assert event.changes["requirements"] == kind.requirements
    listed = client.get(reverse("certificates:types")).content.decode()
    assert "保育人员岗位培训合格证书" in listed
    assert "“安全防范” 4 学时" in listed


def test_pressed_twice_it_is_one_type(client: Client, college: Organisation) -> None:
    release = released_course(college=college)
    client.force_login(people.manager_of(college))
    sent = form_of(courses=[str(release.course_id)])
    client.post(reverse("certificates:type_new", args=["post"]), sent)
    again = client.post(reverse("certificates:type_new", args=["post"]), sent)
    assert again.status_code == 422
    assert "已有同名" in again.content.decode()
    assert CertificateType.objects.filter(rule="post").count() == 1


def test_an_approver_makes_types_in_the_name_of_the_regions_bureaus(college: Organisation) -> None:
    health, there = bureau(), bureau("110000")
    release = released_course(college=college)
    approver = people.acting(people.officer("bureau_approver"))
    assert post_type(health, release, actor=approver).region_code == "310000"
    for other in (there, college):
        with refused("not_issuer"):
            post_type(other, release, actor=approver)


def test_who_may_not(college: Organisation) -> None:
    release = released_course(college=college)
    stranger = publisher(people.college())
    with refused("not_issuer"):
        post_type(college, release, actor=stranger)
    for role in ("college_author", "college_teacher"):
        with refused("role_required"):
            post_type(college, release, actor=people.acting(people.member(college, role)))
    kind = post_type(college, release)
    with refused("type_unknown"):
        changed(kind, actor=stranger, title="别人的")


def test_what_follows_from_policy_is_not_made_or_changed_by_hand(college: Organisation) -> None:
    from certificates.services import ensure_types

    with refused("rule_of_policy"):
        create_type(
            rule="annual_requirement",
            issuer=college,
            title="年度",
            title_en="Year",
            serial_prefix="YRS",
            validity_months=None,
            wanted=Wanted(),
            automatic=True,
            actor=publisher(college),
            now=NOON,
        )
    course, annual = ensure_types(actor=SYSTEM, now=NOON)
    with refused("type_of_policy"):
        changed(course, actor=publisher(college), title="别的")
    with refused("type_of_policy"):
        changed(annual, actor=people.acting(people.officer("bureau_approver")), title="别的")


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("title_missing", {"title": "  "}),
        ("title_missing", {"title_en": ""}),
        ("glyph_missing", {"title": "证书\U0003134a"}),
        ("prefix_malformed", {"serial_prefix": "P"}),
        ("prefix_malformed", {"serial_prefix": "证书"}),
        ("prefix_reserved", {"serial_prefix": "ann"}),
        ("validity_out_of_range", {"validity_months": 0}),
        ("validity_out_of_range", {"validity_months": 121}),
        ("post_unknown", {"post": "astronaut"}),
        ("age_out_of_range", {"within_months": 0}),
        ("topic_hours", {"topics": {"safety": "-1"}}),
        ("topic_hours", {"topics": {"alchemy": "4"}}),
    ],
)
def test_what_a_type_cannot_be(college: Organisation, code: str, more: dict[str, Any]) -> None:
    with refused(code):
        post_type(college, released_course(college=college), **more)
    assert not CertificateType.objects.filter(rule="post").exists()


def test_it_asks_for_something_and_for_what_is_there(college: Organisation) -> None:
    with refused("requirements_empty"):
        post_type(college)
    with refused("requirements_empty"):
        trainers_type(college)
    with refused("course_unknown"):
        post_type(college, released_course(college=people.college()))


def test_a_change_alters_what_comes_and_nothing_issued(college: Organisation) -> None:
    release = released_course(college=college)
    kind = post_type(college, release, title="旧名称", validity_months=12)
    someone = people.person()
    passed_course(someone, release)
    certificate = issue_certificate(person=someone, type=kind, period="2026", actor=SYSTEM, now=NOON)
    before = sheet_of(certificate)
    changed(kind, actor=publisher(college), title="新名称", title_en="New", validity_months=6, serial_prefix="NEW")
    after = sheet_of(Certificate.objects.get(pk=certificate.pk))
    assert (
        (after["title"], after["title_en"]) == (before["title"], before["title_en"]) == ("旧名称", before["title_en"])
    )
    assert paper_of(certificate=certificate, now=NOON).signed
    event = AuditEvent.objects.get(verb="certificate_type.changed")
    assert event.changes["title"] == ["旧名称", "新名称"]
    assert "rule" not in event.changes


def test_retired_it_issues_no_more_and_can_begin_again(college: Organisation) -> None:
    release = released_course(college=college)
    kind = post_type(college, release)
    someone = people.person()
    passed_course(someone, release)
    changed(kind, retired=True)
    with refused("type_retired"):
        issue_certificate(person=someone, type=kind, period="once", actor=SYSTEM, now=NOON)
    assert post_type(college, release).title == kind.title, "its title is free again"
    with refused("type_exists"):
        changed(kind, retired=False)


def test_saving_it_as_it_is_writes_no_event(college: Organisation) -> None:
    changed(post_type(college, released_course(college=college)))
    assert not AuditEvent.objects.filter(verb="certificate_type.changed").exists()


def test_the_form_shows_what_is_set_and_refuses_in_place(client: Client, college: Organisation) -> None:
    release = released_course(college=college)
    kind = post_type(college, release, topics={"safety": 4})
    client.force_login(people.manager_of(college))
    address = reverse("certificates:type", args=[kind.pk])
    page = client.get(address).content.decode()
    assert f'value="{release.course_id}" id="id_courses_0" checked' in page
    assert 'name="topic_safety" value="4"' in page
    refused_page = client.post(address, form_of(serial_prefix="CRS", courses=[str(release.course_id)]))
    assert refused_page.status_code == 422
    assert "CRS 是课程结业和年度证书的编号前缀" in refused_page.content.decode()
    assert client.post(address, form_of(courses=[str(release.course_id)], retired="on")).status_code == 302
    kind.refresh_from_db()
    assert kind.retired_at is not None


def test_doors(client: Client, college: Organisation) -> None:
    kind = programme_type(college)
    client.force_login(people.manager_of(people.college()))
    assert client.get(reverse("certificates:type", args=[kind.pk])).status_code == 404
    assert kind.title not in client.get(reverse("certificates:types")).content.decode()
    assert client.get(reverse("certificates:type_new", args=["course_passed"])).status_code == 404
    for user in (people.member(college, "college_author"), people.practitioner(), people.officer("registrar")):
        client.force_login(user)
        assert client.get(reverse("certificates:types")).status_code == 403
