"""Issuing to many: choose whom, read the dry run, start, watch, stop, and take the results away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates import batch_files
from certificates.batch_forms import BatchFilter, RowFilter, SelectionForm
from certificates.batch_showing import (
    LAMPS,
    bar_of,
    outcome_of,
    reason_of,
    reasons_of,
    rule_of,
    summary_of,
    titles_of,
)
from certificates.models import BatchState, IssueBatch
from certificates.services import batches as service
from certificates.services import ensure_types, plan_batch, progress_of
from certificates.services.batches import ORDERING_ROLES
from certificates.services.choosing import types_for
from certificates.views.recalls import proposal_for
from lms.audit.actors import Actor
from lms.people import places
from lms.people.access import ActingRequest, role_required
from lms.people.querysets import BUREAU_ROLES
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal

# A bureau's other officers look at what was ordered in their region; who may order is asked by the verbs.
READERS = tuple(sorted({*ORDERING_ROLES, *BUREAU_ROLES}))
PAGE = 25
_STEPS = {"start": service.start_batch, "pause": service.pause_batch, "resume": service.resume_batch}


@require_safe
@role_required(*READERS)
def batches(request: ActingRequest) -> HttpResponse:
    """What was ordered so far, filtered, exported."""
    form = BatchFilter(request.GET)
    found = form.narrow(IssueBatch.objects.visible_to(request.actor)).select_related("type", "organisation")
    if exports.wanted(request):
        return _exported(list(found))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    named = titles_of(list(page))
    context = {
        "filters": form,
        "page": page,
        "rows": [
            {"batch": row, "lamp": LAMPS[row.state], "rule": summary_of(row, named), "counts": progress_of(row)}
            for row in page
        ],
        "total": page.paginator.count,
        "export_url": exports.address(request),
        "may_order": request.actor.role in ORDERING_ROLES,
    }
    return render(request, "certificates/batches.html", context)


@require_safe
@role_required(*ORDERING_ROLES)
def choose_type(request: ActingRequest) -> HttpResponse:
    """Which certificate; where there is one only, straight to whom."""
    types = _types(request.actor)
    names = places.names()
    for kind in types:
        kind.of = kind.issuer.name if kind.issuer else names.get(kind.region_code, "")  # type: ignore[attr-defined]
    if len(types) == 1:
        return redirect("certificates:batch_plan", types[0].pk)
    return render(request, "certificates/batch_types.html", {"types": types})


@require_http_methods(["GET", "POST"])
@role_required(*ORDERING_ROLES)
def plan(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """Choose whom; what is sent is looked at, not issued."""
    kind = get_object_or_404(types_for(request.actor), pk=type_id)
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = SelectionForm(data, type=kind, actor=request.actor, today=timezone.localdate(now))
    if request.method == "POST" and form.is_valid():
        try:
            batch = plan_batch(type=kind, selection=form.selection(), actor=request.actor, now=now)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("certificates:batch", batch.pk)
    context = {"form": form, "type": kind}
    return render(request, "certificates/batch_plan.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*READERS)
def batch(request: ActingRequest, batch_id: UUID) -> HttpResponse:
    """One order: what the dry run says, how far it is, what became of everybody."""
    row = one_batch(request, batch_id)
    form = RowFilter(request.GET)
    page = Paginator(form.narrow(row.rows.select_related("person", "certificate")), PAGE).get_page(
        request.GET.get("page")
    )
    rows = []
    for one in page:
        word, lamp = outcome_of(one)
        rows.append({"row": one, "word": word, "lamp": lamp, "reason": reason_of(one)})
    context = {
        "batch": row,
        "facts": _facts(row),
        "reasons": reasons_of(row),
        "filters": form,
        "page": page,
        "rows": rows,
        "total": page.paginator.count,
        "export_url": f"{reverse('certificates:batch_index', args=[row.pk])}?{request.GET.urlencode()}",
        "own": request.actor.role in ORDERING_ROLES and request.actor.organisation_id == row.organisation_id,
        "recall_url": proposal_for(row, request.actor),
        **_progress(row),
    }
    if context["has_files"]:
        context["volumes"] = range(1, batch_files.volumes_of(row) + 1)
    return render(request, "certificates/batch.html", context)


@require_safe
@role_required(*READERS)
def progress(request: ActingRequest, batch_id: UUID) -> HttpResponse:
    """The bar and its figures, asked for while the work goes on; when it has ended the page is read anew."""
    row = one_batch(request, batch_id)
    response = render(request, "certificates/parts/batch_progress.html", {"batch": row, **_progress(row)})
    if row.state != BatchState.RUNNING:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@role_required(*ORDERING_ROLES)
def step(request: ActingRequest, batch_id: UUID, name: str) -> HttpResponse:
    """Start, pause, or go on."""
    row = one_batch(request, batch_id)
    try:
        _STEPS[name](batch=row, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.error(request, sentence(refusal))
    return redirect("certificates:batch", row.pk)


@require_http_methods(["GET", "POST"])
@role_required(*ORDERING_ROLES)
def cancel(request: ActingRequest, batch_id: UUID) -> HttpResponse:
    """End it, with what that means shown first."""
    row = one_batch(request, batch_id)
    if request.method == "POST":
        try:
            service.cancel_batch(batch=row, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            if refusal.status in {403, 404}:
                raise
            messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("已取消。已签发的证书不受影响。"))
        return redirect("certificates:batch", row.pk)
    return render(request, "certificates/batch_cancel.html", {"batch": row, "consequences": _lost(row)})


def one_batch(request: ActingRequest, batch_id: UUID) -> IssueBatch:
    """A batch this actor may see; anybody else's is not found."""
    visible = IssueBatch.objects.visible_to(request.actor).select_related("type", "organisation")
    return get_object_or_404(visible, pk=batch_id)


def _types(actor: Actor) -> list[Any]:
    ensure_types(actor=Actor.system("certificate-types"), now=timezone.now())
    return list(types_for(actor).select_related("issuer"))


def _progress(row: IssueBatch) -> dict[str, Any]:
    counts = progress_of(row)
    return {
        "counts": counts,
        "bar": bar_of(row, counts),
        "unfit": counts.waiting - counts.eligible - counts.holding,
        "has_files": bool(counts.issued + counts.held),
    }


def _facts(row: IssueBatch) -> list[tuple[Any, Any]]:
    def moment(at: Any) -> str:
        return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""

    facts = [
        *rule_of(row),
        (_("经办"), f"{row.organisation.name} · {row.asked_by}"),
        (_("试算时间"), moment(row.drafted_at)),
        (_("开始时间"), moment(row.started_at)),
        (_("结束时间"), moment(row.ended_at)),
    ]
    return [(term, value) for term, value in facts if value]


def _lost(row: IssueBatch) -> list[str]:
    """What cancelling does, in sentences."""
    counts = progress_of(row)
    waiting = ngettext("其余 %(count)d 人不再处理", "其余 %(count)d 人不再处理", counts.waiting)
    issued = ngettext(
        "已签发的 %(count)d 份证书继续有效，需要时在登记簿中撤销",
        "已签发的 %(count)d 份证书继续有效，需要时在登记簿中撤销",
        counts.issued,
    )
    return [
        waiting % {"count": counts.waiting},
        *([issued % {"count": counts.issued}] if counts.issued else []),
        _("取消后不能继续；需要时可以重新选择人员，已有证书的人不会重复签发"),
    ]


def _exported(found: list[IssueBatch]) -> HttpResponse:
    columns = [
        *(_("证书"), _("范围"), _("状态"), _("人数"), _("已签发"), _("已持有"), _("未签发")),
        *(_("经办单位"), _("经办人"), _("试算时间"), _("结束时间")),
    ]
    named = titles_of(found)
    counted = ((row, progress_of(row)) for row in found)
    cells = (
        [
            *(row.type.title, summary_of(row, named), row.get_state_display(), row.total),
            *(counts.issued, counts.held, counts.refused),
            *(row.organisation.name, row.asked_by, row.drafted_at, row.ended_at),
        ]
        for row, counts in counted
    )
    return exports.workbook(_("批量签发"), columns, cells)
