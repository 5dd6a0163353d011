"""Presence challenges: asked when the credit is due, answered in time, or credit goes back to the last one passed."""

import json
import threading
import uuid
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import translation

from courses.learning.models import ChallengeOutcome, Lease, LessonProgress, PresenceChallenge
from courses.learning.services import answer_challenge, close_lease, expire_leases, miss_overdue
from courses.learning.tasks import sweep
from lms.audit.models import AuditEvent
from lms.rules.refusals import NotFound
from tests.factories.catalogue import released_course, video
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased
from tests.factories.ledger import learner

pytestmark = pytest.mark.django_db
IN_TIME = 60
TOO_LATE = 101  # 90 seconds of the policy and ten of the network
LOST = 221  # nothing heard at all


def course(*seconds: int):
    lessons = [video(each, title=f"第{place}课") for place, each in enumerate(seconds or (3600,), start=1)]
    return released_course(class_hours="0.5", lessons=lessons)


def due(lease: Lease, in_ms: int = 60_000) -> None:
    """The next challenge is due after so much credit."""
    Lease.objects.filter(pk=lease.pk).update(challenge_in_ms=in_ms)


def player(enrolment=None, *, in_ms: int = 60_000, **terms) -> Player:
    one = Player(leased(enrolment or enrolled(release=course()), **terms), present=False)
    due(one.lease, in_ms)
    return one


def asked(one: Player | None = None):
    """Somebody who has just been asked, after a minute of learning."""
    one = one or player()
    answer = one.play(60)
    assert answer.challenge
    return one, answer.challenge


def progress(of: Player) -> LessonProgress:
    return LessonProgress.objects.get(enrolment=of.lease.enrolment, lesson=of.lease.lesson)


def results() -> list[str]:
    return list(ChallengeOutcome.objects.order_by("at", "challenge__number").values_list("result", flat=True))


def codes(prefix: str = "challenge.") -> list[str]:
    return list(AuditEvent.objects.filter(verb__startswith=prefix).order_by("at", "id").values_list("verb", flat=True))


def test_asked_when_the_credit_is_used_up_and_not_before():
    one = player()
    assert one.play(45).challenge is None
    challenge = one.play(15).challenge
    assert challenge
    assert len(challenge.choices) == 4
    assert challenge.seconds == 90
    row = PresenceChallenge.objects.get()
    assert row.answer in {choice["key"] for choice in challenge.choices}
    assert row.asked_at == one.now


def test_time_that_earns_nothing_is_never_asked():
    one = player(in_ms=1_000)
    assert one.say((0, 15_000), visible=False).challenge is None
    assert one.say(after=15).challenge is None
    assert one.say((0, 15_000)).challenge


def test_a_lease_is_given_a_moment_of_its_own():
    moments = {leased(enrolled(learner(), course())).challenge_in_ms for _one in range(5)}
    assert len(moments) == 5
    assert all(0.4 * 900_000 <= moment <= 1.8 * 900_000 for moment in moments)


def test_right_confirms_everything_so_far():
    one, challenge = asked()
    answer = one.answer(challenge.id, after=IN_TIME)
    assert (answer.result, answer.challenge, answer.taken_back_ms) == ("passed", None, 0)
    assert answer.covered_ms == 60_000
    assert answer.nonce == one.nonce, "not rotated"
    one.lease.refresh_from_db()
    assert one.lease.confirmed == [[0, 60_000]]
    assert one.lease.challenge_in_ms > 300_000
    assert one.play(15).refused == ""
    assert codes() == ["challenge.passed"]
    assert AuditEvent.objects.get(verb="challenge.passed").person_id == one.lease.person_id


def test_a_slip_is_asked_again_once_within_the_same_time():
    one, challenge = asked()
    again = one.answer(challenge.id, right=False, after=30)
    assert (again.result, again.taken_back_ms) == ("again", 0)
    assert again.challenge
    assert again.challenge.id != challenge.id
    assert again.challenge.seconds == 60
    kinds = set(PresenceChallenge.objects.values_list("kind", flat=True))
    assert len(kinds) == 2
    assert one.answer(again.challenge.id).result == "passed"
    assert results() == ["wrong", "passed"]
    assert progress(one).credited_ms == 60_000


def test_wrong_twice_is_missed():
    one, challenge = asked()
    again = one.answer(challenge.id, right=False)
    answer = one.answer(again.challenge.id, right=False)
    assert (answer.result, answer.taken_back_ms, answer.covered_ms) == ("missed", 60_000, 0)
    assert (progress(one).covered, progress(one).credited_ms) == ([], 0)
    assert results() == ["wrong", "missed"]


def test_after_a_miss_the_next_credit_is_asked_at_once_and_a_slip_is_not_forgiven():
    one, challenge = asked()
    assert one.say((60_000, 75_000), after=15).challenge.id == challenge.id, "it plays on and says nothing"
    late = one.say((75_000, 90_000), after=TOO_LATE - 15)
    assert late.taken_back_ms == 75_000
    assert late.challenge
    assert late.challenge.id != challenge.id
    assert one.answer(late.challenge.id, right=False).result == "missed"
    assert progress(one).credited_ms == 0


def test_a_new_lease_forgives_no_slip_right_after_a_miss():
    """Opening the page again after each miss would make guessing worth it: 7 in 16 instead of 1 in 4."""
    one, _challenge = asked()
    one.say((60_000, 75_000))
    late = one.say((75_000, 90_000), after=TOO_LATE - 15)
    assert one.answer(late.challenge.id, right=False).result == "missed"
    reloaded = Player(leased(one.lease.enrolment, now=one.now), present=False)
    asked_there = reloaded.say((0, 15_000)).challenge
    assert reloaded.answer(asked_there.id, right=False).result == "missed"
    back = reloaded.say((0, 15_000)).challenge
    assert reloaded.answer(back.id).result == "passed"
    due(reloaded.lease, 15_000)
    slip = reloaded.say((15_000, 30_000)).challenge
    assert reloaded.answer(slip.id, right=False).result == "again", "who passed may slip again"


def test_credit_goes_back_to_the_last_one_passed_not_further():
    one, challenge = asked()
    one.answer(challenge.id)
    due(one.lease)
    answer = one.play(60)
    one.say((120_000, 130_000), after=10)
    missed = one.say(after=TOO_LATE)
    assert answer.challenge
    assert missed.taken_back_ms == 70_000
    assert missed.covered == [[0, 60_000]]
    assert ChallengeOutcome.objects.order_by("-at")[0].taken_back_ms == 70_000


def test_a_late_answer_is_too_late():
    one, challenge = asked()
    one.say((60_000, 75_000))
    answer = one.answer(challenge.id, after=TOO_LATE)
    assert (answer.result, answer.taken_back_ms) == ("missed", 75_000)


def test_the_sweep_misses_for_whoever_never_came_back():
    one, _challenge = asked()
    assert miss_overdue(now=one.now + timedelta(seconds=LOST - 2)) == 0
    expire_leases(now=one.now + timedelta(seconds=LOST - 2))
    assert Lease.objects.filter(ended_at=None).exists(), "an answer is awaited"
    assert miss_overdue(now=one.now + timedelta(seconds=LOST)) == 1
    assert miss_overdue(now=one.now + timedelta(seconds=LOST)) == 0
    assert progress(one).credited_ms == 0
    sweep()
    one.lease.refresh_from_db()
    assert one.lease.end_reason == "expired"


def test_a_network_lost_while_asked_costs_nothing():
    one, challenge = asked()
    answer = one.answer(challenge.id, after=190)
    assert (answer.result, answer.taken_back_ms) == ("passed", 0)


def test_who_comes_back_late_but_was_cut_off_is_given_the_time_anew_once():
    one, challenge = asked()
    back = one.say((60_000, 75_000), after=190)
    assert (back.taken_back_ms, back.challenge.id, back.challenge.seconds) == (0, challenge.id, 90)
    assert one.say(after=15).challenge.seconds == 75
    assert one.say(after=90).taken_back_ms == 75_000


def test_a_lesson_is_not_complete_while_a_challenge_is_open():
    one = player(enrolled(release=course(60)))
    answer = one.play(60)
    assert answer.challenge
    assert (answer.complete, answer.course_passed) == (False, False)
    said = one.answer(answer.challenge.id)
    assert (said.complete, said.course_passed) == (True, True)


def test_a_lesson_whose_challenge_is_missed_is_not_complete():
    one = player(enrolled(release=course(60)))
    one.play(60)
    one.say()
    missed = one.say(after=TOO_LATE)
    assert (missed.complete, missed.covered_ms) == (False, 0)
    assert not one.lease.enrolment.lesson_completions.exists()
    assert miss_overdue(now=one.now + timedelta(days=1)) == 0


def test_a_complete_lesson_asks_no_more():
    one = player(enrolled(release=course(100, 100)), in_ms=97_000)
    one.play(96)
    assert one.lease.enrolment.lesson_completions.count() == 1
    assert one.say((96_000, 100_000)).challenge is None


def test_short_lessons_do_not_escape():
    enrolment = enrolled(release=course(40, 40))
    first, second = enrolment.release.lessons.order_by("position")
    one = Player(leased(enrolment, first), present=False)
    due(one.lease)
    assert one.play(40).challenge is None
    close_lease(lease_id=one.lease.pk, actor=SYSTEM, now=one.now)
    two = Player(leased(enrolment, second, now=one.now), present=False)
    assert two.lease.challenge_in_ms == 20_000
    assert two.play(30).challenge


def test_opening_over_and_over_confirms_nothing():
    one, _challenge = asked(player(in_ms=75_000 - 15_000))
    one.answer(_challenge.id)
    due(one.lease, 75_000)
    for _turn in range(3):
        one = Player(leased(one.lease.enrolment, now=one.now), present=False)
        one.position = progress(one).credited_ms
        answer = one.play(25, every=25)
    assert answer.challenge
    one.say(after=10)
    assert one.say(after=TOO_LATE).taken_back_ms == 75_000
    assert progress(one).covered == [[0, 60_000]]


def test_passing_in_another_lesson_confirms_what_came_before():
    enrolment = enrolled(release=course(600, 600))
    first, second = enrolment.release.lessons.order_by("position")
    one = Player(leased(enrolment, first), present=False)
    one.play(60)
    two = Player(leased(enrolment, second, now=one.now), present=False)
    due(two.lease)
    two.answer(two.play(60).challenge.id)
    again = Player(leased(enrolment, first, now=two.now), present=False)
    assert again.lease.confirmed == [[0, 60_000]]
    assert again.lease.began_confirmed


def test_a_reload_takes_the_question_along_and_gains_no_time():
    one, challenge = asked()
    one.now += timedelta(seconds=40)
    again = Player(leased(one.lease.enrolment, now=one.now), present=False)
    moved = PresenceChallenge.objects.get(lease=again.lease)
    assert (moved.prompt, moved.choices, str(moved.pk) != challenge.id) == (challenge.prompt, challenge.choices, True)
    assert results() == ["repeated"]
    assert again.answer(str(moved.pk), after=61).result == "missed"
    assert progress(again).credited_ms == 0


def test_the_question_taken_along_is_passed_before_anything_is_played_there():
    enrolment = enrolled(release=course(60))
    one, _challenge = asked(player(enrolment))
    again = Player(leased(enrolment, device="tablet", take_over=True, now=one.now), present=False)
    moved = PresenceChallenge.objects.get(lease=again.lease)
    assert again.answer(str(moved.pk)).course_passed
    assert one.answer(str(PresenceChallenge.objects.get(lease=one.lease).pk)).result == "again", "asked elsewhere"


def test_a_second_question_does_not_move():
    one, challenge = asked()
    one.answer(challenge.id, right=False)
    leased(one.lease.enrolment, now=one.now)
    assert results() == ["wrong", "missed"]
    assert progress(one).credited_ms == 0


def test_going_on_with_another_lesson_misses():
    enrolment = enrolled(release=course(600, 600))
    one, _challenge = asked(player(enrolment))
    two = Player(leased(enrolment, enrolment.release.lessons.last(), now=one.now), present=False)
    assert results() == ["missed"]
    assert progress(one).credited_ms == 0
    assert two.lease.challenge_in_ms == 0, "asked at the first credit there"
    assert two.say((0, 15_000)).challenge


def test_the_daily_cap_counts_what_stays():
    one = player()
    Lease.objects.filter(pk=one.lease.pk).update(pace={**one.lease.pace, "daily_cap_minutes": 2})
    asked(one)
    one.say((60_000, 75_000))
    missed = one.say(after=TOO_LATE)
    assert missed.taken_back_ms == 75_000
    one.position = 0
    one.present = True
    one.play(120)
    assert progress(one).credited_ms == 120_000
    assert one.say((120_000, 135_000)).refused == "daily_cap"


def test_what_was_earned_before_midnight_gives_the_new_day_nothing():
    late = NOON.replace(hour=23, minute=58)
    enrolment = enrolled(release=course(), now=late)
    one = player(enrolment, now=late)
    Lease.objects.filter(pk=one.lease.pk).update(pace={**one.lease.pace, "daily_cap_minutes": 2})
    asked(one)
    one.play(60)
    missed = one.say((120_000, 135_000), after=60)
    assert missed.taken_back_ms == 120_000
    one.lease.refresh_from_db()
    assert (one.lease.day, one.lease.day_ms) == (late.date() + timedelta(days=1), 15_000)


def test_an_answer_given_twice_is_one():
    one, challenge = asked()
    first, second = one.answer(challenge.id), one.answer(challenge.id, right=False)
    assert first.result == second.result == "passed"
    assert results() == ["passed"]


def test_forged_and_foreign():
    one, challenge = asked()
    other, others = asked(player(enrolled(learner(name="另一人"), course())))
    with pytest.raises(NotFound) as refusal:
        one.answer(others.id)
    assert refusal.value.code == "no_challenge"
    with pytest.raises(NotFound) as refusal:
        one.answer(challenge.id, person=other.lease.person)
    assert refusal.value.code == "no_lease"
    with pytest.raises(NotFound):
        answer_challenge(
            lease_id=one.lease.pk,
            person=one.lease.person,
            challenge_id=uuid.uuid4(),
            key="",
            nonce=one.nonce,
            now=one.now,
        )
    assert one.answer(challenge.id, nonce="guessed").result == "forged"
    one.lease.refresh_from_db()
    assert one.lease.end_reason == "forged"
    assert one.answer(challenge.id).result == "forged", "nobody answers for it any more"
    miss_overdue(now=one.now + timedelta(seconds=LOST))
    assert progress(one).credited_ms == 0


def test_an_answer_that_crosses_a_heartbeat_still_counts():
    one, challenge = asked()
    before = one.nonce
    one.say((60_000, 75_000))
    assert one.answer(challenge.id, nonce=before).result == "passed"


def test_a_key_that_is_none_of_the_choices_is_wrong():
    one, challenge = asked()
    assert one.answer(challenge.id, key="").result == "again"


def test_a_replayed_heartbeat_shows_the_question_again():
    one, challenge = asked()
    one.sequence -= 1
    again = one.say(after=20)
    assert (again.refused, again.challenge.id, again.challenge.seconds) == ("replayed", challenge.id, 70)


def test_who_learns_in_english_is_asked_in_english():
    with translation.override("en"):
        _one, challenge = asked()
    assert challenge.prompt.isascii() or "“" in challenge.prompt


def test_the_right_key_never_leaves_the_server():
    _one, challenge = asked()
    assert set(asdict(challenge)) == {"id", "prompt", "choices", "seconds"}
    assert all(set(choice) == {"key", "text"} for choice in challenge.choices)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_settle_once():
    one, challenge = asked()
    row = PresenceChallenge.objects.get(pk=challenge.id)
    ready, said = threading.Barrier(2), []

    def answer() -> None:
        try:
            ready.wait(10)
            said.append(
                answer_challenge(
                    lease_id=one.lease.pk,
                    person=one.lease.person,
                    challenge_id=row.pk,
                    key=row.answer,
                    nonce=one.nonce,
                    now=one.now,
                ).result
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == ["passed", "passed"]
    assert results() == ["passed"]


def test_no_policy_of_presence_no_question():
    one = player()
    Lease.objects.update(challenge_in_ms=None)
    assert one.play(600).challenge is None


def test_over_http(client):
    from tests.factories import people
    from tests.factories.policy import packs_loaded

    packs_loaded()
    user = people.practitioner(now=NOON)
    enrolment = enrolled(user.person, course())
    one, challenge = asked(player(enrolment))
    client.force_login(user)
    address = reverse("learning:challenge", args=[one.lease.pk])

    def post(body):
        return client.post(address, json.dumps(body), content_type="application/json")

    for wrong in ({}, {"challenge": "x", "key": "k", "nonce": "n"}, {"challenge": challenge.id, "key": 1, "nonce": ""}):
        assert (post(wrong).status_code, post(wrong).json()["code"]) == (422, "not_an_answer")
    # The clock of the wall is long past the clock of the player.
    answer = post({"challenge": challenge.id, "key": "", "nonce": one.nonce})
    assert answer.status_code == 200
    assert answer.json()["result"] == "missed"
    assert set(answer.json()) == {
        *("result", "challenge", "covered", "covered_ms", "complete", "course_passed"),
        *("taken_back_ms", "nonce", "end_reason"),
    }
    forged = post({"challenge": challenge.id, "key": "", "nonce": "\ud800"})
    assert (forged.status_code, forged.json()["code"]) == (409, "forged")
