"""When a ban is annulled, everyone who was answered *barred* about its people hears that the answer has lost its ground."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import About, record_many
from lms.hiring.models import Check, Outcome
from lms.hiring.services.alerts import TOLD_ROLES
from lms.people.services import tell_members
from lms.registry.models import BanSubject, BanSubjectIndex

# As long as a check is kept; a leap year falls into three years.
LOOK_BACK = timedelta(days=3 * 365 + 1)


def answered_barred(subjects: Sequence[BanSubject], *, freed: Collection[UUID], now: datetime) -> QuerySet[Check]:
    """Checks of the last three years that said *barred* of these subjects, but for whom another ban still holds.

    Somebody unknown here is found by the number asked about.
    """
    named = [subject for subject in subjects if subject.person_id is None or subject.person_id in freed]
    indexes = BanSubjectIndex.objects.filter(subject__in=named).values("blind_index")
    persons = [subject.person_id for subject in named if subject.person_id]
    barred = Q(outcome=Outcome.BARRED) | Q(decision__outcome=Outcome.BARRED, decision__revocation=None)
    about = Q(person__in=persons) | Q(blind_index__in=indexes) | Q(candidates__subject__in=named)
    found = Check.objects.filter(barred, about, checked_at__gte=now - LOOK_BACK)
    return found.select_related("institution").order_by("checked_at").distinct()


def tell_askers(
    *, case_id: UUID, subjects: Sequence[BanSubject], freed: Collection[UUID], actor: Actor, now: datetime
) -> int:
    """Tell each organisation once for each name it asked about, by mail too. Returns how many checks it concerns."""
    checks = list(answered_barred(subjects, freed=freed, now=now))
    asked: dict[tuple[UUID, str], list[Check]] = defaultdict(list)
    for check in checks:
        asked[check.institution_id, check.name].append(check)
    for (_institution, name), rows in asked.items():
        tell_members(
            organisation=rows[-1].institution,
            roles=TOLD_ROLES,
            code="check.annulled",
            title=_("“禁入”的核查结果已失去依据：%(name)s") % {"name": name},
            body=_("所依据的禁入决定已被依法撤销。请不要再以该结果对待此人；需要时重新核查。"),
            url=reverse("hiring:check", args=[rows[-1].pk]),
            dedupe_key=f"check-annulled:{case_id}:{rows[-1].pk}",
            mail=True,
            now=now,
        )
    about = [About(check, check.person_id, {"institution": check.institution.name}) for check in checks]
    record_many(verb="check.annulment_told", actor=actor, now=now, about=about)
    return len(checks)
