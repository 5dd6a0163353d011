"""Who is barred is found by indexes, also on a list of people nobody here knows."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.registry.models import BanSubject
from lms.registry.services import is_barred
from tests.factories import people, registry

STRANGERS = 400


def test_a_list_of_strangers_is_not_read_through(db: None, on_sqlite: bool) -> None:
    """What a database counts of such a list must not tell it that looking for a person is no use."""
    if not on_sqlite:
        pytest.skip("a list this short PostgreSQL rightly reads through; bench screening_speed measures a long one")
    case = registry.drafted_case()
    common = {"role": "perpetrator", "kind": "lifetime", "from_date": registry.DECIDED, "key_version": 1}
    strangers = [BanSubject(id=uuid4(), case=case, name=f"陌生{n}", **common) for n in range(STRANGERS)]
    BanSubject.objects.bulk_create(strangers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert is_barred(people.person(), registry.DECIDED) is None
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked.captured_queries[-1]["sql"])
        plan = [row[-1] for row in cursor.fetchall()]
    assert [step for step in plan if step.startswith("SCAN")] == []
