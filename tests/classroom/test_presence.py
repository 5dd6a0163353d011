"""Presence: by the code on the wall in its half minute, or by the paper roll with a reason; what overlaps counts."""

from datetime import timedelta

import pytest

from courses.classroom.models import Scan
from courses.classroom.services import cancel_session, code_is_shown, credited_minutes, current_code, record_on_paper
from courses.classroom.services import scan as scan_code
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.ledger.models import HourEntry
from lms.rules.refusals import Refusal
from lms.xapi.models import Statement
from tests.factories import people
from tests.factories.classroom import NOON, SYSTEM, blended_course, booked, classroom_lesson, present, scanned, session
from tests.factories.learning import enrolled
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def day():
    packs_loaded()
    return session(classroom_lesson(blended_course(minutes=180)))


@pytest.fixture
def person(day):
    person = people.person()
    booked(day, person, enrolled(person, day.lesson.release).pk)
    return person


def code_of(call, *arguments, **named) -> str:
    with pytest.raises(Refusal) as refusal:
        call(*arguments, **named)
    assert str(refusal.value)
    return refusal.value.code


class TestCode:
    def test_it_rotates_and_the_one_just_gone_still_serves(self, day):
        at = day.starts_at.replace(second=0)
        code = current_code(day, at)
        assert current_code(day, at + timedelta(seconds=29)) == code != current_code(day, at + timedelta(seconds=30))
        assert code_is_shown(day, code, at + timedelta(seconds=59))
        assert not code_is_shown(day, code, at + timedelta(seconds=60))
        assert not code_is_shown(day, code, at - timedelta(seconds=1))

    def test_typed_as_people_type(self, day):
        code = current_code(day, NOON)
        assert code_is_shown(day, f" {code[:3].lower()} {code[3:]}", NOON)
        assert not code_is_shown(day, "", NOON)
        assert not code_is_shown(day, "码码码码码码", NOON)

    def test_of_another_session(self, day):
        assert not code_is_shown(day, current_code(session(), NOON), NOON)


class TestScan:
    def scan(self, day, person, kind="in", at=None, **changed):
        at = at or day.starts_at
        call = {"code": current_code(day, at), "device": "phone", "actor": SYSTEM, "now": at, **changed}
        return scan_code(session=day, person=person, kind=kind, **call)

    def test_in_and_out_complete_the_course_and_earn_its_hours(self, day, person):
        present(day, person)
        assert credited_minutes(day, person) == 180
        assert Enrolment.objects.get().state == "passed"
        assert HourEntry.objects.get().minutes == 180
        assert Statement.objects.filter(verb__endswith="attended").count() == 1

    def test_twice_gives_the_first(self, day, person):
        first = self.scan(day, person)
        assert self.scan(day, person, at=day.starts_at + 5 * MINUTE) == first
        self.scan(day, person, "out", at=day.ends_at)
        self.scan(day, person, "out", at=day.ends_at + MINUTE)
        assert Scan.objects.count() == 2
        assert HourEntry.objects.count() == 1

    def test_too_little_presence_earns_nothing(self, day, person):
        self.scan(day, person)
        self.scan(day, person, "out", at=day.starts_at + 170 * MINUTE)
        assert credited_minutes(day, person) == 170  # 95 % would be 171
        assert Enrolment.objects.get().state == "enrolled"

    @pytest.mark.parametrize(("early", "late", "minutes"), [(-30, 30, 180), (10, 0, 170), (0, -60, 120), (200, 30, 0)])
    def test_only_the_overlap_with_the_schedule_counts(self, day, person, early, late, minutes):
        self.scan(day, person, at=day.starts_at + early * MINUTE)
        self.scan(day, person, "out", at=day.ends_at + late * MINUTE)
        assert credited_minutes(day, person) == minutes

    def test_an_old_code_and_a_guessed_one(self, day, person):
        old = current_code(day, day.starts_at - 2 * MINUTE)
        assert code_of(self.scan, day, person, code=old) == "code_expired"
        assert code_of(self.scan, day, person, code="ABCDEF") == "code_expired"

    def test_a_code_seen_before_signing_in(self, day, person):
        seen = day.starts_at - 3 * MINUTE
        code = current_code(day, seen)
        assert self.scan(day, person, code=code, seen_at=seen)

    @pytest.mark.parametrize("minutes", [6, -1])
    def test_seen_too_long_ago_or_in_the_future(self, day, person, minutes):
        seen = day.starts_at - minutes * MINUTE
        assert code_of(self.scan, day, person, code=current_code(day, seen), seen_at=seen) == "code_expired"

    def test_out_without_in_and_out_by_the_code_one_came_in_by(self, day, person):
        assert code_of(self.scan, day, person, "out") == "not_checked_in"
        self.scan(day, person)
        assert code_of(self.scan, day, person, "out") == "code_expired"

    @pytest.mark.parametrize(("at", "code"), [(-61, "too_early"), (241, "too_late")])
    def test_the_door(self, day, person, at, code):
        assert code_of(self.scan, day, person, at=day.starts_at + at * MINUTE) == code

    def test_not_booked_cancelled_and_on_behalf_of_another(self, day, person):
        assert code_of(self.scan, day, people.person()) == "not_booked"
        stranger = Actor(kind="user", label="x", person_id=people.person().pk, role="practitioner")
        assert code_of(self.scan, day, person, actor=stranger) == "no_booking"
        cancel_session(session=day, reason="停电", actor=SYSTEM, now=NOON)
        assert code_of(self.scan, day, person) == "session_cancelled"

    def test_one_phone_for_two_people(self, day, person):
        other = people.person()
        booked(day, other, enrolled(other, day.lesson.release).pk)
        self.scan(day, person)
        assert code_of(self.scan, day, other) == "device_used"
        assert self.scan(day, other, device="own phone")


class TestPaper:
    def enter(self, day, person, kind="in", at=None, reason="手机没电", **changed):
        at = at or day.starts_at
        call = {"actor": people.acting(day.teacher), "now": day.ends_at + MINUTE, **changed}
        return record_on_paper(session=day, person=person, kind=kind, at=at, reason=reason, **call)

    def test_entered_with_the_reason_on_record(self, day, person):
        row = self.enter(day, person)
        assert (row.method, row.reason) == ("paper", "手机没电")
        assert AuditEvent.objects.get(verb="presence.checked_in").reason == "手机没电"
        self.enter(day, person, "out", at=day.ends_at)
        assert HourEntry.objects.count() == 1

    def test_beside_a_scan(self, day, person):
        scanned(day, person, "in", day.starts_at)
        self.enter(day, person, at=day.starts_at + 90 * MINUTE)
        self.enter(day, person, "out", at=day.ends_at)
        assert credited_minutes(day, person) == 180

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"reason": " "}, "reason_missing"),
            ({"at": NOON + timedelta(days=9)}, "in_the_future"),
            ({"at": NOON}, "too_early"),
            ({"kind": "sideways"}, "scan_kind"),
        ],
    )
    def test_what_can_not_be(self, day, person, changed, code):
        assert code_of(self.enter, day, person, **changed) == code

    def test_another_college_and_somebody_not_booked(self, day, person):
        stranger = people.acting(people.member(people.college(), "college_teacher"))
        assert code_of(self.enter, day, person, actor=stranger) == "no_session"
        assert code_of(self.enter, day, people.person()) == "not_booked"
