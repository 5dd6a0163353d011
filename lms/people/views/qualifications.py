"""Certificates issued elsewhere that wait for someone entitled to verify them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.people import services
from lms.people.access import ActingRequest, role_required
from lms.people.forms import SearchForm
from lms.people.models import Qualification
from lms.people.services.qualifications import VERIFYING_ROLES
from lms.people.views import exports

PAGE_SIZE = 25


@role_required(*VERIFYING_ROLES)
def qualifications(request: ActingRequest) -> HttpResponse:
    """The queue of one's region or one's own staff; nobody finds their own there."""
    form = SearchForm(request.GET)
    found = _waiting(request)
    if form.is_valid() and form.cleaned_data["q"].strip():
        text = form.cleaned_data["q"].strip()
        found = found.filter(Q(person__name__icontains=text) | Q(number__iexact=text))
    found = found.select_related("person").order_by("issued_on", "pk")
    if exports.wanted(request):
        return _workbook(found)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "export_url": exports.address(request)}
    return render(request, "people/qualifications.html", context)


@require_POST
@role_required(*VERIFYING_ROLES)
def verify(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Say that the certificate was seen and is genuine."""
    row = get_object_or_404(Qualification.objects.visible_to(request.actor).select_related("person"), pk=pk)
    services.verify_qualification(qualification=row, actor=request.actor, now=timezone.now())
    messages.success(request, _("证书已核验，计入持证。"))
    return redirect("people:qualifications")


def _workbook(found: QuerySet[Qualification]) -> HttpResponse:
    columns = (_("姓名"), _("证书"), _("等级"), _("编号"), _("发证日期"), _("发证机关"), _("有效期至"))
    rows = (
        (
            row.person.name,
            str(row.get_kind_display()),
            row.level,
            row.number,
            row.issued_on,
            row.issuer,
            row.valid_to or "",
        )
        for row in found
    )
    return exports.workbook(_("待核验证书"), columns, rows)


def _waiting(request: ActingRequest) -> QuerySet[Qualification]:
    return Qualification.objects.visible_to(request.actor).filter(verified_at=None).exclude(person__user=request.user)
