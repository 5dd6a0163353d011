"""Certificates for a post and for those who teach: what a kind names by course and topic, passed and still standing."""

from datetime import datetime, timedelta

import pytest

from certificates.models import Certificate, CertificateType
from certificates.services import issue_certificate
from courses.catalogue.models import Release
from courses.learning.services import appeal_flag, decide_appeal, void_flag
from lms.people.models import Organisation, Person
from lms.people.services import grant_role
from lms.rules.refusals import NotAllowed
from tests.factories import learning, people, reviews
from tests.factories.catalogue import reading, released_course
from tests.factories.certificate_types import post_type, publisher, trainers_type
from tests.factories.certificates import NOON, SYSTEM, bureau, passed_course, refused
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def college() -> Organisation:
    packs_loaded()
    return people.college(name="浦东开放大学")


def course(college: Organisation, title: str, topic: str = "safety", hours: str = "4") -> Release:
    return released_course(college=college, title=title, topic=topic, class_hours=hours)


def issued(
    person: Person, kind: CertificateType, period: str = "once", now: datetime = NOON, **more: object
) -> Certificate:
    return issue_certificate(person=person, type=kind, period=period, actor=SYSTEM, now=now, **more)  # type: ignore[arg-type]


def test_what_is_missing_is_named_by_course_and_by_topic(college: Organisation) -> None:
    sleep, report = course(college, "安全睡眠"), course(college, "强制报告", "professional_norms", "2")
    kind = post_type(college, sleep, report, topics={"safety": 6, "professional_norms": "1.5"})
    someone = people.person()
    with refused(
        "requirements_missing", "《安全睡眠》、《强制报告》", "“安全防范”类课程 6 学时", "“职业规范”类课程 1.5 学时"
    ):
        issued(someone, kind)
    passed_course(someone, sleep)
    with refused("requirements_missing", "还缺：《强制报告》、“安全防范”类课程 2 学时、“职业规范”类课程 1.5 学时。"):
        issued(someone, kind)
    passed_course(someone, report)
    passed_course(someone, course(college, "急救", hours="2"))
    certificate = issued(someone, kind)
    assert certificate.facts["lines"] == [{"category": "skills", "earned": "8"}]
    assert certificate.facts["post"] == "caregiver"
    assert certificate.facts["asked"] == kind.requirements
    assert certificate.title == "保育人员岗位培训合格证书"


def test_many_missing_things_are_counted(college: Organisation) -> None:
    kind = post_type(college, *(course(college, f"第{number}课") for number in range(9)))
    with refused("requirements_missing", "《第5课》等，另有 3 项"):
        issued(people.person(), kind)


def test_a_college_vouches_for_its_own_courses_and_a_bureau_for_all(college: Organisation) -> None:
    someone, elsewhere = people.person(), course(people.college(), "别处的课")
    passed_course(someone, elsewhere)
    with refused("requirements_missing", "4 学时"):
        issued(someone, post_type(college, topics={"safety": 4}))
    assert issued(someone, post_type(bureau(), topics={"safety": 4})).issuer == bureau()


def test_not_passed_or_voided_is_not_passed(college: Organisation) -> None:
    sleep, someone = course(college, "安全睡眠"), people.person()
    kind, enrolment = post_type(college, sleep), passed_course(someone, sleep)
    for state in ("in_progress", "voided"):
        enrolment.state = state
        enrolment.save()
        with refused("requirements_missing"):
            issued(someone, kind)


def test_passes_grow_old(college: Organisation) -> None:
    sleep, someone = course(college, "安全睡眠"), people.person()
    kind = post_type(college, sleep, within_months=12, validity_months=12)
    passed_course(someone, sleep, now=NOON)
    later = NOON.replace(year=2028)
    with refused("requirements_missing", "《安全睡眠》"):
        issued(someone, kind, "2028", later)
    assert issued(someone, kind, "2026", later).period == "2026", "what was met in its year is certified for that year"


def test_the_period_is_the_year_of_the_last_pass(college: Organisation) -> None:
    sleep, report = course(college, "安全睡眠"), course(college, "强制报告")
    someone, kind = people.person(), post_type(college, sleep, report, validity_months=12)
    passed_course(someone, sleep, now=datetime.fromisoformat("2025-12-31T23:59:30+08:00"))
    passed_course(someone, report, now=datetime.fromisoformat("2026-01-01T00:00:30+08:00"))
    with refused("requirements_missing", "《强制报告》"):
        issued(someone, kind, "2025")
    assert issued(someone, kind, "2026").valid_until is not None
    later = NOON.replace(year=2027)
    with refused("period_other", "2026"):
        issued(someone, kind, "2027", later)
    for wrong in ("", "once", "26", "２０２６"):
        with refused("year_unknown"):
            issued(someone, kind, wrong)
    with refused("period_unknown"):
        issued(someone, post_type(college, sleep, title="长期证书"), "2026")


def test_it_follows_with_the_last_course_and_a_barred_person_gets_none(college: Organisation) -> None:
    release = released_course(college=college, lessons=[reading(minutes=2)], class_hours="0.5")
    by_college, by_bureau = post_type(college, release), post_type(bureau(), topics={"safety": "0.5"})
    far = post_type(bureau("110000"), topics={"safety": "0.5"})
    by_hand = post_type(college, release, title="人工签发", automatic=False)
    someone = learning.passed(release=release).person
    held = set(someone.certificates.values_list("type", flat=True))
    assert {by_college.pk, by_bureau.pk} < held
    assert not held & {far.pk, by_hand.pk}


def test_one_that_is_valid_for_long_is_not_issued_again(college: Organisation) -> None:
    release = released_course(college=college, lessons=[reading(minutes=2)], class_hours="0.5")
    kind, someone = post_type(college, release, validity_months=24), people.person()
    learning.passed(someone, release, now=NOON)
    learning.passed(someone, release, now=NOON + timedelta(days=365))
    assert [row.period for row in someone.certificates.filter(type=kind)] == ["2026"]
    learning.passed(someone, release, now=NOON + timedelta(days=730))
    assert sorted(row.period for row in someone.certificates.filter(type=kind)) == ["2026", "2028"]


def test_teachers_only(college: Organisation) -> None:
    release = released_course(college=college, lessons=[reading(minutes=2)], class_hours="0.5")
    kind, user = trainers_type(college, release), people.practitioner()
    assert user.person is not None
    learning.passed(user.person, release)
    assert not Certificate.objects.filter(type=kind).exists()
    with refused("not_a_teacher"):
        issued(user.person, kind)
    grant_role(user=user, role="college_teacher", organisation=college, actor=SYSTEM, now=NOON)
    certificate = issued(user.person, kind)
    assert (certificate.serial[:3], certificate.issuer) == ("TOT", college)
    teacher = people.practitioner()
    grant_role(user=teacher, role="college_teacher", organisation=college, actor=SYSTEM, now=NOON)
    learning.passed(teacher.person, release, now=NOON)
    assert Certificate.objects.filter(type=kind, person=teacher.person).exists()


def test_who_may_ask(college: Organisation) -> None:
    release, user = course(college, "安全睡眠"), people.practitioner()
    assert user.person is not None
    kind = post_type(college, release, automatic=False)
    passed_course(user.person, release)
    for actor in (publisher(people.college()), people.acting(people.practitioner())):
        with pytest.raises(NotAllowed):
            issue_certificate(person=user.person, type=kind, period="once", actor=actor, now=NOON)
    first = issue_certificate(person=user.person, type=kind, period="once", actor=publisher(college), now=NOON)
    again = issue_certificate(person=user.person, type=kind, period="once", actor=people.acting(user), now=NOON)
    assert first == again


def test_it_does_not_outlive_a_voided_course_and_an_appeal_gives_it_back(college: Organisation) -> None:
    release = released_course(college=college, lessons=[reading(minutes=2)], class_hours="0.5")
    kind, user = post_type(college, release, validity_months=24), people.practitioner()
    enrolment = learning.passed(user.person, release, now=NOON)
    certificate = Certificate.objects.get(type=kind)
    flag = reviews.flagged(enrolment, now=NOON)
    auditor = people.acting(people.officer("bureau_auditor"))
    void_flag(flag=flag, reason="代学", actor=auditor, now=NOON)
    last = certificate.states.order_by("-number")[0]
    assert (last.state, last.code) == ("revoked", "course_voided")
    appeal_flag(flag=flag, text="本人在学", actor=people.acting(user), now=NOON)
    approver = people.acting(people.officer("bureau_approver"))
    decide_appeal(flag=flag, overturn=True, reason="查实", actor=approver, now=NOON)
    last = certificate.states.order_by("-number")[0]
    assert (last.state, last.code) == ("reinstated", "course_restored")
    assert Certificate.objects.filter(type=kind).count() == 1
