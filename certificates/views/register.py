"""What issuers and bureaus keep track of: every certificate in their name or region, listed, counted, exported."""

import tempfile
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from certificates.desk import READERS
from certificates.models import Certificate, Rule
from certificates.querysets import CertificateQuerySet, Status
from certificates.register_columns import columns_of, lines_of_register
from certificates.services import bulk_check
from certificates.showing import WORDS, told
from certificates.statistics import charts, columns, statistics
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import workbooks
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.rules.serials import normalise

PAGE = 25
MOST_EXPORTED = 50_000  # rows of one workbook; more is a page that never comes
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Filters(forms.Form):
    q = forms.CharField(label=gettext_lazy("编号或姓名"), required=False, max_length=100)
    rule = forms.ChoiceField(
        label=gettext_lazy("种类"), required=False, choices=[("", gettext_lazy("全部")), *Rule.choices]
    )
    status = forms.ChoiceField(
        label=gettext_lazy("状态"),
        required=False,
        choices=[("", gettext_lazy("全部")), *((key.value, WORDS[key][0]) for key in Status if key != Status.UNKNOWN)],
    )
    year = forms.IntegerField(label=gettext_lazy("发证年份"), required=False, min_value=2000, max_value=2100)

    def narrow(self, found: CertificateQuerySet) -> CertificateQuerySet:
        """``found`` (with_status) by what was asked; what can't be read is not asked."""
        asked = self.cleaned_data if self.is_valid() else {}
        if text := (asked.get("q") or "").strip():
            found = found.filter(Q(serial=normalise(text) or text) | Q(holder_name__icontains=text))
        if asked.get("rule"):
            found = found.filter(type__rule=asked["rule"])
        if asked.get("status"):
            found = found.filter(Q(status=asked["status"]))
        if asked.get("year"):
            found = found.filter(issued_at__year=asked["year"])
        return found


@require_safe
@role_required(*READERS)
def register(request: ActingRequest) -> HttpResponse:
    """The register: searched, filtered, exported."""
    form = Filters(request.GET)
    found = form.narrow(_visible(request.actor, timezone.localdate()))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    export = f"{reverse('certificates:register_export')}?{request.GET.urlencode()}"
    rows = [{"row": row, **told(row)} for row in page]
    context = {
        "filters": form,
        "page": page,
        "rows": rows,
        "total": page.paginator.count,
        "export_url": export,
        "may_check_many": request.actor.role in bulk_check.ROLES,
    }
    return render(request, "certificates/register.html", context)


@require_safe
@role_required(*READERS)
def register_export(request: ActingRequest) -> FileResponse | HttpResponse:
    """The same list as a workbook in the columns of the region, written as it is read. Who took it is on record."""
    now = timezone.now()
    on = timezone.localdate(now)
    rows = Filters(request.GET).narrow(_visible(request.actor, on))
    count = rows.count()
    if count > MOST_EXPORTED:
        text = _("共 %(count)s 份，一次最多导出 %(most)s 份。请按年份、种类或状态缩小范围。")
        messages.error(request, text % {"count": count, "most": MOST_EXPORTED})
        return redirect(f"{reverse('certificates:register')}?{request.GET.urlencode()}")
    asked = columns_of(request.actor.region_code)
    sheet = workbooks.Sheet(_("证书登记簿"), [str(column.title) for column in asked], lines_of_register(rows, asked))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    workbooks.write_into(file, sheets=[sheet], created=now)
    file.seek(0)
    _note_export("certificates.exported", request.actor, {"rows": count, **_asked(request)}, now)
    name = f"certificates-{on:%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@require_safe
@role_required(*READERS)
def figures(request: ActingRequest) -> HttpResponse:
    """Counted by month, kind, state and district; every chart with its table."""
    on = timezone.localdate()
    form = Filters(request.GET)
    counted = statistics(form.narrow(_visible(request.actor, on)))
    export = f"{reverse('certificates:statistics_export')}?{request.GET.urlencode()}"
    states = [{"label": WORDS[state][0], "value": value} for state, value in counted.states.items()]
    context = {
        "filters": form,
        "counted": counted,
        "states": states,
        "charts": charts(counted, on),
        "export_url": export,
        "on": on,
    }
    return render(request, "certificates/statistics.html", context)


@require_safe
@role_required(*READERS)
def statistics_export(request: ActingRequest) -> HttpResponse:
    """The same figures as a workbook, a sheet for each table."""
    now = timezone.now()
    on = timezone.localdate(now)
    counted = statistics(Filters(request.GET).narrow(_visible(request.actor, on)))
    named = ((_("月份"), counted.months), (_("种类"), counted.kinds), (_("地区"), counted.districts))
    sheets = [workbooks.Sheet(title, [title, *columns()], rows) for title, rows in named]
    content = workbooks.write(sheets=sheets, created=now)
    _note_export("certificates.counted", request.actor, {"certificates": counted.total, **_asked(request)}, now)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="certificate-statistics-{on:%Y%m%d}.xlsx"'
    return response


def _visible(actor: Actor, on: date) -> CertificateQuerySet:
    found: CertificateQuerySet = Certificate.objects.visible_to(actor).with_status(on).order_by("-issued_at", "-pk")
    return found


def _asked(request: ActingRequest) -> dict[str, Any]:
    """The filters of an export, for the record; what was searched for as text may be a name, and stays out."""
    asked = {key: request.GET[key][:40] for key in ("rule", "status", "year") if request.GET.get(key)}
    return {"filters": asked} if asked else {}


@transaction.atomic
def _note_export(verb: str, actor: Actor, changes: dict[str, Any], now: datetime) -> None:
    organisation = get_object_or_404(Organisation, pk=actor.organisation_id)
    record(verb=verb, actor=actor, now=now, subject=organisation, changes=changes)
