"""Somebody whom very many institutions employ is banned: how long until every alert, message, letter and push is queued.

What is timed is ``confirm_case`` with all that follows from it, up to the commit. Each institution has a manager who
left an e-mail address, and an address of its own software. The peer is the same ban with an alert raised for one
employer after the other, each with its own rows, as a loop over the employers would.
"""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from lms.audit.actors import Actor
from lms.bench.report import percentile
from lms.bench.seeds import ground
from lms.bench.seeds.bulk import settled
from lms.bench.seeds.honest_time import KIB, Figures
from lms.hiring import receivers
from lms.hiring.models import BanAlert, WebhookDelivery, WebhookEndpoint
from lms.hiring.services import alerts
from lms.people import vault
from lms.people.access import actor_of
from lms.people.models import Employment, Letter, Membership, Message, Organisation, Person, Role, User
from lms.people.services import add_member
from lms.registry import services as registry
from lms.registry import signals
from lms.registry.models import BanCase, BanKind, BanState, BanSubject, FactsCategory, SubjectRole
from lms.rules import webhook_signatures

ROUNDS = 3
FIRST_DAY = date(2024, 3, 1)


def seed(*, requests: int, now: datetime) -> Figures:
    """Time ``ROUNDS`` bans in bulk and as many one at a time, in turns, each of a person of its own."""
    officers = _officers(ground.city(now), now)
    employers = _employers(requests, now)
    people = [ground.person(number, now) for number in range(2 * ROUNDS)]
    for person in people:
        rows = (Employment(person=person, institution=one, post="caregiver", from_date=FIRST_DAY) for one in employers)
        Employment.objects.bulk_create(rows)
    settled()
    own, peer = [], []
    for turn, (first, second) in enumerate(zip(people[:ROUNDS], people[ROUNDS:], strict=True)):
        own.append(_seconds(_submitted(first, turn, officers, now), officers, now))
        with _one_at_a_time():
            peer.append(_seconds(_submitted(second, turn + ROUNDS, officers, now), officers, now))
    counts = _counted(requests)
    mine, singly = _told(requests, own), _told(requests, peer)
    return Figures(
        {
            **mine,
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB, 1),
            "peers": {"one_at_a_time": singly},
            "extra": {
                "employers": requests,
                "slowest_seconds": round(max(own), 3),
                "times_one_at_a_time": round(singly["seconds"] / mine["seconds"], 1),
                "rounds": ROUNDS,
                **counts,
            },
        }
    )


def _counted(employers: int) -> dict[str, int]:
    """What lies there now, each kind once for each employer and ban: nothing lost, nothing doubled."""
    counts = {
        "alerts": BanAlert.objects.count(),
        "messages": Message.objects.filter(code="ban.alert").count(),
        "letters": Letter.objects.filter(message__code="ban.alert").count(),
        "deliveries": WebhookDelivery.objects.filter(kind="ban.alert").count(),
    }
    assert set(counts.values()) == {2 * ROUNDS * employers}, counts
    return counts


def _told(employers: int, seconds: list[float]) -> dict[str, Any]:
    middle = percentile(seconds, 50)
    return {"n": employers, "seconds": round(middle, 3), "per_second": round(employers / middle, 1)}


def _seconds(case: BanCase, officers: tuple[Actor, Actor], now: datetime) -> float:
    began = perf_counter()
    registry.confirm_case(case=case, actor=officers[1], now=now)
    return perf_counter() - began


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Alerts are raised for one employer after the other."""

    def singly(*, state: BanState, subjects: Sequence[BanSubject], actor: Actor, now: datetime, **_news: Any) -> None:
        for employment in alerts.open_employments(subjects, now).select_related("institution", "person"):
            alerts.raise_for([employment], state=state, subjects=subjects, actor=actor, now=now)

    signals.ban_in_force.disconnect(receivers.tell_employers, dispatch_uid="hiring-alerts")
    signals.ban_in_force.connect(singly)
    try:
        yield
    finally:
        signals.ban_in_force.disconnect(singly)
        signals.ban_in_force.connect(receivers.tell_employers, dispatch_uid="hiring-alerts")


def _employers(count: int, now: datetime) -> list[Organisation]:
    """Institutions, each with a manager who can be written to and software that can be told."""
    bodies = Organisation.objects.bulk_create(
        Organisation(
            kind="institution",
            name=f"第{number + 1}托育机构",
            region_code=ground.DISTRICT,
            status="admitted",
            created_at=now,
        )
        for number in range(count)
    )
    users = User.objects.bulk_create(
        User(username=f"manager{number}", email=f"manager{number}@example.org", password="!") for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=body, role=Role.INSTITUTION_MANAGER, from_at=now - timedelta(days=1))
        for user, body in zip(users, bodies, strict=True)
    )
    sealed = vault.seal(webhook_signatures.written(bytes(32)))
    WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(
            organisation=body,
            url="https://alerts.example.org/",
            ciphertext=sealed.ciphertext,
            key_version=sealed.key_version,
            created_by="bench",
            created_at=now,
        )
        for body in bodies
    )
    return bodies


def _officers(bureau: Organisation, now: datetime) -> tuple[Actor, Actor]:
    """Who enters cases, and who confirms them."""
    entering, confirming = (
        add_member(
            organisation=bureau,
            role=role,
            username=f"officer-{role.replace('_', '-')}",
            name="李海燕",
            phone="",
            password=ground.PASSWORD,
            actor=ground.SEEDER,
            now=now,
        )
        for role in (Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    )
    return actor_of(entering.user, entering), actor_of(confirming.user, confirming)


def _submitted(person: Person, number: int, officers: tuple[Actor, Actor], now: datetime) -> BanCase:
    """A case against one person that waits for its second officer."""
    registrar, yesterday = officers[0], timezone.localdate(now) - timedelta(days=1)
    case = registry.draft_case(
        number=f"〔{number + 1}〕号",
        authority="卫生健康委员会",
        decided_on=yesterday,
        facts_on=yesterday,
        facts_category=FactsCategory.ABUSE,
        legal_basis="性能测试",
        region_code=ground.CITY,
        decision_file=ContentFile(b"%PDF-1.4\n%%EOF\n", name="decision.pdf"),
        actor=registrar,
        now=now,
    )
    registry.add_subject(
        case=case,
        person=person,
        role=SubjectRole.PERPETRATOR,
        kind=BanKind.LIFETIME,
        from_date=yesterday,
        until=None,
        actor=registrar,
        now=now,
    )
    registry.submit_case(case=case, actor=registrar, now=now)
    return case
