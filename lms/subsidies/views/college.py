"""A college's pages: its claims, and assembling one from evidence it need not collect."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courses.catalogue.models import Release
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal
from lms.subsidies import services
from lms.subsidies.forms import AssembleForm, ClaimFilter
from lms.subsidies.models import Claim, ClaimLine, Scheme
from lms.subsidies.querysets import COLLEGE_ROLES
from lms.subsidies.views.own import own_body

PAGE_SIZE = 25


@role_required(*COLLEGE_ROLES)
def claims(request: ActingRequest) -> HttpResponse:
    """The college's claims, the newest first."""
    form = ClaimFilter(request.GET)
    found = Claim.objects.visible_to(request.actor).select_related("scheme", "release")
    if form.is_valid():
        if text := form.cleaned_data["q"].strip():
            found = found.filter(Q(number__icontains=text) | Q(release__title__icontains=text))
        if form.cleaned_data["state"]:
            found = found.filter(state=form.cleaned_data["state"])
    if exports.wanted(request):
        return _workbook(_rows(list(found)))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": _rows(list(page.object_list)),
        "export_url": exports.address(request),
    }
    return render(request, "subsidies/claims.html", context)


def _rows(found: list[Claim]) -> list[dict[str, Any]]:
    totals = ClaimLine.objects.filter(claim__in=[claim.pk for claim in found]).current().totals()
    rows = []
    for claim in found:
        by_verdict = totals.get(claim.pk, {})
        rows.append(
            {
                "claim": claim,
                "lines": sum(count for count, _fen in by_verdict.values()),
                "payable": by_verdict.get("pay", (0, 0))[0],
                "amount": services.yuan(sum(fen for _count, fen in by_verdict.values())),
            }
        )
    return rows


def _workbook(rows: list[dict[str, Any]]) -> HttpResponse:
    columns = (_("申报编号"), _("项目"), _("课程"), _("状态"), _("人数"), _("可补贴"), _("金额（元）"), _("申报时间"))
    table = (
        (
            row["claim"].number,
            row["claim"].scheme.name,
            row["claim"].release.title,
            str(row["claim"].get_state_display()),
            row["lines"],
            row["payable"],
            row["amount"],
            row["claim"].created_at,
        )
        for row in rows
    )
    return exports.workbook(_("补贴申报"), columns, table)


@role_required(*COLLEGE_ROLES)
def assemble(request: ActingRequest) -> HttpResponse:
    """Choose scheme and course, see the counts, assemble. Nothing is frozen before the second step."""
    today = timezone.localdate()
    schemes = Scheme.objects.visible_to(request.actor).open(today).order_by("name")
    releases = Release.objects.filter(course__college_id=request.actor.organisation_id).order_by("title", "-number")
    asked = request.POST or request.GET
    form = AssembleForm(asked or None, schemes=schemes, releases=releases)
    preview = None
    if form.is_bound and form.is_valid():
        scheme, release = form.cleaned_data["scheme"], form.cleaned_data["release"]
        if request.method == "POST":
            try:
                claim = services.assemble_claim(
                    scheme=scheme, college=own_body(request), release=release, actor=request.actor, now=timezone.now()
                )
            except Refusal as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("申报已汇集，请核对后提交。"))
                return redirect("subsidies:claim", claim.pk)
        preview = services.preview_claim(scheme=scheme, release=release)
    context = {
        "form": form,
        "preview": preview,
        "preview_amount": services.yuan(preview.amount_fen) if preview else "",
        "has_schemes": schemes.exists(),
    }
    return render(request, "subsidies/assemble.html", context)


@require_POST
@role_required(*COLLEGE_ROLES)
def reassemble(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Bring the lines up to date with the evidence as it stands now."""
    claim = get_object_or_404(Claim.objects.visible_to(request.actor), pk=pk)
    before = claim.assembly
    after = services.reassemble_claim(claim=claim, actor=request.actor, now=timezone.now()).assembly
    changed = _("明细已按最新证据重新汇集。")
    messages.success(request, changed if after != before else _("证据没有变化，明细保持不变。"))
    return redirect("subsidies:claim", pk)


@require_POST
@role_required(Role.COLLEGE_PUBLISHER)
def submit(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Hand the claim to the bureau."""
    claim = get_object_or_404(Claim.objects.visible_to(request.actor), pk=pk)
    services.submit_claim(claim=claim, actor=request.actor, now=timezone.now())
    messages.success(request, _("申报已提交，审计和决定的结果会发到消息里。"))
    return redirect("subsidies:claim", pk)
