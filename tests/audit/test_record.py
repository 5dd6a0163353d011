"""Recording: what is kept of a deed, and what is refused before it is written."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from lms.audit import services
from lms.audit.actors import Actor
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.policy.models import Region

NOW = datetime(2026, 12, 31, 15, 59, 59, 123456, tzinfo=UTC)
JOB = Actor.system("seal-audit")

pytestmark = pytest.mark.django_db


def subject() -> Region:
    return Region(code="310000", name="上海市")


def test_an_event_keeps_who_whom_what_and_why() -> None:
    organisation, person = uuid.uuid4(), uuid.uuid4()
    actor = Actor(
        kind="user",
        label="wang.min",
        id=uuid.uuid4(),
        organisation_id=organisation,
        organisation_name="长宁区卫生健康委",
        role="registrar",
        request_id="r-1",
    )
    event = services.record(
        verb="ban.submitted", actor=actor, now=NOW, subject=subject(), person_id=person, reason="案卷齐全"
    )
    event.refresh_from_db()
    assert (event.at, event.verb, event.actor_label, event.role) == (NOW, "ban.submitted", "wang.min", "registrar")
    assert (event.organisation_id, event.person_id, event.reason) == (organisation, person, "案卷齐全")
    assert (event.subject_type, event.request_id) == ("policy.region", "r-1")


@pytest.mark.parametrize("actor", [None, "wang.min", 7])
def test_nothing_is_written_without_an_actor(actor: object) -> None:
    with pytest.raises(TypeError):
        services.record(verb="ban.submitted", actor=actor, now=NOW, subject=subject())  # type: ignore[arg-type]
    assert not AuditEvent.objects.exists()


def test_a_system_job_has_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        Actor.system("")


def test_the_database_refuses_an_event_of_nobody() -> None:
    nobody = Actor(kind="user", label="")
    with pytest.raises(IntegrityError), transaction.atomic():
        services.record(verb="ban.submitted", actor=nobody, now=NOW, subject=subject())


def test_changes_are_kept_as_the_chain_hashes_them() -> None:
    key = uuid.uuid4()
    event = services.record(
        verb="hours.credited",
        actor=JOB,
        now=NOW,
        subject=subject(),
        changes={"hours": Decimal("4.50"), "course": key, "at": NOW, "list": (1, None, True)},
    )
    event.refresh_from_db()
    assert event.changes == {
        "hours": "4.50",
        "course": str(key),
        "at": "2026-12-31T15:59:59.123456+00:00",
        "list": [1, None, True],
    }


@pytest.mark.parametrize("value", [0.1, {1, 2}, b"x", datetime(2026, 1, 1)])
def test_changes_without_one_text_are_refused_when_recorded(value: object) -> None:
    with pytest.raises(TypeError):
        services.record(verb="x.done", actor=JOB, now=NOW, subject=subject(), changes={"value": value})


def test_an_event_is_never_saved_again_nor_deleted() -> None:
    event = services.record(verb="x.done", actor=JOB, now=NOW, subject=subject())
    event.reason = "second thoughts"
    with pytest.raises(RewriteRefused):
        event.save()
    with pytest.raises(RewriteRefused):
        event.delete()


def test_events_about_a_person_are_theirs_alone_and_newest_first() -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    for verb, person in [("person.registered", mine), ("person.looked_up", mine), ("person.looked_up", other)]:
        services.record(verb=verb, actor=JOB, now=NOW, subject=subject(), person_id=person)
    assert [event.verb for event in services.events_about(mine)] == ["person.looked_up", "person.registered"]
