"""Loading a staff list: read it, see what is wrong, check and start everybody, watch."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring.forms.rosters import RosterLoadForm
from lms.hiring.models import RosterLoad, RosterRow
from lms.hiring.services import roster_loads, roster_sheets
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

LATEST, SHOWN_ERRORS = 10, 50


@role_required(*INSTITUTION_ROLES)
def load(request: ActingRequest) -> HttpResponse:
    """Upload a staff list, or read what one would do; and the lists before."""
    if exports.wanted(request):
        return exports.workbook(_("花名册模板"), roster_sheets.template_columns(), [])
    form = RosterLoadForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: roster_loads.LoadReport | None = None
    if request.method == "POST" and form.is_valid():
        institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
        try:
            report = roster_loads.load_roster(
                institution=institution, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if report.load:
                return redirect("hiring:roster_load", report.load.pk)
    context = {
        "form": form,
        "report": report,
        "good": report.total - len(report.errors) if report else 0,
        "errors": [(one.row, one.name, one.error) for one in report.errors[:SHOWN_ERRORS]] if report else [],
        "loads": _own(request)[:LATEST],
        "template_url": exports.address(request),
    }
    return render(request, "hiring/roster_load_form.html", context, status=422 if form.errors else 200)


@role_required(*INSTITUTION_ROLES)
def roster_load(request: ActingRequest, pk: Any) -> HttpResponse:
    """One list: how far it is, who has started, and why the others have not."""
    row = get_object_or_404(_own(request), pk=pk)
    if exports.wanted(request):
        columns = (_("行号"), _("姓名"), _("证件号（掩码）"), _("岗位"), _("入职日期"), _("结果"), _("原因"))
        rows = row.rows.order_by("number")
        return exports.workbook(_("花名册导入结果"), columns, (_exported(one) for one in rows))
    wrong = row.rows.exclude(error_code="").order_by("number").values_list("number", "name", "error")
    context = {
        "load": row,
        "errors": wrong[:SHOWN_ERRORS],
        "started": row.rows.filter(employment__isnull=False).count(),
        "wrong": row.rows.filter(employment=None).exclude(error_code="").count(),
        "export_url": exports.address(request),
        **_progress(row),
    }
    return render(request, "hiring/roster_load.html", context)


@role_required(*INSTITUTION_ROLES)
def progress(request: ActingRequest, pk: Any) -> HttpResponse:
    """The bar alone, asked for while the work goes on."""
    return render(request, "components/progress.html", _progress(get_object_or_404(_own(request), pk=pk))["bar"])


def _own(request: ActingRequest) -> Any:
    return RosterLoad.objects.filter(institution=request.actor.organisation_id)


def _progress(row: RosterLoad) -> dict[str, Any]:
    running = row.finished_at is None
    done = row.rows.exclude(employment=None, error_code="").count()
    bar = {
        "id": "roster-load",
        "label": _("核查并办理入职"),
        "value": done,
        "total": row.total,
        "poll_url": reverse("hiring:roster_load_progress", args=[row.pk]) if running else "",
        "result_url": "" if running else reverse("hiring:roster_load", args=[row.pk]),
        "result_label": _("查看结果"),
    }
    return {"bar": bar}


def _exported(row: RosterRow) -> list[Any]:
    word = _("已入职") if row.employment_id else _("未入职") if row.error_code else _("进行中")
    return [row.number, row.name, row.masked, str(row.get_post_display()), row.from_date, word, row.error]
