"""Who is barred is found by indexes, also on a list of people nobody here knows."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.models import Certificate
from lms.registry.models import BanSubject, BanSubjectIndex
from lms.registry.services import barred_ids, is_barred
from tests.factories import people, registry

STRANGERS = 400


def test_a_list_of_strangers_is_not_read_through(db: None, on_sqlite: bool) -> None:
    """What a database counts of such a list must not tell it that looking for a person is no use."""
    if not on_sqlite:
        pytest.skip("a list this short PostgreSQL rightly reads through; bench screening_speed measures a long one")
    strangers_listed()
    assert scans_of(lambda: is_barred(people.person(), registry.DECIDED)) == []


def test_nor_for_many_persons_at_once(db: None, on_sqlite: bool) -> None:
    """Neither the list nor the documents of everybody are read to say who of some persons is barred."""
    if not on_sqlite:
        pytest.skip("a list this short PostgreSQL rightly reads through; bench screening_speed measures a long one")
    strangers_listed()
    some = [people.person().pk for _each in range(3)]
    assert scans_of(lambda: barred_ids(some, registry.DECIDED)) == []


def test_nor_to_say_what_a_certificate_is_worth(db: None, on_sqlite: bool) -> None:
    if not on_sqlite:
        pytest.skip("a list this short PostgreSQL rightly reads through; bench screening_speed measures a long one")
    strangers_listed()
    some = Certificate.objects.with_status(registry.DECIDED).filter(pk=uuid4())
    assert scans_of(lambda: list(some)) == []


def strangers_listed() -> None:
    case = registry.drafted_case()
    common = {"role": "perpetrator", "kind": "lifetime", "from_date": registry.DECIDED, "key_version": 1}
    strangers = [BanSubject(id=uuid4(), case=case, name=f"陌生{n}", **common) for n in range(STRANGERS)]
    BanSubject.objects.bulk_create(strangers)
    BanSubjectIndex.objects.bulk_create(
        [BanSubjectIndex(subject=one, blind_index=f"{place:064}") for place, one in enumerate(strangers)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def scans_of(ask: Callable[[], Any]) -> list[str]:
    """Tables that the last query of ``ask`` reads through. Nobody is found."""
    with CaptureQueriesContext(connection) as asked:
        assert not ask()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked.captured_queries[-1]["sql"])
        plan = [row[-1] for row in cursor.fetchall()]
    return [step for step in plan if step.startswith("SCAN") and "constant row" not in step]
