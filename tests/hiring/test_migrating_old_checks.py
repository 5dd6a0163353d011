"""A house that was filled before checks carried their own keys and rows keeps every one of them, and its law."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from lms.hiring.models import BatchRow, Check, CheckBatch
from lms.people.models import Organisation
from lms.registry.models import ListVersion
from lms.registry.services import current_list_version
from tests.factories import hiring, people

BEFORE = ("hiring", "0006_rosters")
BATCH = {"purpose": "hiring", "actor_kind": "user", "asked_by": "m", "actor_role": "institution_manager"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old() -> Iterator[Any]:
    """The models as they were; whatever happens, the tables are today's afterwards."""
    call_command("migrate", *BEFORE, verbosity=0)
    try:
        yield MigrationExecutor(connection).loader.project_state([BEFORE]).apps
    finally:
        call_command("migrate", verbosity=0)


@pytest.fixture
def grounds(db: None) -> tuple[Organisation, ListVersion]:
    return people.institution(), current_list_version()


def _check(old: Any, grounds: tuple[Organisation, ListVersion], number: int) -> Any:
    institution, version = grounds
    return old.get_model("hiring", "Check").objects.create(
        institution_id=institution.pk,
        list_version_id=version.pk,
        asked_by="m",
        purpose="hiring",
        consent=True,
        name=f"第{number}人",
        document_type="passport",
        ciphertext="x",
        key_version=1,
        blind_index=f"{number:064}",
        masked="E*******8",
        outcome="clear",
        rule="no_match",
        checked_at=hiring.ASKED,
        valid_until=hiring.ASKED.date() + timedelta(days=30),
        receipt_token=f"{number:043}",
    )


def test_old_keys_and_rows_are_carried_over(grounds: tuple[Organisation, ListVersion], old: Any) -> None:
    institution, _version = grounds
    alone, keyed, *in_batch = (_check(old, grounds, number) for number in range(4))
    batch = old.get_model("hiring", "CheckBatch").objects.create(
        institution_id=institution.pk, total=4, created_at=hiring.ASKED, **BATCH
    )
    waiting = old.get_model("hiring", "CheckBatch").objects.create(
        institution_id=institution.pk, total=1, created_at=hiring.ASKED, **BATCH
    )
    row, answer = old.get_model("hiring", "BatchRow"), old.get_model("hiring", "IdempotentAnswer")
    row.objects.create(batch=batch, number=2, name="第2人", checked=in_batch[0])
    row.objects.create(batch=batch, number=3, name="有误", error_code="check_digit")
    row.objects.create(batch=batch, number=4, name="第3人", checked=in_batch[1])
    row.objects.create(batch=batch, number=5, name="待查")
    row.objects.create(batch=waiting, number=2, name="待查")
    terms = {"organisation_id": institution.pk, "at": hiring.ASKED}
    answer.objects.create(key="k-1", request_digest="d" * 64, checked=keyed, **terms)
    answer.objects.create(key="batch-row:2", request_digest="e" * 64, checked=in_batch[0], **terms)

    call_command("migrate", verbosity=0)

    found = {check.pk: check for check in Check.objects.select_related("batch_row")}
    keys = [(found[one.pk].idempotency_key, found[one.pk].request_digest) for one in (alone, keyed, *in_batch)]
    assert keys == [(None, ""), ("k-1", "d" * 64), (None, ""), (None, "")]
    rows = [found[one.pk].batch_row for one in (alone, keyed, *in_batch)]
    assert [one and one.number for one in rows] == [None, None, 2, 4]
    assert BatchRow.objects.filter(checked=None).count() == 3
    through = dict(CheckBatch.objects.values_list("pk", "done_through"))
    assert through == {batch.pk: 4, waiting.pk: 0}


def test_the_law_holds_again_afterwards(grounds: tuple[Organisation, ListVersion], old: Any) -> None:
    check = _check(old, grounds, 1)
    call_command("migrate", verbosity=0)
    for act in (
        lambda: Check.objects.filter(pk=check.pk).update(outcome="barred"),
        lambda: Check.objects.filter(pk=check.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Check.objects.get(pk=check.pk).outcome == "clear"
