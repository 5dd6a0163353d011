"""``reconcile_hours``: untouched books pass, and each way of cooking them is named."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from lms.audit.append_only import drop_statements, trigger_statements
from lms.ledger import evidence as registry
from lms.ledger.evidence import Derived
from lms.ledger.models import HourEntry
from lms.ledger.reconcile import Reconciled, reconcile, verify_chain
from lms.ledger.services import reverse_entry
from tests.factories.ledger import NOON, SYSTEM, credited, evidence, learner

pytestmark = pytest.mark.django_db
Worth = dict[uuid.UUID, Derived | None]


def behind_the_law(change: Callable[[], Any]) -> None:
    """What somebody with the database's own password could do: lift the triggers, change, put them back."""
    table, vendor = HourEntry._meta.db_table, connection.vendor
    with connection.cursor() as cursor:
        for statement in drop_statements(vendor, table):
            cursor.execute(statement)
        change()
        for statement in trigger_statements(vendor, table):
            cursor.execute(statement)


def rewrite(entry: HourEntry, **fields: Any) -> None:
    behind_the_law(lambda: HourEntry.objects.filter(pk=entry.pk).update(**fields))


def codes() -> list[tuple[str, int]]:
    return [(drift.code, drift.number) for drift in reconcile(Reconciled())]


def test_honest_books_pass(worth: Worth) -> None:
    person = learner()
    first = credited(person)
    credited(person, category="ethics")
    credited(learner(name="周禾"))
    reverse_entry(entry=first, reason="重复", actor=SYSTEM, now=NOON)
    seen = Reconciled()
    assert list(reconcile(seen)) == []
    assert (seen.entries, seen.persons) == (4, 2)
    assert verify_chain(person=person) is None


@pytest.mark.parametrize(
    "change", [{"minutes": 9000}, {"category": "ethics"}, {"on": date(2026, 1, 2)}, {"title": "别的课程"}]
)
def test_an_altered_entry_breaks_its_chain_and_only_its_own(worth: Worth, change: dict[str, Any]) -> None:
    person, other = learner(), learner(name="周禾")
    credited(person)
    second = credited(person)
    credited(person)
    credited(other)
    rewrite(second, **change)
    broken = verify_chain(person=person)
    assert broken is not None
    assert (broken.code, broken.number, broken.entry_id) == ("chain_broken", 2, second.pk)
    assert verify_chain(person=other) is None
    assert ("chain_broken", 2) in codes()


def test_an_entry_taken_out_of_the_middle_shows(worth: Worth) -> None:
    person = learner()
    credited(person)
    second = credited(person)
    credited(person)
    behind_the_law(lambda: HourEntry.objects.filter(pk=second.pk)._raw_delete("default"))
    assert codes() == [("chain_broken", 3), ("entry_missing", 2)]


def test_an_entry_cut_off_the_end_shows(worth: Worth) -> None:
    person = learner()
    credited(person)
    last = credited(person)
    behind_the_law(lambda: HourEntry.objects.filter(pk=last.pk)._raw_delete("default"))
    assert verify_chain(person=person) is None
    assert codes() == [("entry_missing", 2)]


def test_evidence_that_changed_its_worth_or_itself_or_is_gone(worth: Worth) -> None:
    person = learner()
    for value in (Derived(179, ""), Derived(180, "f" * 64), None):
        entry = credited(person)
        worth[entry.evidence_id] = value and Derived(value.minutes, value.digest or entry.evidence_digest)
    assert codes() == [("minutes_differ", 1), ("evidence_changed", 2), ("evidence_missing", 3)]


def test_evidence_that_nobody_can_derive(worth: Worth) -> None:
    credited(learner(), proof=evidence("hearsay"))
    assert codes() == [("evidence_unknown", 1)]


def test_class_hours_and_year_are_derived_too(worth: Worth) -> None:
    entry = credited(learner())
    rewrite(entry, class_hours=9, year=2025)
    assert [code for code, _ in codes()] == ["chain_broken", "class_hours_differ", "year_differs"]


def test_a_reversal_of_something_else(worth: Worth) -> None:
    entry = credited(learner())
    reversal = reverse_entry(entry=entry, reason="重复", actor=SYSTEM, now=NOON)
    rewrite(reversal, category="ethics")
    assert [code for code, _ in codes()] == ["chain_broken", "reversal_differs"]


def test_the_command_counts_and_exits_with_zero(worth: Worth) -> None:
    credited(learner())
    out = StringIO()
    call_command("reconcile_hours", stdout=out)
    assert out.getvalue().strip() == "1 entries of 1 persons: no drift"


def test_the_command_names_the_drift_and_exits_with_one(worth: Worth) -> None:
    person = learner()
    entry = credited(person)
    worth[entry.evidence_id] = None
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("reconcile_hours", stdout=out, stderr=err)
    assert left.value.code == 1
    assert f"evidence_missing: person {person.pk} entry 1 ({entry.pk})" in err.getvalue()
    assert "林小满" not in err.getvalue()


def test_many_are_derived_together_where_the_room_can(worth: Worth, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def many(entries: Sequence[HourEntry]) -> dict[uuid.UUID, Derived]:
        asked.append(len(entries))
        told = {
            entry.pk: worth.get(entry.evidence_id, Derived(entry.minutes, entry.evidence_digest)) for entry in entries
        }
        return {key: value for key, value in told.items() if value is not None}

    monkeypatch.setitem(registry._derivers_of_many, "test", many)
    monkeypatch.setattr("lms.ledger.reconcile.AT_A_TIME", 2)
    person = learner()
    entries = [credited(person) for _ in range(5)]
    worth[entries[3].evidence_id] = None
    reverse_entry(entry=entries[4], reason="重复", actor=SYSTEM, now=NOON)
    assert codes() == [("evidence_missing", 4)]
    assert asked == [2, 2, 1]


def test_a_broken_chain_shows_between_two_readings(worth: Worth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.ledger.reconcile.AT_A_TIME", 2)
    person = learner()
    entries = [credited(person) for _ in range(5)]
    rewrite(entries[2], title="别的课程")
    assert codes() == [("chain_broken", 3)]


def test_one_kind_of_evidence_has_one_deriver(worth: Worth) -> None:
    with pytest.raises(ValueError, match="derived by"):
        registry.register("test", lambda entry: None)
