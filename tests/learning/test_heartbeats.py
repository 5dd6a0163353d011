"""A heartbeat: the server's clock pays, nothing else does."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from courses.learning.models import Heartbeat, LessonProgress
from courses.learning.replay import replayed, runs_of
from courses.learning.services import beat
from lms.audit.models import AuditEvent
from lms.rules.refusals import Invalid, NotFound
from tests.factories import people
from tests.factories.catalogue import reading, released_course, video
from tests.factories.learning import NOON, Player, enrolled, leased
from tests.factories.ledger import learner
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


def player(seconds: int = 600, *, kind=video, now=NOON, person=None) -> Player:
    lesson = video(seconds) if kind is video else reading(seconds // 60)
    release = released_course(class_hours="0.5", lessons=[lesson])
    return Player(leased(enrolled(person, release, now=now), now=now))


def credited(of: Player) -> int:
    return LessonProgress.objects.get(enrolment=of.lease.enrolment, lesson=of.lease.lesson).credited_ms


def test_honest_playing_is_credited_in_full():
    learner_ = player()
    answer = learner_.play(60)
    assert answer.covered_ms == credited(learner_) == 60_000
    assert answer.refused == ""


@pytest.mark.parametrize(
    ("played", "after", "most"),
    [
        pytest.param([(0, 600_000)], 15, 22_500, id="seek to the end: elapsed times the rate at most"),
        pytest.param([(585_000, 600_000)], 1, 1_500, id="a second pays for a second and a half"),
        pytest.param([(0, 600_000)], 0, 0, id="no time passed"),
        pytest.param([(0, 600_000)], -3_600, 0, id="a server clock that goes back"),
        pytest.param([(0, 600_000)], 7_200, 45_000, id="after a long silence the grace pays, no more"),
        pytest.param([(15_000, 0)], 15, 0, id="backwards"),
        pytest.param([(700_000, 800_000)], 15, 0, id="beyond the recording"),
        pytest.param([(0, 10_000), (0, 10_000), (0, 10_000)], 15, 10_000, id="the same stretch three times"),
    ],
)
def test_edited_seconds_earn_no_more_than_time_passed(played, after, most):
    cheat = player()
    assert cheat.say(*played, after=after).credited_ms == most
    assert credited(cheat) == most


def test_reading_is_paid_second_by_second():
    reader = player(kind=reading)
    assert reader.say((0, 60_000), after=15).credited_ms == 15_000


def test_watching_again_earns_nothing():
    again = player()
    again.play(30)
    answer = again.say((0, 15_000))
    assert (answer.credited_ms, answer.refused) == (0, "nothing_new")


def test_a_hidden_page_earns_nothing():
    answer = player().say((0, 15_000), visible=False)
    assert (answer.credited_ms, answer.refused) == (0, "hidden")


def test_a_replayed_heartbeat_changes_nothing_and_is_answered():
    honest = player()
    first = honest.say((0, 15_000))
    honest.sequence -= 1
    again = honest.say((0, 600_000), after=600)
    assert (again.credited_ms, again.refused, again.covered_ms) == (0, "replayed", 15_000)
    assert again.nonce == first.nonce
    assert Heartbeat.objects.count() == 1
    # The client that lost the answer goes on where it was; the time in between was not spent by the replay.
    assert honest.say((15_000, 30_000), after=15).credited_ms == 15_000


def test_a_replay_tells_the_nonce_only_to_whoever_had_it_or_the_one_before():
    honest = player()
    opening = honest.nonce
    honest.say((0, 15_000))
    honest.sequence = 0
    assert honest.say((0, 15_000), nonce=opening).nonce == honest.nonce
    honest.sequence = 0
    assert honest.say((0, 15_000), nonce="guessed").nonce == ""


def test_a_heartbeat_overtaken_by_a_later_one_is_kept_as_evidence_and_worth_nothing():
    hasty = player()
    hasty.sequence = 4
    hasty.say((0, 15_000))
    late = hasty.say((15_000, 30_000), sequence=2, after=3_600)
    assert (late.credited_ms, late.refused) == (0, "reordered")
    assert set(Heartbeat.objects.values_list("sequence", "refused")) == {(5, ""), (2, "reordered")}


def test_a_forged_nonce_ends_the_lease_and_is_on_record():
    forger = player()
    forger.say((0, 15_000))
    answer = forger.say((15_000, 30_000), nonce="guessed")
    assert (answer.credited_ms, answer.refused, answer.nonce) == (0, "forged", "")
    forger.lease.refresh_from_db()
    assert forger.lease.end_reason == "forged"
    assert forger.say((15_000, 30_000)).refused == "lease_ended"
    assert credited(forger) == 15_000
    assert AuditEvent.objects.filter(verb="lease.forged").count() == 1


def test_a_nonce_serves_once():
    honest = player()
    old = honest.nonce
    honest.say((0, 15_000))
    assert honest.say((15_000, 30_000), nonce=old).refused == "forged"


def test_a_closing_page_may_carry_the_nonce_before():
    closing = player()
    old = closing.nonce
    closing.say((0, 15_000))
    answer = closing.say((0, 30_000), nonce=old, parting=True)
    assert (answer.refused, answer.credited_ms) == ("", 15_000)


def test_the_daily_cap_stops_at_the_cap_and_begins_anew_at_midnight(settings):
    late = NOON.replace(hour=23, minute=50)
    busy = player(36_000, now=late)
    busy.lease.pace = {**busy.lease.pace, "daily_cap_minutes": 1}
    busy.lease.save()
    busy.play(60)
    refused = busy.say((60_000, 75_000))
    assert (refused.credited_ms, refused.refused) == (0, "daily_cap")
    busy.now = late.replace(hour=23, minute=59, second=50)
    assert busy.say((60_000, 75_000), after=5).credited_ms == 0
    assert busy.say((60_000, 75_000), after=15).credited_ms == 15_000  # ten seconds into the new day


def test_the_cap_counts_all_lessons_and_devices_of_the_day():
    person = learner()
    first = player(600, person=person)
    first.play(60)
    second = Player(
        leased(
            enrolled(person, released_course(class_hours="0.5", lessons=[video(600)]), now=first.now),
            device="tablet",
            take_over=True,
            now=first.now,
        )
    )
    second.lease.pace = {**second.lease.pace, "daily_cap_minutes": 1}
    second.lease.save()
    assert second.say((0, 15_000)).refused == "daily_cap"


@pytest.mark.parametrize(
    "changed",
    [
        {"sequence": 0},
        {"sequence": "1"},
        {"sequence": True},
        {"sequence": 10**12},
        {"played": [(0, 15.5)]},
        {"played": [(-1, 5)]},
        {"played": [(0,)]},
        {"played": [(0, 1)] * 301},
        {"position_ms": -5},
        {"position_ms": None},
    ],
)
def test_what_is_no_heartbeat_is_refused_and_not_stored(changed):
    with pytest.raises(Invalid) as refusal:
        player().say((0, 1), **changed)
    assert refusal.value.code == "not_a_heartbeat"
    assert not Heartbeat.objects.exists()


def test_another_persons_lease_does_not_exist():
    victim = player()
    with pytest.raises(NotFound):
        victim.say((0, 15_000), person=learner(name="另一人"))
    with pytest.raises(NotFound):
        beat(
            lease_id=uuid.uuid4(),
            person=victim.lease.person,
            sequence=1,
            nonce="",
            played=[],
            visible=True,
            position_ms=0,
            now=NOON,
        )


def test_resume_is_to_the_second():
    honest = player()
    honest.say((0, 12_345), position_ms=12_345)
    progress = LessonProgress.objects.get()
    assert progress.position_ms == 12_345


def test_replaying_the_rows_gives_what_was_credited():
    mixed = player()
    mixed.play(45)
    mixed.say((0, 600_000), after=10)
    mixed.say((100_000, 115_000), visible=False)
    mixed.say((100_000, 112_000), after=200)
    mixed.sequence -= 1
    mixed.say((0, 1))
    again = Player(leased(mixed.lease.enrolment, device="tablet", take_over=True, now=mixed.now + timedelta(hours=1)))
    again.say((300_000, 330_000), after=20)
    runs = runs_of([mixed.lease.enrolment_id])[mixed.lease.enrolment_id, mixed.lease.lesson_id]
    covered = replayed(runs, media_ms=mixed.lease.lesson.seconds * 1000)
    assert covered.pairs() == LessonProgress.objects.get().covered
    assert covered.covered() == sum(Heartbeat.objects.values_list("credited_ms", flat=True))


def test_a_heartbeat_costs_no_more_than_it_must(client, django_assert_num_queries):
    """Session, account, roles; what the lease is about; the row, and the two it moved, at once where that can be."""
    written = 1 if connection.vendor == "postgresql" else 3
    packs_loaded()
    user = people.practitioner(now=NOON)
    one = player(person=user.person)
    client.force_login(user)
    address = reverse("learning:beat", args=[one.lease.pk])
    body = {"nonce": one.nonce, "played": [[0, 15_000]], "visible": True, "position_ms": 0}
    for sequence in (1, 2):
        with django_assert_num_queries(4 + written + 2):  # a test's transaction is a savepoint
            answer = client.post(address, json.dumps({**body, "sequence": sequence}), content_type="application/json")
        assert answer.status_code == 200
        body["nonce"] = answer.json()["nonce"]


@pytest.mark.parametrize(
    "body", ["[" * 30_000, '{"played":' * 3_000, '{"sequence": ' + "9" * 5_000 + "}", "x" * 40_000]
)
def test_what_can_not_be_read_is_a_problem_and_no_fault_of_the_server(client, body):
    packs_loaded()
    user = people.practitioner(now=NOON)
    one = player(person=user.person)
    client.force_login(user)
    answer = client.post(reverse("learning:beat", args=[one.lease.pk]), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
