"""The certificate of a programme: all its courses in its year, from the ledger, and what is missing by name."""

from datetime import datetime

import pytest

from certificates.models import Certificate, CertificateType
from certificates.services import issue_certificate
from courses.catalogue.models import Programme, Release
from courses.catalogue.programmes import withdraw_programme
from lms.audit.models import AuditEvent
from lms.ledger.services import reverse_entry
from lms.people.models import Organisation, Person
from tests.factories import learning, people
from tests.factories.catalogue import offered_programme, reading, released_course, submitted_programme
from tests.factories.certificate_types import programme_type
from tests.factories.certificates import NOON, SYSTEM, refused
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
NANJING = "320100"


@pytest.fixture
def college() -> Organisation:
    packs_loaded()
    return people.college(name="金陵婴幼职业学院", region=NANJING)


@pytest.fixture
def releases(college: Organisation) -> list[Release]:
    return [
        released_course(college=college, title="安全睡眠", lessons=[reading(minutes=2)], class_hours="0.5"),
        released_course(
            college=college, title="强制报告", lessons=[reading(minutes=2)], class_hours="0.5", category="ethics"
        ),
    ]


@pytest.fixture
def programme(releases: list[Release]) -> Programme:
    return offered_programme(releases, title="起步计划")


def earned(person: Person, release: Release, *, year: int = 2026) -> None:
    on = datetime(year, 6, 15).date()
    credited(
        person,
        category=release.category,
        class_hours=release.class_hours,
        on=on,
        course_id=release.course_id,
        release_id=release.pk,
        title=release.title,
    )


def issued(person: Person, kind: CertificateType, programme: Programme) -> Certificate:
    return issue_certificate(person=person, type=kind, period=str(programme.pk), actor=SYSTEM, now=NOON)


def test_with_the_last_course_comes_the_certificate(releases: list[Release], programme: Programme) -> None:
    kind = programme_type(programme.college, validity_months=24)
    someone = people.person(region=NANJING)
    learning.passed(someone, releases[0])
    assert not Certificate.objects.filter(type=kind).exists()
    learning.passed(someone, releases[1])
    certificate = Certificate.objects.get(type=kind)
    assert (certificate.title, certificate.period) == ("《起步计划》培训计划结业证书", str(programme.pk))
    assert certificate.facts["lines"] == [
        {"category": "skills", "earned": "0.5"},
        {"category": "ethics", "earned": "0.5"},
    ]
    assert [one["title"] for one in certificate.facts["courses"]] == ["安全睡眠", "强制报告"]
    assert certificate.serial.startswith("PRG-2026-320100-0000001-")
    assert (certificate.valid_until.year, certificate.valid_until.month) == (2028, 6)  # type: ignore[union-attr]
    issuing = AuditEvent.objects.get(verb="certificate.issued", subject_id=certificate.pk)
    assert (issuing.actor_kind, issuing.actor_label) == ("system", "issue-certificates")


def test_what_is_missing_is_named(releases: list[Release], programme: Programme) -> None:
    kind, someone = programme_type(programme.college), people.person(region=NANJING)
    with refused("programme_incomplete", "《安全睡眠》、《强制报告》"):
        issued(someone, kind, programme)
    earned(someone, releases[0])
    with refused("programme_incomplete", "2026 年度", "还缺：《强制报告》。"):
        issued(someone, kind, programme)


def test_only_its_own_year_counts(releases: list[Release], programme: Programme) -> None:
    kind, someone = programme_type(programme.college), people.person(region=NANJING)
    earned(someone, releases[0])
    earned(someone, releases[1], year=2025)
    with refused("programme_incomplete", "《强制报告》"):
        issued(someone, kind, programme)


def test_twice_is_once(releases: list[Release], programme: Programme) -> None:
    kind, someone = programme_type(programme.college), people.person(region=NANJING)
    for release in releases:
        earned(someone, release)
    assert issued(someone, kind, programme) == issued(someone, kind, programme)
    assert Certificate.objects.filter(type=kind).count() == 1


def test_a_type_that_names_programmes_certifies_no_other(releases: list[Release], programme: Programme) -> None:
    other = offered_programme(releases, title="另一个计划")
    kind, someone = programme_type(programme.college, other), people.person(region=NANJING)
    for release in releases:
        earned(someone, release)
    with refused("programme_unknown"):
        issued(someone, kind, programme)
    assert Certificate.objects.get(type=kind).period == str(other.pk)


def test_what_no_bureau_approved_is_no_programme(releases: list[Release], college: Organisation) -> None:
    waiting, kind = submitted_programme(releases), programme_type(college)
    for period in (str(waiting.pk), "起步计划"):
        with refused("programme_unknown"):
            issue_certificate(person=people.person(), type=kind, period=period, actor=SYSTEM, now=NOON)


def test_withdrawn_it_still_certifies_who_completed_it(releases: list[Release], programme: Programme) -> None:
    kind = programme_type(programme.college, automatic=False)
    withdraw_programme(programme=programme, reason="换新", actor=SYSTEM, now=NOON)
    someone = people.person(region=NANJING)
    for release in releases:
        earned(someone, release)
    assert not Certificate.objects.filter(type=kind).exists(), "not automatic: somebody issues it"
    assert issued(someone, kind, programme).person == someone


def test_it_does_not_outlive_its_hours_and_comes_back_with_them(releases: list[Release], programme: Programme) -> None:
    kind, someone = programme_type(programme.college), people.person(region=NANJING)
    for release in releases:
        earned(someone, release)
    certificate = Certificate.objects.get(type=kind)
    entry = someone.hour_entries.get(course_id=releases[0].course_id)
    reverse_entry(entry=entry, reason="考勤造假", actor=SYSTEM, now=NOON)
    last = certificate.states.order_by("-number")[0]
    assert (last.state, last.code) == ("revoked", "hours_reversed")
    earned(someone, releases[0])
    last = certificate.states.order_by("-number")[0]
    assert (last.state, last.code, Certificate.objects.filter(type=kind).count()) == ("reinstated", "hours_restored", 1)
