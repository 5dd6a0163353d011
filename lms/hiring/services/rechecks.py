"""Everybody on a roster is checked again every year: who is due, one press that asks about them all, and who forgot.

The consent of those asked about rests on their employment: the institution says so when it starts, and it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, DateTimeField, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.hiring.models import Check, Purpose, Recheck
from lms.hiring.services import batches, lists, news
from lms.hiring.services.checks import require_asker
from lms.hiring.services.sheets import Asked
from lms.people import vault
from lms.people.models import Employment, IdentityDocument, Organisation, Role
from lms.people.querysets import EmploymentQuerySet
from lms.people.services import BodyNews, tell_bodies
from lms.rules import yearly
from lms.rules.identity import DocumentType, parse
from lms.rules.refusals import Conflict, Invalid

# Who becomes due so soon is asked about with the others, and so long the bureau waits before it hears of it.
AHEAD = PATIENCE = timedelta(days=30)
TOLD_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)
CONSENT_BASIS = "劳动（聘用）合同已载明本人同意在职期间每年复核"


@dataclass(frozen=True, slots=True)
class Forgetful:
    """An institution with people whose yearly re-check is long overdue."""

    institution: Organisation
    persons: int
    oldest: date | None  # the longest ago that one of them was checked; None: somebody never was


def with_last_check(found: EmploymentQuerySet) -> EmploymentQuerySet:
    """Adds ``last_checked_at``: when the institution last asked about the person."""
    asked = Check.objects.filter(person_id=OuterRef("person_id"), institution_id=OuterRef("institution_id"))
    latest = asked.order_by("-checked_at").values("checked_at")[:1]
    return found.annotate(last_checked_at=Subquery(latest, output_field=DateTimeField()))


def due_first(found: EmploymentQuerySet) -> EmploymentQuerySet:
    """Whom nobody ever asked about first, then who was asked about longest ago."""
    return found.select_related("person").order_by(F("last_checked_at").asc(nulls_first=True), "pk")


def due_employments(institution: Organisation, by: date, now: datetime) -> EmploymentQuerySet:
    """People on the roster today whose re-check is due by ``by``; those nobody ever asked about among them."""
    present = Employment.objects.on(timezone.localdate(now)).filter(institution=institution)
    return with_last_check(present).filter(_not_since(yearly.done_by(by)))


def start_recheck(*, institution: Organisation, consent: bool, actor: Actor, now: datetime) -> Recheck:
    """Ask about everybody who is due, or will be within ``AHEAD``, as one batch with one receipt.

    ``consent``: the institution's word that those asked about have consented with their employment. Refuses as
    ``check_person`` does, ``nobody_due``, and ``recheck_running`` while the last one is not finished: pressed twice,
    also at once, it is one.
    """
    require_asker(institution, actor)
    if consent is not True:
        raise Invalid("consent_required", _("请确认每一位在册人员已同意在职期间每年复核。"), field="consent")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=institution.pk)
        if Recheck.objects.filter(institution=institution, batch__finished_at=None).exists():
            raise Conflict("recheck_running", _("年度复核正在进行，请等待完成。"))
        due = due_employments(institution, timezone.localdate(now) + AHEAD, now)
        asked = _asked(list(due.select_related("person").order_by("person__name", "pk")))
        if not asked:
            raise Conflict("nobody_due", _("目前没有人需要复核。"))
        report = batches.create_batch(
            institution=institution,
            file=lists.as_file(asked),
            purpose=Purpose.ANNUAL_REVIEW,
            consent=True,
            actor=actor,
            now=now,
        )
        assert report.batch is not None
        recheck = Recheck.objects.create(
            institution=institution,
            batch=report.batch,
            persons=len(asked),
            consent_basis=CONSENT_BASIS,
            started_by=actor.label,
            at=now,
        )
        changes = {"persons": len(asked), "consent_basis": CONSENT_BASIS}
        record(verb="recheck.started", actor=actor, now=now, subject=recheck, changes=changes)
    return recheck


def forgetful(*, actor: Actor, now: datetime) -> list[Forgetful]:
    """Institutions the actor may see whose people are overdue beyond all patience, the most of them first. Two queries."""
    rows = _overdue(Employment.objects.visible_to(actor), now)
    bodies = Organisation.objects.in_bulk([row["institution"] for row in rows])
    told = [
        Forgetful(bodies[row["institution"]], row["persons"], None if row["never"] else _day(row["oldest"]))
        for row in rows
    ]
    return sorted(told, key=lambda one: (-one.persons, one.institution.name))


def remind(*, now: datetime) -> int:
    """Tell managers once a month of whom is due, and registrars of who forgot. Returns how many institutions were told."""
    today = timezone.localdate(now)
    due = with_last_check(Employment.objects.on(today)).filter(_not_since(yearly.done_by(today + AHEAD)))
    counts = dict(
        due.order_by().values("institution").annotate(persons=Count("pk")).values_list("institution", "persons")
    )
    news_of = [
        BodyNews(
            key,
            _("%(count)s 名在册人员的年度复核即将到期或已到期") % {"count": count},
            _("一次即可发起全部复核，完成后得到一份回执。"),
            f"recheck:{key}:{today:%Y-%m}",
        )
        for key, count in counts.items()
    ]
    tell_bodies(roles=TOLD_ROLES, code="recheck.due", news=news_of, url=reverse("hiring:rechecks"), mail=True, now=now)
    for one in forgetful(actor=Actor.system("remind-rechecks"), now=now):
        news.tell_registrars(
            one.institution.region_code,
            code="recheck.overdue",
            title=_("%(institution)s有 %(count)s 人逾期未复核")
            % {"institution": one.institution.name, "count": one.persons},
            body=_("年度复核已逾期 30 天以上，请督促机构办理。"),
            url=reverse("hiring:rechecks"),
            dedupe_key=f"recheck-overdue:{one.institution.pk}:{today:%Y-%m}",
            now=now,
        )
    return len(counts)


def _overdue(found: EmploymentQuerySet, now: datetime) -> list[dict[str, Any]]:
    """By institution: how many are overdue beyond patience, when the first of them was last checked, how many never."""
    limit = timezone.localdate(now) - PATIENCE
    present = with_last_check(found.on(timezone.localdate(now)).filter(from_date__lte=limit))
    late = present.filter(_not_since(yearly.done_by(limit))).order_by().values("institution")
    counted = late.annotate(
        persons=Count("pk"),
        oldest=Min("last_checked_at"),
        never=Count("pk", filter=Q(last_checked_at=None)),
    )
    return [dict(row) for row in counted]


def _not_since(day: date) -> Q:
    """Never checked, or on ``day`` at the latest."""
    return Q(last_checked_at=None) | Q(last_checked_at__date__lte=day)


def _asked(due: Sequence[Employment]) -> list[Asked]:
    """A question about each, with the newest of their valid documents."""
    documents: dict[UUID, IdentityDocument] = {}
    held = IdentityDocument.objects.filter(person__in=[row.person_id for row in due])
    for row in held.order_by("valid_to", "valid_from", "pk"):
        if row.valid_to is None or row.person_id not in documents or documents[row.person_id].valid_to is not None:
            documents[row.person_id] = row
    questions = []
    for number, employment in enumerate((one for one in due if one.person_id in documents), start=1):
        document = documents[employment.person_id]
        questions.append(
            Asked(
                row=number,
                name=employment.person.name,
                number=parse(DocumentType(document.type), vault.unseal(document.ciphertext, document.key_version)),
                date_of_birth=employment.person.birth_date,
            )
        )
    return questions


def _day(at: object) -> date | None:
    return timezone.localdate(at) if isinstance(at, datetime) else None
