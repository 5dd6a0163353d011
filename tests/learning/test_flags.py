"""Patterns that deserve a look are flagged once, and cost nobody a second."""

from datetime import timedelta

import pytest

from courses.learning.models import AnomalyFlag, Lease, LessonProgress
from courses.learning.services import close_lease, flag_anomalies
from courses.learning.tasks import sweep
from tests.factories import classroom
from tests.factories.catalogue import released_course, video
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased
from tests.factories.ledger import learner

pytestmark = pytest.mark.django_db


def long_course():
    return released_course(class_hours=8, lessons=[video(36_000)])


def codes() -> set[str]:
    return set(AnomalyFlag.objects.values_list("code", flat=True))


def test_a_bot_with_perfect_spacing_is_flagged_once_and_keeps_its_credit():
    bot = Player(leased(enrolled(release=long_course())))
    bot.play(15 * 40)
    assert flag_anomalies(now=bot.now) == 1
    assert flag_anomalies(now=bot.now) == 0
    assert codes() == {"identical_spacing"}
    assert LessonProgress.objects.get().credited_ms == 15 * 40_000


def test_an_honest_person_with_a_restless_network_is_not():
    person = Player(leased(enrolled(release=long_course())))
    for beat in range(40):
        person.say((person.position, person.position + 14_000), after=14 + (beat * 7 % 11) / 10)
    assert flag_anomalies(now=person.now) == 0


def test_learning_through_the_night():
    night = NOON.replace(hour=0, minute=10)
    sleepless = Player(leased(enrolled(release=long_course(), now=night), now=night))
    for beat in range(55):
        sleepless.say((sleepless.position, sleepless.position + 20_000), after=240 + beat % 7)
    flag_anomalies(now=sleepless.now)
    assert "overnight_run" in codes()


def test_two_people_on_one_device_are_both_flagged():
    for name in ("甲一", "乙二"):
        Player(leased(enrolled(learner(name=name), long_course()), device="the same")).play(15)
    flag_anomalies(now=NOON + timedelta(minutes=4))
    assert not codes(), "looked at every five minutes"
    flag_anomalies(now=NOON + timedelta(minutes=5))
    assert AnomalyFlag.objects.filter(code="shared_device").count() == 2


def test_a_night_of_many_short_lessons_is_one_night():
    night = NOON.replace(hour=0, minute=10)
    release = released_course(class_hours=2, lessons=[video(3600, title=f"第{place}课") for place in range(1, 5)])
    enrolment = enrolled(release=release, now=night)
    now = night
    for lesson in release.lessons.order_by("position"):
        sleepless = Player(leased(enrolment, lesson, now=now))
        for beat in range(13):
            sleepless.say((sleepless.position, sleepless.position + 20_000), after=240 + beat % 7)
        now = sleepless.now
        close_lease(lease_id=sleepless.lease.pk, actor=SYSTEM, now=now)
    flag_anomalies(now=now)
    assert codes() == {"overnight_run"}
    assert flag_anomalies(now=now + timedelta(hours=9)) == 0


def test_the_last_stretch_is_looked_at_when_the_lease_has_ended():
    bot = Player(leased(enrolled(release=long_course())))
    bot.play(15 * 25)
    assert flag_anomalies(now=bot.now) == 0
    bot.play(15 * 10)
    close_lease(lease_id=bot.lease.pk, actor=SYSTEM, now=bot.now)
    assert flag_anomalies(now=bot.now) == 1
    bot.lease.refresh_from_db()
    assert bot.lease.look_at is None


def test_a_look_that_dies_is_made_again(monkeypatch):
    bot = Player(leased(enrolled(release=long_course())))
    bot.play(15 * 35)
    close_lease(lease_id=bot.lease.pk, actor=SYSTEM, now=bot.now)

    def die(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("courses.learning.services.flags._append", die)
        with pytest.raises(KeyboardInterrupt):
            flag_anomalies(now=bot.now)
    assert flag_anomalies(now=bot.now) == 0
    assert flag_anomalies(now=bot.now + timedelta(minutes=5)) == 1


def test_questions_failed_in_a_row():
    guesser = Player(leased(enrolled(release=long_course())), present=False)
    Lease.objects.update(challenge_in_ms=1)
    for turn in range(4):
        asked = guesser.say((guesser.position, guesser.position + 14_000), after=14 + turn % 3).challenge
        while asked:
            asked = guesser.answer(asked.id, right=False).challenge
    flag_anomalies(now=guesser.now + timedelta(minutes=5))
    assert codes() == {"challenges_failed"}
    assert AnomalyFlag.objects.get().data["failed"] >= 4


def test_one_who_was_away_once_is_not_flagged():
    person = Player(leased(enrolled(release=long_course())), present=False)
    Lease.objects.update(challenge_in_ms=1)
    person.say((0, 14_000), after=14)
    person.present = True
    person.say((14_000, 15_000), after=300)
    for beat in range(20):
        person.say((person.position, person.position + 14_000), after=14 + (beat * 7 % 11) / 10)
    assert flag_anomalies(now=person.now) == 0


def in_a_room(*, apart_ms: int, lessons: int = 3, people: int = 2) -> None:
    """People at one address who begin lesson after lesson at the same moment; heartbeats so far apart."""
    release = released_course(
        class_hours=2, lessons=[video(900, title=f"第{place}课") for place in range(1, lessons + 1)]
    )
    for number in range(people):
        enrolment = enrolled(learner(name=f"学员{number}"), release)
        now = NOON + timedelta(milliseconds=apart_ms * number)
        for lesson in release.lessons.order_by("position"):
            lease = leased(enrolment, lesson, device=f"phone{number}", now=now)
            Lease.objects.filter(pk=lease.pk).update(address="the one of the house")
            player = Player(lease)
            for beat in range(12):
                player.say((player.position, player.position + 14_000), after=14 + (beat * 7 % 11) / 10)
            now = player.now + timedelta(seconds=30)


def test_two_accounts_in_step_at_one_address():
    in_a_room(apart_ms=40)
    flag_anomalies(now=NOON + timedelta(hours=1))
    assert codes() == {"in_step"}
    assert AnomalyFlag.objects.count() == 2
    assert AnomalyFlag.objects.first().data == {"persons": 2, "lessons": 3}


@pytest.mark.parametrize(("apart_ms", "lessons"), [(400, 3), (40, 2), (9_000, 3)])
def test_a_house_of_many_people_at_one_address_is_not_flagged(apart_ms, lessons):
    in_a_room(apart_ms=apart_ms, lessons=lessons, people=3)
    flag_anomalies(now=NOON + timedelta(hours=1))
    assert not codes()


def test_looking_costs_the_same_for_many(django_assert_max_num_queries):
    for name in ("甲一", "乙二", "丙三", "丁四"):
        Player(leased(enrolled(learner(name=name), long_course()), device=f"of {name}")).play(30)
    with django_assert_max_num_queries(18):
        flag_anomalies(now=NOON + timedelta(minutes=5))


def test_online_while_signed_in_to_a_classroom():
    person = learner()
    release = classroom.blended_course()
    enrolment = enrolled(person, release)
    day = classroom.session(classroom.classroom_lesson(release))
    classroom.booked(day, person, enrolment.pk)
    classroom.scanned(day, person, "in", day.starts_at)
    elsewhere = Player(leased(enrolled(person, long_course()), now=day.starts_at + timedelta(minutes=5)))
    elsewhere.play(600)
    classroom.scanned(day, person, "out", day.ends_at)
    assert "classroom_overlap" in codes()


def test_the_sweep_runs_every_step_even_if_one_fails(monkeypatch):
    from courses.learning import tasks

    done = []

    def broken(**_now):
        raise RuntimeError

    broken.__name__ = "broken"
    monkeypatch.setattr(tasks, "expire_leases", broken)

    def works(now):
        done.append(now)

    monkeypatch.setattr(tasks, "flag_anomalies", works)
    sweep()
    assert len(done) == 1
