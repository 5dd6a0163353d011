"""What would happen if this case came into force, or were annulled, now: asked of every room above, and changed by nobody.

``shown_digest`` names exactly what the second officer was shown, so that they never confirm something else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.registry import signals
from lms.registry.effects import Consequence
from lms.registry.models import BanCase, BanState, BanSubject, CaseDocument
from lms.registry.services.listing import barred_ids
from lms.registry.services.subjects import with_persons
from lms.rules import chain
from lms.rules.refusals import Conflict


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What happens from ``day`` on to the people whom the case bars from then: all consequences, also of nobody.

    Silence would look like an omission.
    """

    day: date
    people: int
    consequences: list[Consequence]


def consequences(case: BanCase, *, now: datetime | None = None) -> list[Consequence]:
    """What its coming into force does at once."""
    return foreseen(case, now=now)[0].consequences


def foreseen(case: BanCase, *, now: datetime | None = None) -> list[Foreseen]:
    """What its coming into force does: today, and on each later day on which a dated ban of it begins.

    Who is barred for a time that is over is told of by nobody.
    """
    moment = now or timezone.now()
    today = timezone.localdate(moment)
    by_day: dict[date, list[BanSubject]] = {today: []}
    for subject in with_persons(named(case)):
        if subject.until is None or subject.until >= today:
            by_day.setdefault(max(today, subject.from_date), []).append(subject)
    found = []
    for day, subjects in sorted(by_day.items()):
        then = moment if day == today else timezone.make_aware(datetime.combine(day, time.min))
        answers = signals.ban_consequences.send(BanCase, case=case, subjects=subjects, now=then)
        found.append(Foreseen(day, len(subjects), gathered(answers)))
    return found


def annulment_consequences(case: BanCase, *, now: datetime | None = None) -> list[Consequence]:
    """Every consequence of its annulment. Whom another ban still holds gets nothing back."""
    moment = now or timezone.now()
    subjects = named(case)
    freed = freed_persons(case, subjects, moment)
    answers = signals.annulment_consequences.send(BanCase, case=case, subjects=subjects, freed=freed, now=moment)
    return gathered(answers)


def named(case: BanCase) -> list[BanSubject]:
    """Whom the case names, with their persons; read once for a page, and the files with them."""
    subjects = Prefetch("subjects", BanSubject.objects.select_related("person"))
    prefetch_related_objects([case], subjects, Prefetch("documents", CaseDocument.objects.select_related("document")))
    return sorted(case.subjects.all(), key=lambda subject: subject.pk)


def freed_persons(case: BanCase, subjects: Iterable[BanSubject], now: datetime) -> set[UUID]:
    """Persons named in the case whom no other case bars on the day of ``now``."""
    persons = {subject.person_id for subject in subjects if subject.person_id}
    return persons - barred_ids(persons, timezone.localdate(now), without=case)


def shown_digest(case: BanCase, last: BanState) -> str:
    """A digest of what is put before the second officer: the decision, its files, who is named and on which terms."""
    subjects = with_persons(named(case))
    return chain.digest(
        {
            "step": last.number,
            "decision": [case.number, case.authority, case.decided_on, case.facts_on, case.facts_category],
            "basis": [case.legal_basis, case.region_code],
            "files": sorted(row.document.sha256 for row in case.documents.all()),
            "subjects": [_terms(subject) for subject in subjects],
        }
    )


def require_as_shown(case: BanCase, last: BanState, shown: str) -> None:
    """Refuse ``shown_changed`` when what the officer was shown is not what stands there now."""
    if shown and shown != shown_digest(BanCase.objects.get(pk=case.pk), last):
        raise Conflict("shown_changed", _("在您查看之后，名单或决定有了变化。下面是现在的内容，请重新核对。"))


def _terms(subject: BanSubject) -> list[Any]:
    person = subject.person.pk if subject.person else None
    terms = [subject.role, subject.kind, subject.from_date, subject.until]
    return [subject.pk, person, subject.name, subject.birth_date, subject.number_digest, *terms]


def gathered(answers: Sequence[tuple[Any, Any]]) -> list[Consequence]:
    """Every room's answer, one list."""
    return [row for _receiver, rows in answers for row in rows]
