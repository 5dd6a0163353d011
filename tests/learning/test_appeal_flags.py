"""``appeal_flag`` and ``decide_appeal``: once, in time, by oneself; another officer upholds, or gives everything back."""

import threading
from datetime import datetime, time, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from certificates.models import Certificate
from certificates.services import validity
from courses.learning.models import FlagDecision
from courses.learning.services import appeal_flag, clear_flag, decide_appeal, enrol, void_flag, withdraw
from lms.audit.models import AuditEvent
from lms.ledger.models import HourEntry, YearStanding
from lms.ledger.reconcile import Reconciled, reconcile
from lms.ledger.services import close_year, closing, standing
from lms.people.models import Message
from lms.people.services import grant_role
from lms.xapi.models import Statement
from tests.factories import people, registry
from tests.factories.catalogue import reading, released_course
from tests.factories.certificates import refused
from tests.factories.learning import NOON, SYSTEM, Player, enrolled, leased, passed
from tests.factories.policy import packs_loaded
from tests.factories.reviews import (
    LATER,
    appealed,
    approver,
    auditor,
    flagged,
    flagged_pass,
    of_themselves,
    overturned,
    voided,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def drift() -> list[str]:
    return [one.code for one in reconcile(Reconciled())]


def owner(flag):
    return people.acting(flag.enrolment.person.user)


def skills(person, year: int = 2026) -> int:
    return standing(person=person, year=year, on=datetime(year, 12, 31).date()).lines[0].earned_minutes


# appeal ----------------------------------------------------------------------------------------------------------------


def test_an_appeal_is_kept_and_the_approvers_are_told() -> None:
    officer = approver()
    flag = voided(flagged_pass())
    decision = appeal_flag(flag=flag, text=" 当时是我本人在看 ", actor=owner(flag), now=LATER + DAY)
    assert (decision.number, decision.decision, decision.reason) == (2, "appealed", "当时是我本人在看")
    assert decision.by_label == flag.enrolment.person.name
    message = Message.objects.get(user=officer, code="flag_appealed")
    assert message.url == f"/learn/reviews/{flag.pk}/"
    assert AuditEvent.objects.get(verb="flag.appealed").person_id == flag.enrolment.person_id
    flag.enrolment.refresh_from_db()
    assert flag.enrolment.state == "voided"


def test_it_is_written_once() -> None:
    flag = appealed(flagged_pass())
    with refused("appealed_already", "已申诉"):
        appeal_flag(flag=flag, text="再说一次", actor=owner(flag), now=LATER + DAY)


def test_the_last_day_counts_whole_and_the_next_is_late() -> None:
    flag = voided(flagged_pass())
    until = flag.decisions.get().appeal_until
    last_second = timezone.make_aware(datetime.combine(until, time(23, 59, 59)))
    with refused("appeal_late", until.isoformat()):
        appeal_flag(flag=flag, text="是我", actor=owner(flag), now=last_second + timedelta(seconds=1))
    assert appeal_flag(flag=flag, text="是我", actor=owner(flag), now=last_second).number == 2


@pytest.mark.parametrize(
    ("text", "code"), [("", "reason_required"), (" \n ", "reason_required"), ("长" * 1001, "reason_too_long")]
)
def test_it_needs_words_that_fit(text, code) -> None:
    flag = voided(flagged_pass())
    with refused(code):
        appeal_flag(flag=flag, text=text, actor=owner(flag), now=LATER)


def test_anothers_flag_is_unknown() -> None:
    flag = voided(flagged_pass())
    for actor in (people.acting(people.practitioner()), people.acting(auditor()), people.acting(approver())):
        with refused("flag_unknown"):
            appeal_flag(flag=flag, text="是我", actor=actor, now=LATER)


def test_nothing_to_appeal_before_a_decision_or_after_clearing() -> None:
    flag = flagged_pass()
    with refused("nothing_to_appeal"):
        appeal_flag(flag=flag, text="是我", actor=owner(flag), now=LATER)
    clear_flag(flag=flag, reason="没有问题", actor=people.acting(auditor()), now=LATER)
    with refused("nothing_to_appeal"):
        appeal_flag(flag=flag, text="是我", actor=owner(flag), now=LATER)


def test_an_officer_appeals_for_themselves_in_whichever_role() -> None:
    flag = voided(flagged_pass())
    officer = of_themselves(auditor(people.BEIJING), flag.enrolment.person)
    assert appeal_flag(flag=flag, text="是我", actor=people.acting(officer), now=LATER).decision == "appealed"


# the decision ------------------------------------------------------------------------------------------------------------


def test_upholding_changes_nothing_and_says_why() -> None:
    flag = appealed(flagged_pass())
    decide_appeal(flag=flag, overturn=False, reason="录像中无人", actor=people.acting(approver()), now=LATER + 2 * DAY)
    flag.enrolment.refresh_from_db()
    assert flag.enrolment.state == "voided"
    assert not flag.enrolment.person.hour_entries.standing_credits().exists()
    assert "录像中无人" in Message.objects.get(user=flag.enrolment.person.user, code="flag_upheld").body
    with refused("appealed_already", "维持作废"):
        appeal_flag(flag=flag, text="再说一次", actor=owner(flag), now=LATER + 3 * DAY)


def test_overturning_gives_back_hours_state_certificate_and_statements() -> None:
    flag = flagged_pass()
    person, before = flag.enrolment.person, skills(flag.enrolment.person)
    first = person.hour_entries.get()
    certificate = Certificate.objects.get(enrolment_id=flag.enrolment_id)
    overturned(flag)
    flag.enrolment.refresh_from_db()
    assert [row.state for row in flag.enrolment.states.order_by("number")][-2:] == ["voided", "passed"]
    again = person.hour_entries.standing_credits().get()
    decision = FlagDecision.objects.get(flag=flag, decision="overturned")
    assert (again.evidence_kind, again.evidence_id) == ("appeal_decision", decision.pk)
    assert (again.on, again.year, again.minutes, again.course_id) == (
        first.on,
        first.year,
        first.minutes,
        first.course_id,
    )
    assert skills(person) == before == 45
    assert validity(certificate, (LATER + 6 * DAY).date()).is_valid
    told = Statement.objects.filter(registration=flag.enrolment_id, verb__endswith="/passed")
    assert told.count() == 2
    message = Message.objects.get(user=person.user, code="flag_overturned")
    assert "45 分钟" in message.body
    assert drift() == []


def test_hours_given_back_in_the_new_year_count_in_the_old() -> None:
    flag = flagged_pass(now=datetime.fromisoformat("2026-12-31T22:00:00+08:00"))
    person = flag.enrolment.person
    new_year = datetime.fromisoformat("2027-01-05T09:00:00+08:00")
    voided(flag, now=new_year)
    appeal_flag(flag=flag, text="是我", actor=owner(flag), now=new_year + DAY)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=new_year + 2 * DAY)
    assert person.hour_entries.standing_credits().get().year == 2026
    assert skills(person) == 45
    assert drift() == []


def test_a_later_change_of_the_decision_or_of_the_evidence_is_drift() -> None:
    flag = overturned(flagged_pass())
    entry = flag.enrolment.person.hour_entries.standing_credits().get()
    from courses.learning.appeals import derive_appeal

    derived = derive_appeal(entry)
    assert derived is not None
    assert (derived.minutes, derived.digest) == (entry.minutes, entry.evidence_digest)
    entry.evidence_id = FlagDecision.objects.get(flag=flag, decision="voided").pk
    assert derive_appeal(entry) is None


def test_the_officer_who_voided_does_not_decide() -> None:
    both = auditor()
    bureau = people.bureau(kind="hr_bureau")
    grant_role(user=both, role="bureau_approver", organisation=bureau, actor=people.system(), now=NOON)
    flag = voided(flagged_pass(), both)
    appeal_flag(flag=flag, text="是我", actor=owner(flag), now=LATER)
    with refused("same_officer"):
        decide_appeal(
            flag=flag, overturn=False, reason="维持", actor=people.acting(both, "bureau_approver"), now=LATER + DAY
        )


def test_nobody_decides_their_own_appeal() -> None:
    flag = appealed(flagged_pass())
    officer = of_themselves(approver(), flag.enrolment.person)
    with refused("own_case"):
        decide_appeal(flag=flag, overturn=True, reason="是我", actor=people.acting(officer), now=LATER + DAY)


def test_other_roles_and_other_regions_decide_nothing() -> None:
    flag = appealed(flagged_pass())
    for user, code in (
        (auditor(), "role_required"),
        (people.officer("registrar"), "role_required"),
        (approver(people.BEIJING), "flag_unknown"),
    ):
        with refused(code):
            decide_appeal(flag=flag, overturn=True, reason="是我", actor=people.acting(user), now=LATER + DAY)


def test_without_an_appeal_and_twice() -> None:
    flag = voided(flagged_pass())
    actor = people.acting(approver())
    with refused("not_appealed"):
        decide_appeal(flag=flag, overturn=True, reason="是我", actor=actor, now=LATER)
    appeal_flag(flag=flag, text="是我", actor=owner(flag), now=LATER)
    with refused("reason_required"):
        decide_appeal(flag=flag, overturn=True, reason=" ", actor=actor, now=LATER)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=actor, now=LATER)
    with refused("not_appealed"):
        decide_appeal(flag=flag, overturn=False, reason="不是本人", actor=actor, now=LATER)
    assert flag.enrolment.person.hour_entries.filter(kind="credit").count() == 2


def test_a_running_course_goes_on_where_it_was() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person, released_course(lessons=[reading(30)]))
    player = Player(leased(enrolment))
    player.play(60)
    overturned(flagged(enrolment))
    enrolment.refresh_from_db()
    assert enrolment.state == "in_progress"
    assert not enrolment.person.hour_entries.exists()
    again = Player(leased(enrolment, now=LATER + 6 * DAY))
    assert again.say((60_000, 75_000)).covered_ms == 75_000


def test_a_course_left_behind_is_left_again() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person)
    withdraw(enrolment=enrolment, reason="", actor=SYSTEM, now=NOON)
    overturned(flagged(enrolment))
    enrolment.refresh_from_db()
    assert enrolment.state == "withdrawn"


def test_a_ban_between_leaves_the_course_stopped_and_its_annulment_lets_it_go_on() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person)
    flag = appealed(flagged(enrolment))
    case = registry.case_in_force(enrolment.person, now=LATER + 2 * DAY)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER + 3 * DAY)
    enrolment.refresh_from_db()
    assert enrolment.state == "stopped"
    registry.annulled(case)
    enrolment.refresh_from_db()
    assert enrolment.state == "enrolled"


def test_a_barred_holder_gets_the_hours_but_no_valid_certificate() -> None:
    flag = appealed(flagged_pass())
    person = flag.enrolment.person
    registry.case_in_force(person, now=LATER + 2 * DAY)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER + 3 * DAY)
    certificate = Certificate.objects.get(enrolment_id=flag.enrolment_id)
    assert not validity(certificate, (LATER + 4 * DAY).date()).is_valid
    assert person.hour_entries.standing_credits().count() == 1


def test_the_years_certificate_comes_back_with_the_hours() -> None:
    from tests.factories.certificates import bureau
    from tests.factories.ledger import credited

    bureau()
    flag = flagged_pass()
    person = flag.enrolment.person
    credited(person, category="skills", class_hours=71, on=NOON.date(), now=NOON)
    credited(person, category="ethics", class_hours=40, on=NOON.date(), now=NOON)
    certificate = Certificate.objects.get(person=person, type__rule="annual_requirement")
    voided(flag)
    assert validity(certificate, LATER.date()).code == "hours_reversed"
    appeal_flag(flag=flag, text="是我", actor=owner(flag), now=LATER)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER + DAY)
    assert validity(certificate, (LATER + DAY).date()).is_valid


def test_hours_that_count_elsewhere_by_now_are_not_counted_twice() -> None:
    """Between voiding and decision the next release of the same course was passed: once a year is once."""
    flag = appealed(flagged_pass())
    enrolment = flag.enrolment
    newer = released_course(course=enrolment.release.course, class_hours=1, lessons=[reading(1)])
    passed(enrolment.person, newer, now=LATER + 2 * DAY)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER + 3 * DAY)
    enrolment.refresh_from_db()
    assert enrolment.state == "passed"
    assert enrolment.person.hour_entries.standing_credits().count() == 1
    assert drift() == []


def test_a_second_flag_may_void_what_an_appeal_gave_back_and_be_appealed_too() -> None:
    flag = flagged_pass()
    second = flagged(flag.enrolment, "shared_device", persons=3)
    overturned(flag)
    void_flag(flag=second, reason="他人代学", actor=people.acting(auditor()), now=LATER + 7 * DAY)
    assert not flag.enrolment.person.hour_entries.standing_credits().exists()
    appeal_flag(flag=second, text="是我", actor=owner(flag), now=LATER + 8 * DAY)
    decide_appeal(flag=second, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER + 9 * DAY)
    assert HourEntry.objects.filter(person=flag.enrolment.person, evidence_kind="appeal_decision").count() == 3
    assert skills(flag.enrolment.person) == 45
    assert drift() == []


def test_after_a_final_decision_the_year_stays_closed_for_this_course() -> None:
    flag = appealed(flagged_pass())
    decide_appeal(flag=flag, overturn=False, reason="维持", actor=people.acting(approver()), now=LATER + 2 * DAY)
    with refused("enrolment_closed"):
        enrol(person=flag.enrolment.person, release=flag.enrolment.release, actor=SYSTEM, now=LATER + 3 * DAY)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_one_decides() -> None:
    flag = appealed(flagged_pass())
    officers = [people.acting(approver()), people.acting(approver())]
    start, told = threading.Barrier(2, timeout=20), []

    def work(actor, overturn) -> None:
        try:
            start.wait()
            when = LATER + 3 * DAY
            told.append(decide_appeal(flag=flag, overturn=overturn, reason="已核", actor=actor, now=when).number)
        except Exception as error:  # noqa: BLE001
            told.append(getattr(error, "code", repr(error)))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=[actor, turn]) for turn, actor in enumerate(officers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(map(str, told)) in (["3", "not_appealed"], ["3", "decided_meanwhile"])
    assert FlagDecision.objects.filter(flag=flag).count() == 3


def test_hours_of_a_closed_year_come_back_and_the_year_is_frozen_again() -> None:
    flag = flagged_pass()
    person = flag.enrolment.person
    closed_on = datetime.fromisoformat("2027-06-01T09:00:00+08:00")
    row = close_year(region_code=people.SHANGHAI, year=2026, actor=SYSTEM, now=closed_on)
    while closing.work_on(closing_id=row.pk, now=closed_on):
        pass
    voided(flag, now=closed_on + DAY)
    appeal_flag(flag=flag, text="是我", actor=owner(flag), now=closed_on + 2 * DAY)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=closed_on + 3 * DAY)
    assert person.hour_entries.standing_credits().get().year == 2026
    assert [row.version for row in YearStanding.objects.filter(person=person).order_by("version")] == [1, 2, 3]
    assert drift() == []
