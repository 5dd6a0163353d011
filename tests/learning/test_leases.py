"""One active lease per person, anywhere."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections

from courses.learning.models import Enrolment, Lease
from courses.learning.services import close_lease, expire_leases, open_lease, resume_lease, withdraw
from lms.audit.actors import Actor
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.xapi.models import Statement
from tests.factories.assessment import paper
from tests.factories.catalogue import quiz, released_course, video
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased
from tests.factories.ledger import learner


def two_lessons():
    return released_course(class_hours="0.5", lessons=[video(900), video(900, title="第二课")])


@pytest.mark.django_db
def test_the_first_lease_begins_the_course():
    enrolment = enrolled()
    lease = leased(enrolment)
    enrolment.refresh_from_db()
    assert enrolment.state == "in_progress"
    assert lease.pace["grace_ms"] > 0
    assert Statement.objects.filter(verb__endswith="initialized").count() == 1
    close_lease(lease_id=lease.pk, actor=SYSTEM, now=NOON)
    leased(enrolment, now=NOON + timedelta(hours=1))
    assert Statement.objects.filter(verb__endswith="initialized").count() == 1


@pytest.mark.django_db
def test_a_second_device_is_refused_and_may_take_over():
    enrolment = enrolled(release=two_lessons())
    first = leased(enrolment, device="phone")
    with pytest.raises(Conflict) as refusal:
        leased(enrolment, device="tablet", now=NOON + timedelta(seconds=20))
    assert refusal.value.code == "lease_elsewhere"
    assert refusal.value.params["device"] == "phone"
    second = leased(enrolment, device="tablet", take_over=True, now=NOON + timedelta(seconds=20))
    first.refresh_from_db()
    assert (first.end_reason, second.ended_at) == ("taken_over", None)
    answer = Player(first).say((0, 15_000))
    assert (answer.refused, answer.end_reason, answer.credited_ms) == ("lease_ended", "taken_over", 0)


@pytest.mark.django_db
def test_the_same_device_replaces_its_own_lease():
    enrolment = enrolled(release=two_lessons())
    first, second = leased(enrolment), leased(enrolment)
    first.refresh_from_db()
    assert (first.end_reason, second.ended_at) == ("replaced", None)


@pytest.mark.django_db
def test_a_silent_lease_makes_room_without_asking():
    enrolment = enrolled(release=two_lessons())
    first = leased(enrolment, device="phone")
    leased(enrolment, device="tablet", now=NOON + timedelta(minutes=10))
    first.refresh_from_db()
    assert first.end_reason == "expired"


@pytest.mark.django_db
def test_the_sweep_ends_silent_leases_only():
    quiet, loud = leased(enrolled(learner())), leased(enrolled(learner(name="又一人")), now=NOON + timedelta(minutes=9))
    assert expire_leases(now=NOON + timedelta(minutes=10)) == 1
    assert expire_leases(now=NOON + timedelta(minutes=10)) == 0
    quiet.refresh_from_db()
    loud.refresh_from_db()
    assert (quiet.end_reason, loud.end_reason) == ("expired", "")


@pytest.mark.django_db
def test_opening_and_closing_over_and_over_gains_no_time():
    enrolment = enrolled(release=two_lessons())
    gained, now = 0, NOON
    for _turn in range(20):
        cheat = Player(leased(enrolment, device="phone", now=now))
        gained += cheat.say((0, 900_000), after=1).credited_ms
        now = cheat.now
        close_lease(lease_id=cheat.lease.pk, actor=SYSTEM, now=now)
    assert gained <= (now - NOON).total_seconds() * 1500


@pytest.mark.django_db
def test_closing_twice_is_once_and_tells_what_was_played():
    player = Player(leased(enrolled(release=two_lessons())))
    player.play(30)
    for _time in range(2):
        close_lease(lease_id=player.lease.pk, actor=SYSTEM, now=player.now)
    assert Statement.objects.filter(verb__endswith="played").count() == 1


@pytest.mark.django_db
def test_not_ones_own_not_of_this_course_not_playable():
    enrolment = enrolled(release=released_course(class_hours="0.5", lessons=[video(900), quiz(paper(2))]))
    other = Actor(kind="user", label="other", person_id=learner(name="另一人").pk)
    common = {"device": "d", "device_label": "", "address": "", "take_over": False, "now": NOON}
    first, second = enrolment.release.lessons.order_by("position")
    with pytest.raises(NotFound):
        open_lease(enrolment=enrolment, lesson=first, actor=other, **common)
    with pytest.raises(NotFound):
        open_lease(enrolment=enrolment, lesson=two_lessons().lessons.first(), actor=SYSTEM, **common)
    with pytest.raises(Invalid) as refusal:
        open_lease(enrolment=enrolment, lesson=second, actor=SYSTEM, **common)
    assert refusal.value.code == "not_playable"
    lease = leased(enrolment)
    with pytest.raises(NotFound):
        close_lease(lease_id=lease.pk, actor=other, now=NOON)


@pytest.mark.django_db
def test_the_database_holds_one_active_lease():
    lease = leased(enrolled())
    lease.pk, lease._state.adding = None, True
    from lms.audit.keys import new_id

    lease.pk = new_id()
    with pytest.raises(IntegrityError):
        lease.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_the_same_moment_one_lease():
    enrolment = enrolled(release=two_lessons())
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def open_on(device: str) -> None:
        try:
            ready.wait(10)
            leased(enrolment, device=device)
            outcomes.append("open")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_on, args=[device]) for device in ("phone", "tablet")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["lease_elsewhere", "open"], connection.vendor
    assert Lease.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_completing_heartbeat_twice_at_once_makes_one_hour_entry():
    from courses.learning.models import CourseCompletion
    from courses.learning.services import beat
    from lms.ledger.models import HourEntry

    player = Player(leased(enrolled(release=released_course(class_hours="0.5", lessons=[video(60)]))))
    player.play(45)
    ready = threading.Barrier(2)
    answers = []

    def finish() -> None:
        try:
            ready.wait(10)
            answers.append(
                beat(
                    lease_id=player.lease.pk,
                    person=player.lease.person,
                    sequence=player.sequence + 1,
                    nonce=player.nonce,
                    played=[(45_000, 60_000)],
                    visible=True,
                    position_ms=60_000,
                    now=player.now + timedelta(seconds=15),
                )
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=finish) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.credited_ms for answer in answers) == [0, 15_000]
    assert CourseCompletion.objects.count() == HourEntry.objects.count() == 1


def resumed(player: Player, *, nonce: str | None = None, device: str = "phone", now: datetime | None = None):
    return resume_lease(
        lease_id=player.lease.pk,
        nonce=player.nonce if nonce is None else nonce,
        enrolment=player.lease.enrolment,
        lesson=player.lease.lesson,
        device=device,
        actor=SYSTEM,
        now=now or player.now,
    )


def silent(seconds: int = 180, enrolment: Enrolment | None = None) -> Player:
    """Somebody who had learned for half a minute when the network went away, and is back so much later."""
    player = Player(leased(enrolment or enrolled(release=two_lessons())))
    player.play(30)
    player.now += timedelta(seconds=seconds)
    expire_leases(now=player.now)
    return player


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "played"), [(30, 30), (45, 45), (180, 45), (7200, 45)])
def test_an_outage_costs_what_is_beyond_the_grace(seconds, played):
    player = silent(seconds)
    lease = resumed(player)
    assert lease is not None
    assert (lease.pk, lease.ended_at, lease.end_reason) == (player.lease.pk, None, "")
    assert lease.nonce != player.nonce
    assert lease.look_at > player.now
    player.nonce = lease.nonce
    answer = player.say((30_000, 30_000 + played * 1000), after=0.5)
    assert (answer.credited_ms, answer.refused) == (played * 1000, "")
    assert player.play(15).credited_ms == 15_000


@pytest.mark.django_db
def test_more_than_the_grace_is_not_played_for_credit():
    player = silent(180)
    player.nonce = resumed(player).nonce
    answer = player.say((30_000, 210_000))
    assert (answer.credited_ms, answer.refused) == (45_000, "gap")


@pytest.mark.django_db
def test_resuming_again_after_a_lost_answer():
    player = silent()
    first = resumed(player)
    second = resumed(player)
    assert first.pk == second.pk
    assert second.nonce not in {first.nonce, player.nonce}
    assert resumed(player, nonce=first.nonce) is None, "neither the one in force nor the one before"


@pytest.mark.django_db
def test_a_lease_that_was_never_silent_may_be_gone_on_with():
    player = silent(5)
    assert resumed(player).ended_at is None


@pytest.mark.django_db
def test_what_can_not_be_gone_on_with():
    player = silent()
    assert resumed(player, nonce="guessed") is None
    assert resumed(player, nonce="") is None
    assert resumed(player, device="tablet") is None
    stranger = silent(enrolment=enrolled(learner(name="另一人"), two_lessons()))
    stranger.lease.pk = player.lease.pk
    assert resumed(stranger) is None
    Lease.objects.filter(pk=player.lease.pk).update(pace={**player.lease.pace, "max_rate": "4"})
    assert resumed(player) is None, "another policy is in force"


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["closed", "replaced", "taken_over", "stopped", "forged"])
def test_a_lease_ended_otherwise_stays_ended(reason):
    player = silent()
    Lease.objects.filter(pk=player.lease.pk).update(end_reason=reason)
    assert resumed(player) is None


@pytest.mark.django_db
def test_who_learned_elsewhere_meanwhile_opens_anew():
    player = silent(600)
    other = Player(leased(player.lease.enrolment, device="tablet", now=player.now))
    close_lease(lease_id=other.lease.pk, actor=SYSTEM, now=other.now)
    assert resumed(player) is None


@pytest.mark.django_db
def test_another_device_that_was_quicker_by_a_moment_is_first(monkeypatch):
    """Both waited for the same row: the one that resumes still believes it to be the last."""
    player = silent()
    seen = Lease.objects.select_related("lesson", "person").get(pk=player.lease.pk)
    other = leased(player.lease.enrolment, device="tablet", now=player.now)
    monkeypatch.setattr("courses.learning.services.leases._last_lease", lambda person_id: seen)
    assert resumed(player) is None
    assert list(Lease.objects.filter(ended_at=None)) == [other]
    assert Lease.objects.get(pk=player.lease.pk).nonce == player.nonce


@pytest.mark.django_db
def test_who_left_the_course_or_is_barred_does_not_go_on():
    player = silent()
    withdraw(enrolment=player.lease.enrolment, reason="", actor=SYSTEM, now=player.now)
    assert resumed(player) is None


@pytest.mark.django_db
def test_a_resumed_lease_tells_what_was_played_only_once():
    player = silent()
    player.nonce = resumed(player).nonce
    player.play(15)
    close_lease(lease_id=player.lease.pk, actor=SYSTEM, now=player.now)
    told = Statement.objects.filter(verb__endswith="played").order_by("timestamp")
    assert [one.data["result"]["duration"] for one in told] == ["PT30S", "PT15S"]
