"""What a holder keeps: their certificates, what is still missing for this year's, and the files."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certificates.models import Certificate, Rule
from certificates.querysets import Status
from certificates.services import issue_annual_certificate, paper_of
from certificates.showing import told
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive
from lms.ledger.models import Category
from lms.ledger.services import standing
from lms.people.access import ActingRequest, role_required
from lms.people.models import Person
from lms.people.wording import sentence
from lms.rules import calendars
from lms.rules.refusals import NotAllowed, Refusal
from lms.rules.reminders import STEPS

ALARMS = (60, 7)  # days before


@require_safe
@role_required()
def mine(request: ActingRequest) -> HttpResponse:
    """The wallet."""
    person, now = _own(request), timezone.now()
    on = timezone.localdate(now)
    certificates = list(
        Certificate.objects.with_status(on).filter(person=person).select_related("type").order_by("-issued_at")
    )
    has_annual = any(row.type.rule == Rule.ANNUAL_REQUIREMENT and row.period == str(on.year) for row in certificates)
    return render(
        request,
        "certificates/mine.html",
        {
            "certificates": [{"row": row, "days_left": _days_left(row, on), **told(row)} for row in certificates],
            "year": None if has_annual else _year(person, on),
        },
    )


@require_POST
@role_required()
def claim_annual(request: ActingRequest, year: int) -> HttpResponse:
    """Ask for the certificate of a year that is met (it comes by itself unless something stood in the way then)."""
    try:
        issue_annual_certificate(person=_own(request), year=year, actor=request.actor, now=timezone.now())
        messages.success(request, _("年度证书已签发。"))
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("certificates:mine")


@require_safe
@role_required()
def download(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """The archived PDF, byte for byte, to whoever may see the certificate; made now if no worker has made it yet."""
    now = timezone.now()
    certificate = get_object_or_404(Certificate.objects.visible_to(request.actor), pk=certificate_id)
    document = paper_of(certificate=certificate, now=now)
    content = archive.read(document)
    _note_download(certificate, request.actor, now)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{certificate.serial}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@role_required()
def calendar(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """The last day of one's own valid certificate, for a calendar. A corrected edition replaces the entry of its forerunner."""
    now = timezone.now()
    mine = Certificate.objects.with_status(timezone.localdate(now)).filter(person=_own(request))
    certificate = get_object_or_404(mine, pk=certificate_id, status=Status.VALID, valid_until__isnull=False)
    last_day = certificate.valid_until
    assert last_day is not None
    # One entry for one fact: every edition of it has the same key, and the key tells nothing.
    key = uuid5(certificate.type_id, f"{certificate.person_id}:{certificate.period}")
    content = calendars.whole_day(
        uid=f"{key}@{urlsplit(settings.PUBLIC_BASE_URL).hostname or 'certificates'}",
        on=last_day,
        written_at=now,
        summary=_("“%(title)s”到期") % {"title": certificate.title},
        description=_("证书编号 %(serial)s，有效至当天（含）。到期前完成新一轮学习，证书不间断。")
        % {"serial": certificate.serial},
        url=f"{settings.PUBLIC_BASE_URL}{reverse('certificates:mine')}",
        sequence=certificate.edition - 1,
        alarms=ALARMS,
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{certificate.serial}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@transaction.atomic
def _note_download(certificate: Certificate, actor: Actor, now: datetime) -> None:
    record(
        verb="certificate.downloaded",
        actor=actor,
        now=now,
        subject=certificate,
        person_id=certificate.person_id,
        changes={"serial": certificate.serial},
    )


def _days_left(certificate: Certificate, on: date) -> int | None:
    """Days to the last one, where that is near enough to be said."""
    told_status: Any = certificate
    if told_status.status != Status.VALID or certificate.valid_until is None:
        return None
    left = (certificate.valid_until - on).days
    return left if left <= STEPS[0] else None


def _own(request: ActingRequest) -> Person:
    person = request.user.person
    if person is None:
        raise NotAllowed("no_person", _("这个账号没有登记个人信息，因此没有个人证书。"))
    return person


def _year(person: Person, on: date) -> dict[str, Any] | None:
    """What the year still asks, or None where the person's city asks nothing."""
    verdict = standing(person=person, year=on.year, on=on)
    if not verdict.lines:
        return None
    lines = [
        {
            "name": Category(line.category).label,
            "earned": line.earned_class_hours,
            "required": line.required_class_hours,
            "left": line.left_class_hours,
            "met": line.met,
        }
        for line in verdict.lines
    ]
    return {"number": on.year, "lines": lines, "met": verdict.met, "days_left": verdict.days_left}
