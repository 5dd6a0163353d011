"""Alerts: for the employer to confirm, for the bureau to follow."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring import services
from lms.hiring.forms.alerts import AlertFilter, RemovalForm
from lms.hiring.models import BanAlert
from lms.hiring.presenters import alert_lamp
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal

PAGE_SIZE = 20


@role_required(*INSTITUTION_ROLES, *sorted(REGISTRAR_ROLES))
def alerts(request: ActingRequest) -> HttpResponse:
    """What waits for a confirmation comes first; the bureau sees every employer of its region."""
    now = timezone.now()
    form = AlertFilter(request.GET)
    found = BanAlert.objects.visible_to(request.actor).with_annulled()
    state = form.cleaned_data["state"] if form.is_valid() else ""
    if state == "confirmed":
        found = found.filter(confirmation__isnull=False)
    elif state != "all":
        found = found.open()
    if state == "overdue":
        found = found.filter(confirm_by__lt=now)
    if form.is_valid() and form.cleaned_data["q"]:
        words = form.cleaned_data["q"].strip()
        found = found.filter(Q(institution__name__icontains=words) | Q(employment__person__name__icontains=words))
    found = found.select_related("institution", "employment__person", "confirmation").order_by("confirm_by", "pk")
    rows = ({"alert": alert, "lamp": alert_lamp(alert, now)} for alert in found)
    if exports.wanted(request):
        columns = (_("机构"), _("姓名"), _("岗位"), _("发出时间"), _("确认期限"), _("状态"), _("处理情况"))
        return exports.workbook(_("禁入警报"), columns, (_exported(row) for row in rows))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    of_region = request.actor.role in REGISTRAR_ROLES
    context = {
        "form": form,
        "page": page,
        "figures": services.removal_figures(actor=request.actor, now=now) if of_region else None,
        "rows": [{"alert": alert, "lamp": alert_lamp(alert, now)} for alert in page],
        "export_url": exports.address(request),
        "of_region": of_region,
        "may_connect": request.actor.role == Role.INSTITUTION_MANAGER,
    }
    return render(request, "hiring/alerts.html", context)


@role_required(*INSTITUTION_ROLES)
def confirm(request: ActingRequest, pk: Any) -> HttpResponse:
    """The employer confirms the removal, after seeing what that does."""
    found = BanAlert.objects.visible_to(request.actor).open()
    alert = get_object_or_404(found.select_related("institution", "employment__person"), pk=pk)
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.confirm_removal(alert=alert, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已确认离岗，任职记录已结束。"))
            return redirect("hiring:alerts")
    name = alert.employment.person.name
    context = {
        "form": form,
        "alert": alert,
        "consequences": [
            _("%(name)s在本机构的任职于今天结束") % {"name": name},
            _("卫生健康部门看到您的确认和处理情况"),
        ],
    }
    return render(request, "hiring/confirm_removal.html", context, status=422 if form.errors else 200)


def _exported(row: dict[str, Any]) -> list[Any]:
    alert: BanAlert = row["alert"]
    confirmation = getattr(alert, "confirmation", None)
    return [
        alert.institution.name,
        alert.employment.person.name,
        alert.employment.get_post_display(),
        alert.at,
        alert.confirm_by,
        str(row["lamp"][1]),
        confirmation.note if confirmation else "",
    ]
