"""The yearly re-check: for an institution who is due and one press, for the bureau who forgot."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring.forms.rosters import NameFilter, RecheckForm
from lms.hiring.models import Recheck
from lms.hiring.presenters import due_lamp
from lms.hiring.services import rechecks as services
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.people.access import ActingRequest, role_required
from lms.people.models import Employment, Organisation
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules import yearly
from lms.rules.refusals import Refusal

PAGE_SIZE, LATEST = 50, 5


@role_required(*INSTITUTION_ROLES, *sorted(REGISTRAR_ROLES))
def rechecks(request: ActingRequest) -> HttpResponse:
    """Who has to be checked again."""
    return _of_region(request) if request.actor.role in REGISTRAR_ROLES else _of_institution(request)


def _of_institution(request: ActingRequest) -> HttpResponse:
    now = timezone.now()
    institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
    form = RecheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            recheck = services.start_recheck(institution=institution, **form.cleaned_data, actor=request.actor, now=now)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("年度复核已发起，共 %(count)s 人。") % {"count": recheck.persons})
            return redirect("hiring:batch", recheck.batch_id)
    due = services.due_employments(institution, timezone.localdate(now) + services.AHEAD, now)
    found = services.due_first(due)
    if exports.wanted(request):
        columns = (_("姓名"), _("岗位"), _("入职日期"), _("最近核查"), _("复核期限"))
        return exports.workbook(_("年度复核"), columns, (_exported(row) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [{"employment": row, "lamp": due_lamp(_due_on(row), timezone.localdate(now))} for row in page],
        "latest": Recheck.objects.filter(institution=institution).select_related("batch")[:LATEST],
        "export_url": exports.address(request),
    }
    return render(request, "hiring/rechecks.html", context, status=422 if form.errors else 200)


def _of_region(request: ActingRequest) -> HttpResponse:
    form = NameFilter(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    told = services.forgetful(actor=request.actor, now=timezone.now())
    found = [one for one in told if words in one.institution.name]
    if exports.wanted(request):
        columns = (_("机构"), _("联系电话"), _("逾期人数"), _("其中最早的核查"))
        rows = ([one.institution.name, one.institution.contact_phone, one.persons, one.oldest] for one in found)
        return exports.workbook(_("逾期未复核"), columns, rows)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "export_url": exports.address(request)}
    return render(request, "hiring/rechecks_overdue.html", context)


def _due_on(row: Employment) -> Any:
    at = row.last_checked_at  # type: ignore[attr-defined]
    return yearly.next_due(timezone.localdate(at)) if at else None


def _exported(row: Employment) -> list[Any]:
    at = row.last_checked_at  # type: ignore[attr-defined]
    return [row.person.name, str(row.get_post_display()), row.from_date, at, _due_on(row)]
