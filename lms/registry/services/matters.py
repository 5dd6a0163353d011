"""One matter, several decisions: a court's judgment, an authority's order, each a case of its own that can be annulled alone.

Cases on the same facts share a ``matter``. Whoever one of them names is offered to the others, and everything that bars
a person, whoever decided it and wherever, is shown together; the strictest acts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from lms.audit.actors import Actor
from lms.people import vault
from lms.registry.models import BanCase, BanState, BanSubject
from lms.registry.querysets import BanCaseQuerySet
from lms.registry.services.known import number_of
from lms.registry.services.subjects import add_subject


@dataclass(frozen=True, slots=True)
class OtherBan:
    """What another case says of somebody: ``subject`` there, ``here`` in this case, and where that case stands."""

    here: BanSubject
    subject: BanSubject
    state: str


def matter_of(case: BanCase) -> UUID:
    """The key that cases on the same facts share: that of the first of them."""
    return case.matter or case.pk


def beside(case: BanCase) -> BanCaseQuerySet:
    """The other cases on the same facts, the oldest first."""
    key = matter_of(case)
    found: BanCaseQuerySet = BanCase.objects.filter(Q(pk=key) | Q(matter=key)).exclude(pk=case.pk)
    return found.with_state().order_by("decided_on", "created_at")


def other_bans(case: BanCase, subjects: Iterable[BanSubject]) -> list[OtherBan]:
    """Bans of other cases, of any authority and region, on ``subjects`` of this one; drafts are nobody's business yet."""
    here = {index: subject for subject in subjects for index in vault.blind_indexes(number_of(subject))}
    by_person: dict[UUID | None, BanSubject] = {one.person_id: one for one in here.values() if one.person_id}
    latest = BanState.objects.filter(case_id=OuterRef("case_id")).order_by("-number")
    named = Q(person__in=list(by_person)) | Q(indexes__blind_index__in=list(here))
    rows = BanSubject.objects.filter(named).exclude(case=case).annotate(state=Subquery(latest.values("state")[:1]))
    rows = rows.exclude(state__in=["draft", "returned", "submitted"]).select_related("case").distinct()
    return [
        OtherBan(by_person.get(row.person_id) or _same_number(row, here), row, row.state)  # type: ignore[attr-defined]
        for row in rows.order_by("case__decided_on", "pk")
    ]


def offered(case: BanCase) -> list[BanSubject]:
    """Whom the other cases on the same facts name and this one doesn't, once each."""
    taken = {index for subject in case.subjects.all() for index in vault.blind_indexes(number_of(subject))}
    found: list[BanSubject] = []
    for subject in BanSubject.objects.filter(case__in=beside(case).values("pk")).order_by("role", "name", "pk"):
        indexes = set(vault.blind_indexes(number_of(subject)))
        if not indexes & taken:
            found.append(subject)
            taken |= indexes
    return found


def take_over(
    *,
    case: BanCase,
    subjects: Sequence[BanSubject],
    kind: str,
    from_date: date,
    until: date | None,
    actor: Actor,
    now: datetime,
) -> list[BanSubject]:
    """Name these people of another case on the same facts in this one too, in their roles, on the terms of this decision."""
    with transaction.atomic():
        return [
            add_subject(
                case=case,
                person=subject.person,
                name=subject.name,
                document_type=subject.document_type,
                document_number=number_of(subject).canonical,
                birth_date=subject.birth_date,
                birth_date_unknown=subject.birth_date is None,
                role=subject.role,
                kind=kind,
                from_date=from_date,
                until=until,
                actor=actor,
                now=now,
            )
            for subject in subjects
        ]


def _same_number(row: BanSubject, here: dict[str, BanSubject]) -> BanSubject:
    """Which of ours is known under an index of the row. There is one: by an index it was found."""
    indexes: Iterable[str] = row.indexes.values_list("blind_index", flat=True)
    return next(here[index] for index in indexes if index in here)
