"""``clear_flag`` and ``void_flag``: one officer decides once, with a reason; voiding takes back all that rests on it."""

import threading
import time
from datetime import datetime

import pytest
from django.db import connections, transaction

from certificates.models import Certificate
from certificates.services import issue_course_certificate, validity
from courses.learning.models import AnomalyFlag, Enrolment, FlagDecision
from courses.learning.services import appeal_flag, clear_flag, complete_lesson, enrol, open_lease, void_flag, withdraw
from lms.audit.models import AuditEvent
from lms.ledger.models import HourEntry
from lms.ledger.reconcile import Reconciled, reconcile
from lms.ledger.services import standing
from lms.people.models import Letter, Message
from lms.xapi.models import Statement
from tests.factories import people, registry
from tests.factories.catalogue import reading, released_course
from tests.factories.certificates import refused
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased, passed
from tests.factories.ledger import learner
from tests.factories.policy import packs_loaded
from tests.factories.reviews import LATER, approver, auditor, flagged, flagged_pass, of_themselves, voided

pytestmark = pytest.mark.django_db


def drift() -> list[str]:
    return [one.code for one in reconcile(Reconciled())]


def state_of(flag: AnomalyFlag) -> str:
    return AnomalyFlag.objects.with_state().get(pk=flag.pk).state


def test_clearing_changes_nothing_for_the_person() -> None:
    flag = flagged_pass()
    decision = clear_flag(flag=flag, reason="网络稳定，间隔相近属正常", actor=people.acting(auditor()), now=LATER)
    assert (decision.number, decision.decision, state_of(flag)) == (1, "cleared", "cleared")
    assert decision.by_label == "310000 人力资源社会保障部门"
    flag.enrolment.refresh_from_db()
    assert flag.enrolment.state == "passed"
    assert flag.enrolment.person.hour_entries.standing_credits().count() == 1
    event = AuditEvent.objects.get(verb="flag.cleared")
    assert (event.person_id, event.reason) == (flag.enrolment.person_id, "网络稳定，间隔相近属正常")
    assert not Message.objects.filter(code__startswith="flag_").exists()


def test_voiding_takes_back_state_hours_certificate_and_statement() -> None:
    flag = flagged_pass()
    person = flag.enrolment.person
    certificate = Certificate.objects.get(enrolment_id=flag.enrolment_id)
    assert validity(certificate, LATER.date()).is_valid
    decision = void_flag(flag=flag, reason=" 心跳由程序发出 ", actor=people.acting(auditor()), now=LATER)
    flag.enrolment.refresh_from_db()
    assert flag.enrolment.state == "voided"
    assert flag.enrolment.states.order_by("-number")[0].reason == "心跳由程序发出"
    credit, reversal = person.hour_entries.order_by("number")
    assert (reversal.kind, reversal.reverses_id, reversal.reason) == ("reversal", credit.pk, "心跳由程序发出")
    assert standing(person=person, year=2026, on=LATER.date()).lines[0].earned_minutes == 0
    told = validity(certificate, LATER.date())
    assert (told.code, told.authority) == ("course_voided", "310000 人力资源社会保障部门")
    verbs = Statement.objects.filter(registration=flag.enrolment_id, verb__endswith="/voided")
    taken_back = {row.data["object"]["id"] for row in verbs}
    assert taken_back == {
        str(pk)
        for pk in Statement.objects.filter(
            registration=flag.enrolment_id, activity__endswith=f"/releases/{flag.enrolment.release_id}"
        ).values_list("pk", flat=True)
    }
    assert len(taken_back) == 2
    message = Message.objects.get(user=person.user, code="flag_voided")
    assert message.urgent
    assert Letter.objects.filter(message=message).exists() is bool(person.user.email)
    for word in ("心跳由程序发出", str(decision.appeal_until), "45 分钟", "310000 人力资源社会保障部门"):
        assert word in message.body
    assert drift() == []


def test_the_last_day_of_the_appeal_is_fixed_by_the_policy_on_the_local_day() -> None:
    flag = flagged_pass()
    late = datetime.fromisoformat("2026-12-31T16:00:00+00:00")  # New Year's midnight in Shanghai
    decision = void_flag(flag=flag, reason="代学", actor=people.acting(auditor()), now=late)
    assert decision.appeal_until is not None
    days = (decision.appeal_until - datetime(2027, 1, 1).date()).days
    from lms.policy.services import pack_in_force

    assert days == pack_in_force("310115", datetime(2027, 1, 1).date()).review.appeal_days


@pytest.mark.parametrize("verb", [clear_flag, void_flag])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_asked_for(verb, reason) -> None:
    with refused("reason_required"):
        verb(flag=flagged_pass(), reason=reason, actor=people.acting(auditor()), now=LATER)


def test_a_reason_has_an_end() -> None:
    flag = flagged_pass()
    with refused("reason_too_long", "1000"):
        void_flag(flag=flag, reason="长" * 1001, actor=people.acting(auditor()), now=LATER)
    void_flag(flag=flag, reason="长" * 1000, actor=people.acting(auditor()), now=LATER)
    assert flag.enrolment.person.hour_entries.get(kind="reversal").reason == "长" * 300


@pytest.mark.parametrize("verb", [clear_flag, void_flag])
def test_decided_once(verb) -> None:
    flag = voided(flagged_pass())
    with refused("decided_already", "学时作废"):
        verb(flag=flag, reason="再看一次", actor=people.acting(auditor()), now=LATER)
    assert flag.enrolment.person.hour_entries.filter(kind="reversal").count() == 1


@pytest.mark.parametrize("role", ["bureau_approver", "registrar", "administrator"])
def test_only_an_auditor_decides(role) -> None:
    with refused("role_required"):
        void_flag(flag=flagged_pass(), reason="代学", actor=people.acting(people.officer(role)), now=LATER)


def test_a_job_decides_nothing() -> None:
    with refused("officer_required"):
        void_flag(flag=flagged_pass(), reason="代学", actor=SYSTEM, now=LATER)


@pytest.mark.parametrize("verb", [clear_flag, void_flag])
def test_another_regions_flag_is_unknown_and_nothing_is_touched(verb) -> None:
    flag = flagged_pass()
    lease = leased(flag.enrolment, now=LATER)
    with refused("flag_unknown"):
        verb(flag=flag, reason="代学", actor=people.acting(auditor(people.BEIJING)), now=LATER)
    lease.refresh_from_db()
    assert lease.ended_at is None
    assert not FlagDecision.objects.exists()


def test_nobody_decides_about_themselves() -> None:
    flag = flagged_pass()
    officer = of_themselves(auditor(), flag.enrolment.person)
    with refused("own_case"):
        clear_flag(flag=flag, reason="没有问题", actor=people.acting(officer), now=LATER)


def test_a_running_course_is_stopped_at_once() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person, released_course(lessons=[reading(30), reading(30)]))
    player = Player(leased(enrolment))
    player.play(60)
    flag = flagged(enrolment)
    void_flag(flag=flag, reason="代学", actor=people.acting(auditor()), now=player.now)
    enrolment.refresh_from_db()
    assert enrolment.state == "voided"
    assert player.say((60_000, 75_000)).refused == "lease_ended"
    with refused("not_running"):
        open_lease(
            enrolment=enrolment,
            lesson=enrolment.release.lessons.first(),
            device="phone",
            device_label="",
            address="",
            take_over=True,
            actor=SYSTEM,
            now=player.now,
        )
    with refused("enrolment_closed"):
        enrol(person=enrolment.person, release=enrolment.release, actor=SYSTEM, now=player.now)
    message = Message.objects.get(user=enrolment.person.user, code="flag_voided")
    assert "冲销" not in message.body


def test_a_course_left_behind_can_be_void_too() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person)
    withdraw(enrolment=enrolment, reason="", actor=SYSTEM, now=NOON)
    voided(flagged(enrolment))
    enrolment.refresh_from_db()
    assert enrolment.state == "voided"
    with refused("enrolment_closed"):
        enrol(person=enrolment.person, release=enrolment.release, actor=SYSTEM, now=LATER)


def test_of_several_flags_one_voids_and_the_others_wait() -> None:
    first = flagged_pass()
    second = flagged(first.enrolment, "overnight_run", minutes=200)
    assert set(AnomalyFlag.objects.in_state("open")) == {first, second}
    voided(first)
    assert not AnomalyFlag.objects.in_state("open").exists()
    with refused("voided_already"):
        void_flag(flag=second, reason="代学", actor=people.acting(auditor()), now=LATER)
    clear_flag(flag=second, reason="夜班", actor=people.acting(auditor()), now=LATER)
    assert first.enrolment.person.hour_entries.filter(kind="reversal").count() == 1


def test_a_course_that_counted_no_hours_is_void_all_the_same() -> None:
    """The certificate rests on the course, not on the entry."""
    flag = flagged_pass()
    enrolment = flag.enrolment
    from lms.ledger.services import reverse_entry

    reverse_entry(entry=enrolment.person.hour_entries.get(), reason="重复", actor=SYSTEM, now=LATER)
    voided(flag)
    assert enrolment.person.hour_entries.filter(kind="reversal").count() == 1
    certificate = Certificate.objects.get(enrolment_id=enrolment.pk)
    assert validity(certificate, LATER.date()).code == "course_voided"
    assert issue_course_certificate(enrolment=enrolment, actor=SYSTEM, now=LATER) == certificate


def test_a_barred_persons_course_can_be_void() -> None:
    flag = flagged_pass()
    registry.case_in_force(flag.enrolment.person, now=NOON)
    voided(flag)
    assert drift() == []


def test_the_heaviest_case_comes_first_and_the_oldest_among_equals() -> None:
    light = flagged_pass(code="overnight_run")
    older = flagged_pass(code="shared_device")
    heavy = flagged_pass(code="shared_device", now=NOON)
    flagged(heavy.enrolment, "identical_spacing")
    found = list(AnomalyFlag.objects.filter(pk__in=[light.pk, older.pk, heavy.pk]).by_risk())
    assert found == [heavy, older, light]
    assert found[0].weight == 8


def test_who_sees_flags() -> None:
    flag = flagged_pass()
    own = people.acting(flag.enrolment.person.user)
    seen = {
        "auditor": auditor(),
        "approver": approver(),
        "elsewhere": auditor(people.BEIJING),
        "health": people.officer("registrar"),
        "administrator": people.officer("administrator"),
    }
    found = {name: AnomalyFlag.objects.visible_to(people.acting(user)).count() for name, user in seen.items()}
    assert found == {"auditor": 1, "approver": 1, "elsewhere": 0, "health": 0, "administrator": 0}
    assert AnomalyFlag.objects.visible_to(own).count() == 1
    with refused("role_required"):
        clear_flag(flag=flag, reason="没有问题", actor=own, now=LATER)
    with refused("nothing_to_appeal"):
        appeal_flag(flag=flag, text="没有问题", actor=own, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_decides() -> None:
    flag = flagged_pass()
    officers = [people.acting(auditor()), people.acting(auditor())]
    start, told = threading.Barrier(2, timeout=20), []

    def work(actor) -> None:
        try:
            start.wait()
            told.append(void_flag(flag=flag, reason="代学", actor=actor, now=LATER).decision)
        except Exception as error:  # noqa: BLE001
            told.append(getattr(error, "code", repr(error)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=[actor]) for actor in officers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) in (["decided_already", "voided"], ["decided_meanwhile", "voided"])
    assert Enrolment.objects.get(pk=flag.enrolment_id).states.filter(state="voided").count() == 1
    assert flag.enrolment.person.hour_entries.filter(kind="reversal").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_course_completed_while_the_officer_waits_is_void_whole() -> None:
    """The last quiz is graded in the moment of the decision: hours, certificate and statements all go."""
    packs_loaded()
    enrolment = enrolled(learner())
    flag, officer = flagged(enrolment), people.acting(auditor())
    halfway, errors = threading.Event(), []

    def complete() -> None:
        try:
            with transaction.atomic():
                Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
                halfway.set()
                time.sleep(1)
                for lesson in enrolment.release.lessons.all():
                    terms = {"evidence_kind": "heartbeats", "evidence": {}, "actor": SYSTEM, "now": NOON}
                    complete_lesson(enrolment=enrolment, lesson=lesson, **terms)
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            halfway.set()
            connections.close_all()

    worker = threading.Thread(target=complete)
    worker.start()
    assert halfway.wait(20)
    void_flag(flag=flag, reason="代学", actor=officer, now=LATER)
    worker.join()
    assert errors == []
    assert Enrolment.objects.get(pk=enrolment.pk).state == "voided"
    assert not HourEntry.objects.standing_credits().exists()
    assert Statement.objects.filter(verb__endswith="voided").count() == 2


def test_two_courses_of_one_person_are_apart() -> None:
    flag = flagged_pass()
    other = passed(
        flag.enrolment.person,
        released_course(class_hours=1, lessons=[reading(1)]),
        now=datetime.fromisoformat("2026-06-15T15:00:00+08:00"),
    )
    voided(flag)
    other.refresh_from_db()
    assert other.state == "passed"
    assert flag.enrolment.person.hour_entries.standing_credits().count() == 1
