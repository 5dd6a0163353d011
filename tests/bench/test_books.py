"""Rows that benchmarks load in bulk are those the verbs would have written."""

from datetime import date

import pytest

from lms.bench.seeds.books import FIELDS, Book, Written, key
from lms.bench.seeds.bulk import load
from lms.ledger.models import HourEntry
from lms.ledger.reconcile import verify_chain
from lms.policy.services import pack_in_force
from tests.factories.ledger import NOON, learner


@pytest.mark.django_db
def test_the_chain_holds() -> None:
    person = learner()
    book = Book(pack_in_force(person.region_code, NOON.date()))
    course = key(3, 1)
    first = Written(key(1, 1), str(person.pk), "skills", 45, NOON, course, course, ("bench", key(2, 1), "f" * 64))
    second = Written(key(1, 2), str(person.pk), "ethics", 75, NOON, course, course, ("bench", key(2, 2), "0" * 64))
    written = [first, second, first.taken_back(id=key(1, 3), at=NOON)]
    assert load(HourEntry, FIELDS, (book.row(one, 2026) for one in written)) == 3
    assert verify_chain(person=person) is None
    rows = HourEntry.objects.order_by("number")
    assert [(row.number, row.kind, row.minutes, row.on) for row in rows] == [
        (1, "credit", 45, date(2026, 6, 15)),
        (2, "credit", 75, date(2026, 6, 15)),
        (3, "reversal", 45, date(2026, 6, 15)),
    ]
    assert rows[2].reverses_id == rows[0].pk
