"""Proving the chain: whoever changes history with the law lifted is found out, and the place is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.audit import chain, services
from lms.audit.actors import Actor
from lms.audit.append_only import drop_statements
from lms.audit.models import AuditEvent, AuditLink
from lms.audit.protection import protect
from lms.policy.models import Region

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
TABLES = [AuditEvent._meta.db_table, AuditLink._meta.db_table]


@contextmanager
def law_lifted() -> Iterator[None]:
    """What only somebody with the database in their hands can do."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in drop_statements(connection.vendor, table):
                cursor.execute(statement)
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    protect(connection, TABLES)


@pytest.fixture
def sealed(db: None) -> list[AuditEvent]:
    actor = Actor.system("seal-audit")
    region = Region(code="310000", name="上海市")
    events = [
        services.record(verb="x.done", actor=actor, now=NOW, subject=region, changes={"n": n}) for n in range(1, 6)
    ]
    services.seal(now=NOW)
    return events


def findings() -> list[tuple[int, str]]:
    return [(finding.number, finding.kind) for finding in services.verify()]


def test_a_whole_chain_holds(sealed: list[AuditEvent]) -> None:
    assert findings() == []
    output = StringIO()
    call_command("verify_audit_log", stdout=output)
    head = chain.head()
    assert head is not None
    assert head.hash in output.getvalue()


def test_an_empty_chain_holds(db: None) -> None:
    call_command("verify_audit_log", stdout=StringIO())


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "nothing happened"},
        {"actor_label": "somebody.else"},
        {"changes": {"n": 33}},
        {"at": datetime(2026, 11, 21, 8, 0, 0, 1, tzinfo=UTC)},
        {"person_id": "019a0000-0000-7000-8000-000000000000"},
    ],
)
def test_an_altered_event_is_named(sealed: list[AuditEvent], change: dict[str, object]) -> None:
    with law_lifted():
        AuditEvent.objects.filter(pk=sealed[2].pk).update(**change)
    assert findings() == [(3, "altered_event")]
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit_log", stdout=StringIO(), stderr=errors)
    assert str(sealed[2].pk) in errors.getvalue()


def test_a_removed_link_is_named(sealed: list[AuditEvent]) -> None:
    with law_lifted():
        AuditLink.objects.filter(number=2)._raw_delete("default")
    assert findings() == [(2, "missing_link")]


def test_an_event_rewritten_with_its_own_hash_breaks_the_next_link(sealed: list[AuditEvent]) -> None:
    with law_lifted():
        AuditEvent.objects.filter(pk=sealed[1].pk).update(reason="nothing happened")
        forged = AuditEvent.objects.get(pk=sealed[1].pk)
        link = AuditLink.objects.get(number=2)
        fresh = chain.chain.link(link.previous_hash, chain.payload(forged))
        AuditLink.objects.filter(number=2).update(hash=fresh)
    assert findings() == [(3, "wrong_order")]


def test_the_first_link_can_not_be_cut_off(sealed: list[AuditEvent]) -> None:
    with law_lifted():
        AuditLink.objects.filter(number=1)._raw_delete("default")
    assert findings()[0] == (1, "missing_link")


def test_walking_needs_two_queries_a_batch(sealed: list[AuditEvent], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 2)
    with CaptureQueriesContext(connection) as queries:
        services.verify()
    assert len(queries) == 7  # three batches of links with their events, and the empty one
