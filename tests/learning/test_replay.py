"""The rows alone give what was credited: whatever people, scripts and networks did, and in whatever order."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.learning.models import ChallengeOutcome, Enrolment, Heartbeat, Lease, LessonProgress
from courses.learning.replay import replayed, runs_of
from courses.learning.services import close_lease, expire_leases, miss_overdue, resume_lease
from tests.factories.catalogue import released_course, video
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased

pytestmark = pytest.mark.django_db
SECONDS = 400

acts = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(0, SECONDS), st.integers(0, 60), st.booleans()),
        st.tuples(st.just("replay"), st.integers(0, 3)),
        st.tuples(st.just("skip"), st.integers(1, 4)),
        st.tuples(st.just("late"), st.integers(1, 6)),
        st.tuples(st.just("silence"), st.sampled_from([40, 95, 130, 300])),
        st.tuples(st.just("sweep")),
        st.tuples(st.just("due"), st.integers(0, 40_000)),
        st.tuples(st.just("answer"), st.booleans()),
        st.tuples(st.just("reopen"), st.sampled_from(["phone", "tablet"])),
        st.tuples(st.just("elsewhere")),
        st.tuples(st.just("resume")),
        st.tuples(st.just("forge")),
    ),
    min_size=3,
    max_size=25,
)


class Life:
    """Somebody on two lessons of a course, acting as told."""

    def __init__(self) -> None:
        release = released_course(class_hours="0.5", lessons=[video(SECONDS), video(SECONDS, title="第二课")])
        self.enrolment = enrolled(release=release)
        self.lessons = list(release.lessons.order_by("position"))
        self.place = 0
        self.one = Player(leased(self.enrolment, self.lessons[0]), present=False)

    def act(self, name: str, *how) -> None:
        self.one.now += timedelta(milliseconds=7)
        getattr(self, name)(*how)

    def play(self, start: int, length: int, visible: bool) -> None:
        self.one.say((start * 1000, (start + length) * 1000), after=min(length, 30), visible=visible)

    def replay(self, back: int) -> None:
        self.one.sequence = max(0, self.one.sequence - back)
        if self.one.sequence:
            self.one.sequence -= 1
            self.one.say((0, SECONDS * 1000))

    def skip(self, numbers: int) -> None:
        self.one.sequence += numbers

    def late(self, back: int) -> None:
        self.one.say((0, SECONDS * 1000), sequence=max(1, self.one.sequence - back))

    def silence(self, seconds: int) -> None:
        self.one.now += timedelta(seconds=seconds)

    def sweep(self) -> None:
        expire_leases(now=self.one.now)
        miss_overdue(now=self.one.now)

    def due(self, in_ms: int) -> None:
        Lease.objects.filter(pk=self.one.lease.pk, asked_until=None).update(challenge_in_ms=in_ms)

    def answer(self, right: bool) -> None:
        challenge = self.one.lease.challenges.filter(outcome=None).first()
        if challenge:
            self.one.answer(str(challenge.pk), right=right)

    def reopen(self, device: str) -> None:
        lease = leased(self.enrolment, self.lessons[self.place], device=device, take_over=True, now=self.one.now)
        self.one = self._at(lease)

    def elsewhere(self) -> None:
        close_lease(lease_id=self.one.lease.pk, actor=SYSTEM, now=self.one.now)
        self.place = 1 - self.place
        self.reopen("phone")

    def resume(self) -> None:
        self.one.now += timedelta(seconds=100)
        expire_leases(now=self.one.now)
        lease = resume_lease(
            lease_id=self.one.lease.pk,
            nonce=self.one.nonce,
            enrolment=self.enrolment,
            lesson=self.lessons[self.place],
            device=self.one.lease.device,
            actor=SYSTEM,
            now=self.one.now,
        )
        if lease:
            self.one = self._at(lease, self.one.sequence)

    def forge(self) -> None:
        self.one.say((0, 5_000), nonce="guessed")
        self.reopen("phone")

    def _at(self, lease: Lease, sequence: int = 0) -> Player:
        player, player_now = Player(lease, present=False), self.one.now
        player.now, player.sequence = player_now, sequence
        return player


def derived(enrolment: Enrolment) -> dict:
    runs = runs_of([enrolment.pk])
    return {
        lesson.pk: replayed(runs[enrolment.pk, lesson.pk], media_ms=lesson.seconds * 1000)
        for lesson in enrolment.release.lessons.all()
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_the_rows_give_what_was_credited_whatever_happened(told) -> None:
    with transaction.atomic():
        life = Life()
        for name, *how in told:
            life.act(name, *how)
        covered = derived(life.enrolment)
        for progress in LessonProgress.objects.filter(enrolment=life.enrolment):
            assert covered[progress.lesson_id].pairs() == progress.covered
            assert progress.credited_ms == covered[progress.lesson_id].covered()
        kept = LessonProgress.objects.filter(enrolment=life.enrolment).aggregate(total=Sum("credited_ms"))["total"]
        earned = Heartbeat.objects.filter(lease__enrolment=life.enrolment).aggregate(total=Sum("credited_ms"))["total"]
        back = ChallengeOutcome.objects.filter(challenge__lease__enrolment=life.enrolment)
        assert kept == (earned or 0) - (back.aggregate(total=Sum("taken_back_ms"))["total"] or 0)
        newest = Lease.objects.filter(enrolment=life.enrolment).order_by("-opened_at", "-pk")[0]
        assert newest.day_ms == kept, "all on one day"
        for row in life.enrolment.lesson_completions.all():
            runs = runs_of([life.enrolment.pk])[life.enrolment.pk, row.lesson_id]
            through = Heartbeat.objects.get(pk=row.evidence["through"]).pk
            assert replayed(runs, media_ms=SECONDS * 1000, through=through).pairs() == row.evidence["covered"]
        transaction.set_rollback(True)


def test_many_lessons_take_three_queries(django_assert_num_queries) -> None:
    lives = [Life() for _number in range(3)]
    for life in lives:
        life.act("play", 0, 15, True)
    with django_assert_num_queries(3):
        runs = runs_of([life.enrolment.pk for life in lives])
    with django_assert_num_queries(0):
        assert {replayed(one, media_ms=SECONDS * 1000).covered() for one in runs.values()} == {15_000}


def test_a_lesson_nobody_opened_covers_nothing() -> None:
    enrolment = enrolled(release=released_course(class_hours="0.5", lessons=[video(SECONDS)]), now=NOON)
    assert runs_of([enrolment.pk]) == {}
    assert replayed([], media_ms=SECONDS * 1000).pairs() == []
