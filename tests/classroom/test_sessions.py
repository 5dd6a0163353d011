"""Sessions: nobody and no room in two places at once; the college's own; called off with the reason."""

from datetime import timedelta

import pytest

from courses.classroom.models import Booking, Session
from courses.classroom.services import cancel_session, open_session, substitute_teacher
from lms.people.models import Message
from lms.rules.refusals import NotFound, Refusal
from tests.factories import people
from tests.factories.catalogue import reading, released_course
from tests.factories.classroom import NOON, SYSTEM, blended_course, booked, classroom_lesson, scanned, session, teacher
from tests.factories.learning import enrolled
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def college():
    packs_loaded()
    return people.college()


@pytest.fixture
def lesson(college):
    return classroom_lesson(blended_course(college))


def code_of(call, **arguments) -> str:
    with pytest.raises(Refusal) as refusal:
        call(**arguments)
    assert str(refusal.value)
    return refusal.value.code


def plan(lesson, **changed):
    return {
        "lesson": lesson,
        "venue": "实训楼 301",
        "teacher": changed.pop("teacher", None) or teacher(lesson.release.course.college),
        "starts_at": NOON + DAY,
        "ends_at": NOON + DAY + timedelta(hours=3),
        "capacity": 30,
        "actor": SYSTEM,
        "now": NOON,
        **changed,
    }


class TestOpen:
    def test_opened(self, lesson):
        opened = open_session(**plan(lesson))
        assert opened.college == lesson.release.course.college
        assert len(opened.qr_secret) == 64

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"venue": " "}, "venue_missing"),
            ({"ends_at": NOON}, "ends_before_start"),
            ({"starts_at": NOON - DAY, "ends_at": NOON - timedelta(hours=20)}, "in_the_past"),
            ({"ends_at": NOON + DAY + timedelta(minutes=179)}, "session_too_short"),
            ({"capacity": 0}, "capacity"),
        ],
    )
    def test_a_plan_that_can_not_be(self, lesson, changed, code):
        assert code_of(open_session, **plan(lesson, **changed)) == code

    def test_a_lesson_that_is_no_classroom_day(self, college):
        lesson = released_course(college=college, lessons=[reading(45)]).lessons.get()
        assert code_of(open_session, **plan(lesson)) == "not_a_classroom_day"

    def test_a_teacher_in_two_places(self, lesson):
        busy = teacher(lesson.release.course.college)
        session(lesson, by=busy)
        call = plan(lesson, teacher=busy, venue="别处", starts_at=NOON + DAY + timedelta(hours=2, minutes=59))
        call["ends_at"] = call["starts_at"] + timedelta(hours=3)
        assert code_of(open_session, **call) == "teacher_elsewhere"
        call["starts_at"], call["ends_at"] = NOON + DAY + timedelta(hours=3), NOON + DAY + timedelta(hours=6)
        assert open_session(**call)  # one ends as the other begins

    def test_a_room_twice(self, lesson):
        session(lesson)
        assert code_of(open_session, **plan(lesson)) == "venue_taken"
        assert open_session(**plan(lesson, venue="实训楼 302"))

    def test_a_room_of_another_college_has_the_same_name(self, lesson):
        session(lesson)
        assert open_session(**plan(classroom_lesson(blended_course())))

    def test_a_cancelled_session_takes_no_room(self, lesson):
        cancel_session(session=session(lesson), reason="停电", actor=SYSTEM, now=NOON)
        assert open_session(**plan(lesson))

    def test_a_teacher_of_another_college(self, lesson):
        assert code_of(open_session, **plan(lesson, teacher=teacher(people.college()))) == "not_a_teacher"

    def test_another_college_does_not_find_the_lesson(self, lesson):
        stranger = people.acting(teacher(people.college()))
        with pytest.raises(NotFound):
            open_session(**plan(lesson, actor=stranger))
        assert not Session.objects.exists()


class TestCancel:
    def test_those_booked_are_told_once(self, lesson):
        user = people.practitioner()
        day = session(lesson)
        booked(day, user.person, enrolled(user.person, lesson.release).pk)
        for _time in range(2):
            cancel_session(session=day, reason="台风", actor=SYSTEM, now=NOON)
        message = Message.objects.get(user=user, code="session_cancelled")
        assert message.body == "台风"
        assert Booking.objects.get().cancelled_at == NOON

    def test_not_without_a_reason_and_not_once_begun(self, lesson):
        user = people.practitioner()
        day = session(lesson)
        booked(day, user.person, enrolled(user.person, lesson.release).pk)
        assert code_of(cancel_session, session=day, reason=" ", actor=SYSTEM, now=NOON) == "reason_missing"
        scanned(day, user.person, "in", day.starts_at)
        assert code_of(cancel_session, session=day, reason="晚了", actor=SYSTEM, now=NOON) == "session_begun"

    def test_another_college(self, lesson):
        stranger = people.acting(teacher(people.college()))
        assert code_of(cancel_session, session=session(lesson), reason="x", actor=stranger, now=NOON) == "no_session"


def test_a_substitute_is_free_and_on_record(lesson, college):
    day, free, busy = session(lesson), teacher(college), teacher(college)
    session(lesson, by=busy, venue="别处")
    call = {"session": day, "reason": "病假", "actor": SYSTEM, "now": NOON}
    assert code_of(substitute_teacher, teacher=busy, **call) == "teacher_elsewhere"
    assert substitute_teacher(teacher=free, **call).teacher == free
    assert substitute_teacher(teacher=free, **call).teacher == free
