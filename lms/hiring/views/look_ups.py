"""For registrars: who looks people up in an unusual way, and how often who asks for what."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.hiring import services
from lms.hiring.forms.look_ups import LookUpDecisionForm, LookUpFilter, StatisticsFilter
from lms.hiring.models import Check, LookUpAlert, LookUpDecision, Outcome, Purpose
from lms.people.access import ActingRequest, role_required
from lms.people.querysets import in_region
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal

PAGE_SIZE = 20
MONTHS = 12  # without a month chosen, so many to this one
FIGURES: dict[str, Any] = {
    "numbers": gettext_lazy("涉及证件"),
    "most_names": gettext_lazy("同一证件最多姓名数"),
    "days_and_places": gettext_lazy("出生日期与地点组合"),
    "most": gettext_lazy("最多一组"),
    "minutes": gettext_lazy("分钟之内"),
}


@role_required(*sorted(REGISTRAR_ROLES))
def alerts(request: ActingRequest) -> HttpResponse:
    """Patterns noticed in the officer's region, the newest first."""
    form = LookUpFilter(request.GET)
    found = LookUpAlert.objects.visible_to(request.actor).select_related("institution", "decision")
    state, words = (form.cleaned_data["state"], form.cleaned_data["q"].strip()) if form.is_valid() else ("", "")
    if state != "all":
        found = found.filter(decision__isnull=state != "decided")
    if words:
        found = found.filter(institution__name__icontains=words)
    if exports.wanted(request):
        columns = (_("日期"), _("机构"), _("情形"), _("次数"), _("当日查询"), _("状态"), _("理由"))
        return exports.workbook(_("异常查询"), columns, (_exported(row) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"alert": row, "lamp": _lamp(row)} for row in page]
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "hiring/look_ups.html", context)


@role_required(*sorted(REGISTRAR_ROLES))
def alert(request: ActingRequest, pk: Any) -> HttpResponse:
    """One pattern with its figures, and what became of it."""
    found = LookUpAlert.objects.visible_to(request.actor).select_related("institution", "decision__decided_by")
    row = get_object_or_404(found, pk=pk)
    form = LookUpDecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_alert(alert=row, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("处理已记录。"))
            return redirect("hiring:look_ups")
    decision = getattr(row, "decision", None)
    context = {
        "alert": row,
        "lamp": _lamp(row),
        "decision": decision,
        "facts": _facts(row),
        "form": None if decision else form,
    }
    return render(request, "hiring/look_up.html", context, status=422 if form.errors else 200)


@role_required(*sorted(REGISTRAR_ROLES))
def statistics(request: ActingRequest) -> HttpResponse:
    """Who asked for what and was answered how, by month. Counts only."""
    form = StatisticsFilter(request.GET)
    month, words = (form.cleaned_data["month"], form.cleaned_data["q"].strip()) if form.is_valid() else (None, "")
    rows = _counted(request, month, words)
    if exports.wanted(request):
        columns = (_("月份"), _("机构"), _("用途"), _("合计"), *(str(label) for label in Outcome.labels))
        told = ([row["month"], row["institution"], row["purpose"], row["total"], *row["outcomes"]] for row in rows)
        return exports.workbook(_("查询统计"), columns, told)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    totals = [sum(row["outcomes"][place] for row in rows) for place in range(len(Outcome.values))]
    context = {
        "form": form,
        "page": page,
        "rows": [row | {"cells": list(zip(Outcome.labels, row["outcomes"], strict=True))} for row in page],
        "labels": Outcome.labels,
        "totals": list(zip(Outcome.labels, totals, strict=True)),
        "total": sum(totals),
        "export_url": exports.address(request),
    }
    return render(request, "hiring/look_up_statistics.html", context)


def _counted(request: ActingRequest, month: date | None, words: str) -> list[dict[str, Any]]:
    checks = _asked_in(month).filter(in_region("institution__region_code", request.actor.region_code))
    if words:
        checks = checks.filter(institution__name__icontains=words)
    by = checks.order_by().annotate(month=TruncMonth("checked_at")).values("month", "institution__name", "purpose")
    counted: Any = by.annotate(**{value: Count("pk", filter=Q(outcome=value)) for value in Outcome.values})
    labels = {value: str(label) for value, label in Purpose.choices}
    rows = []
    for row in counted.order_by("-month", "institution__name", "purpose"):
        outcomes = [row[value] for value in Outcome.values]
        rows.append(
            {
                "month": timezone.localtime(row["month"]).strftime("%Y-%m"),
                "institution": row["institution__name"],
                "purpose": labels[row["purpose"]],
                "outcomes": outcomes,
                "total": sum(outcomes),
            }
        )
    return rows


def _asked_in(month: date | None) -> "QuerySet[Check]":
    if month is None:
        first = timezone.localdate().replace(day=1)
        begin = date(first.year - (first.month < MONTHS), (first.month - MONTHS) % 12 + 1, 1)
        return Check.objects.filter(checked_at__gte=_midnight(begin))
    following = (month + timedelta(days=31)).replace(day=1)
    return Check.objects.filter(checked_at__gte=_midnight(month), checked_at__lt=_midnight(following))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _lamp(row: LookUpAlert) -> tuple[str, Any]:
    decision: LookUpDecision | None = getattr(row, "decision", None)
    if decision is None:
        return "attention", _("待处理")
    return ("stop" if decision.verdict == LookUpDecision.Verdict.WARNED else "ok"), decision.get_verdict_display()


def _facts(row: LookUpAlert) -> list[tuple[Any, Any]]:
    return [
        (_("机构"), row.institution.name),
        (_("联系电话"), row.institution.contact_phone or None),
        (_("日期"), row.day),
        (_("情形"), row.get_pattern_display()),
        (_("次数"), row.count),
        (_("当日查询"), row.total),
        *((FIGURES.get(key, key), value) for key, value in sorted(row.figures.items())),
        (_("发现时间"), timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M")),
    ]


def _exported(row: LookUpAlert) -> list[Any]:
    decision = getattr(row, "decision", None)
    reason = decision.reason if decision else ""
    return [
        row.day,
        row.institution.name,
        row.get_pattern_display(),
        row.count,
        row.total,
        str(_lamp(row)[1]),
        reason,
    ]
