"""``credit_hours``: evidence becomes an entry once, in the right year, and everything follows in the same commit."""

import threading
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from lms.audit.models import AuditEvent
from lms.ledger.evidence import Evidence
from lms.ledger.models import HourEntry
from lms.ledger.services import reverse_entry
from lms.ledger.signals import hours_credited
from lms.rules.chain import GENESIS
from lms.rules.refusals import Conflict, Invalid, NotFound
from tests.factories.ledger import NOON, SYSTEM, credited, evidence, learner

pytestmark = pytest.mark.django_db


def test_an_entry_says_what_was_earned_and_by_which_pack() -> None:
    person = learner()
    entry = credited(person, minutes=190)
    assert (entry.number, entry.kind, entry.minutes, entry.class_hours) == (1, "credit", 190, Decimal("4.00"))
    assert (entry.year, entry.on, entry.previous_hash) == (2026, date(2026, 6, 15), GENESIS)
    assert entry.pack.region_code == "310000"


def test_entries_of_a_person_are_numbered_without_a_gap_and_linked() -> None:
    person, other = learner(), learner(name="周禾")
    first, second = credited(person), credited(person)
    assert (first.number, second.number, credited(other).number) == (1, 2, 1)
    assert second.previous_hash == first.hash


def test_the_event_tells_who_credited_what() -> None:
    person = learner()
    entry = credited(person)
    event = AuditEvent.objects.get(verb="hours.credited")
    assert (event.subject_id, event.person_id, event.actor_label) == (entry.pk, person.pk, "test")
    assert event.changes == {"category": "skills", "minutes": 180, "year": 2026, "number": 1}


def test_the_same_evidence_again_is_the_same_entry() -> None:
    person, proof, heard = learner(), evidence(), []

    def hear(entry: HourEntry, **_: Any) -> None:
        heard.append(entry.pk)

    hours_credited.connect(hear)
    try:
        first = credited(person, proof=proof)
        assert credited(person, proof=proof, minutes=999) == first
    finally:
        hours_credited.disconnect(hear)
    assert heard == [first.pk]
    assert HourEntry.objects.count() == AuditEvent.objects.filter(verb="hours.credited").count() == 1


def test_evidence_of_somebody_else_earns_nothing() -> None:
    proof = evidence()
    credited(learner(), proof=proof)
    with pytest.raises(Conflict, match="他人") as refused:
        credited(learner(name="周禾"), proof=proof)
    assert refused.value.code == "evidence_of_another"


def test_evidence_taken_back_earns_nothing_again() -> None:
    person, proof = learner(), evidence()
    reverse_entry(entry=credited(person, proof=proof), reason="代学", actor=SYSTEM, now=NOON)
    with pytest.raises(Conflict) as refused:
        credited(person, proof=proof)
    assert refused.value.code == "evidence_reversed"


class TestOneCourseOnceAYear:
    def test_the_second_time_is_refused_with_the_year(self) -> None:
        person, course = learner(), uuid.uuid4()
        credited(person, course_id=course)
        with pytest.raises(Conflict, match="2026 年度") as refused:
            credited(person, course_id=course, release_id=uuid.uuid4())
        assert refused.value.code == "counted_already"

    def test_next_year_it_counts_again(self) -> None:
        person, course = learner(), uuid.uuid4()
        credited(person, course_id=course, on=date(2026, 12, 31))
        assert credited(person, course_id=course, on=date(2027, 1, 1)).year == 2027

    def test_after_a_reversal_it_may_be_earned_honestly(self) -> None:
        person, course = learner(), uuid.uuid4()
        reverse_entry(entry=credited(person, course_id=course), reason="代学", actor=SYSTEM, now=NOON)
        assert credited(person, course_id=course).number == 3

    def test_it_is_each_persons_own(self) -> None:
        course = uuid.uuid4()
        credited(learner(), course_id=course)
        assert credited(learner(name="周禾"), course_id=course).number == 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-12-31T23:59:59+08:00", date(2026, 12, 31)),
        ("2027-01-01T00:00:00+08:00", date(2027, 1, 1)),
        ("2026-12-31T15:59:59+00:00", date(2026, 12, 31)),  # a second before midnight in Shanghai
        ("2026-12-31T16:00:00+00:00", date(2027, 1, 1)),
    ],
)
def test_the_year_is_that_of_the_day_in_shanghai(moment: str, day: date) -> None:
    entry = credited(learner(), on=datetime.fromisoformat(moment), minutes=45)
    assert (entry.on, entry.year) == (day, day.year)


@pytest.mark.parametrize("minutes", [0, -1])
def test_nothing_is_no_entry(minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        credited(learner(), minutes=minutes)
    assert refused.value.code == "minutes_not_positive"


@pytest.mark.parametrize(
    ("category", "proof"),
    [
        ("cooking", evidence()),
        ("skills", Evidence("", uuid.uuid4(), "0")),
        ("skills", Evidence("test", uuid.uuid4(), "")),
    ],
)
def test_no_entry_without_category_and_evidence(category: str, proof: Evidence) -> None:
    with pytest.raises(Invalid) as refused:
        credited(learner(), category=category, proof=proof)
    assert refused.value.code == "entry_incomplete"


def test_where_no_policy_governs_nothing_can_be_credited() -> None:
    with pytest.raises(NotFound) as refused:
        credited(learner(region="440100"), minutes=45)
    assert refused.value.code == "no_policy"


def test_what_follows_is_in_the_same_commit_or_nothing_is() -> None:
    person = learner()

    def fail(**_: Any) -> None:
        raise RuntimeError("the receiver could not finish")

    hours_credited.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            credited(person)
    finally:
        hours_credited.disconnect(fail)
    assert not HourEntry.objects.exists()
    assert not AuditEvent.objects.filter(verb="hours.credited").exists()


def test_nobody_can_write_without_an_actor() -> None:
    person = learner()
    with pytest.raises(TypeError):
        credited(person, actor=None)  # type: ignore[arg-type]
    assert not HourEntry.objects.exists()


def test_the_database_itself_refuses_what_the_verb_would() -> None:
    entry = credited(learner())
    fields = {f.attname: getattr(entry, f.attname) for f in HourEntry._meta.concrete_fields if f.attname != "id"}
    for wrong in ({"minutes": 0, "number": 2}, {"category": "cooking", "number": 2}, {"number": 1}, {"number": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HourEntry.objects.create(**(fields | {"evidence_id": uuid.uuid4()} | wrong | _once(wrong, entry)))


def _once(wrong: dict[str, Any], entry: HourEntry) -> dict[str, Any]:
    """The last of the cases is evidence used twice."""
    return {"evidence_id": entry.evidence_id} if wrong == {"number": 2} else {}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_many_workers_leave_no_gap_and_credit_each_evidence_once(self) -> None:
        person = learner()
        proofs = [evidence() for _ in range(4)]
        outcomes = _together([lambda p=p: credited(person, proof=p) for p in proofs for _ in range(2)])
        assert [type(outcome) for outcome in outcomes] == [HourEntry] * 8
        numbers = HourEntry.objects.filter(person=person).order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2, 3, 4]

    def test_one_course_completed_twice_at_once_counts_once(self) -> None:
        person, course = learner(), uuid.uuid4()
        outcomes = _together([lambda: credited(person, course_id=course) for _ in range(2)])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "HourEntry"]

    def test_one_evidence_for_two_people_at_once_is_one_entry(self) -> None:
        proof, people = evidence(), [learner(), learner(name="周禾")]
        outcomes = _together([lambda p=p: credited(p, proof=proof) for p in people])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "HourEntry"]
        assert HourEntry.objects.count() == 1


def _together(jobs: list[Any]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; what each returned or raised."""
    barrier, outcomes = threading.Barrier(len(jobs)), []

    def run(job: Any) -> None:
        barrier.wait()
        try:
            outcomes.append(job())
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
