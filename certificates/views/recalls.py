"""Taking back many certificates: what is selected is shown before anything is proposed, and again before it is confirmed."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Certificate, IssueBatch, IssueBatchRow, Recall, RecallState
from certificates.recall_forms import RecallFilter, ScopeForm
from certificates.recall_showing import event_of, facts_of, item_of, progress_of, row_of, will_happen
from certificates.services.recalls import (
    CONFIRMING_ROLES,
    PIECE,
    PROPOSING_ROLES,
    carry_out_recall,
    confirm_recall,
    decline_recall,
    propose_recall,
)
from certificates.services.scopes import in_scope
from certificates.views.acts import ReasonForm, RevokeForm
from lms.audit.actors import Actor
from lms.documents import archive
from lms.people.access import ActingRequest, role_required
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.rules import names
from lms.rules.refusals import Refusal

PAGE = 25
SAMPLE = 20


@require_safe
@role_required(*PROPOSING_ROLES, *CONFIRMING_ROLES)
def recalls(request: ActingRequest) -> HttpResponse:
    """All recalls of the issuers one may see, filtered, exported."""
    form = RecallFilter(request.GET)
    seen = Recall.objects.visible_to(request.actor)
    found = Recall.objects.filter(pk__in=form.narrow(seen).values("pk")).select_related("issuer")
    counted = found.annotate(count=Count("items")).order_by("-created_at", "-pk")
    if exports.wanted(request):
        return _exported(list(counted))
    page = Paginator(counted, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": form,
        "page": page,
        "rows": [row_of(recall) for recall in page],
        "total": page.paginator.count,
        "export_url": exports.address(request),
        "create_url": reverse("certificates:propose_recall") if request.actor.role in PROPOSING_ROLES else "",
    }
    return render(request, "certificates/recalls.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*PROPOSING_ROLES)
def propose(request: ActingRequest) -> HttpResponse:
    """Select, see what is selected, propose."""
    asked = ScopeForm(request.GET or None, request=request)
    form = RevokeForm(
        request.POST or None, request.FILES or None, initial={"authority": request.actor.organisation_name}
    )
    context: dict[str, Any] = {"asked": asked, "form": form}
    if asked.is_bound and asked.is_valid() and (asked.scope().as_json() or request.method == "POST"):
        try:
            issuer, scope = asked.cleaned_data["issuer"], asked.scope()
            found = in_scope(issuer, scope)
            if request.method == "POST" and form.is_valid():
                recall = propose_recall(
                    issuer=issuer, scope=scope, actor=request.actor, now=timezone.now(), **form.cleaned_data
                )
                messages.success(request, _("已提出，等待主管部门另一位工作人员复核。复核前没有任何证书被撤销。"))
                return redirect("certificates:recall", recall.pk)
            sample = [{"row": row, "holder": names.mask(row.holder_name)} for row in found[:SAMPLE]]
            context |= {"count": found.count(), "sample": sample}
        except Refusal as refusal:
            context["problem"] = sentence(refusal)
    return render(request, "certificates/propose_recall.html", context)


@require_safe
@role_required(*PROPOSING_ROLES, *CONFIRMING_ROLES)
def recall(request: ActingRequest, recall_id: UUID) -> HttpResponse:
    """One recall: what it is about, what it would do, how far it has come, and every certificate of it."""
    found = _one(request, recall_id)
    progress = progress_of(found)
    if request.headers.get("HX-Request") and request.GET.get("part") == "progress":
        return render(request, "components/progress.html", progress)
    items = found.items.select_related("certificate").order_by("certificate__issued_at", "pk")
    page = Paginator(items, PAGE).get_page(request.GET.get("page"))
    if exports.wanted(request):
        return _items_exported(found)
    mine = found.states.filter(officer_id=request.actor.id).exists()
    context = {
        **row_of(found),
        "facts": facts_of(found),
        "progress": progress if found.state in {RecallState.Name.CONFIRMED, RecallState.Name.DONE} else None,
        "events": [event_of(state) for state in found.states.select_related("officer").order_by("number")],
        "page": page,
        "rows": [item_of(item) for item in page],
        "total": page.paginator.count,
        "export_url": exports.address(request),
        "may_decide": request.actor.role in CONFIRMING_ROLES and found.state == RecallState.Name.PROPOSED and not mine,
        "own_proposal": mine and found.state == RecallState.Name.PROPOSED,
    }
    return render(request, "certificates/recall.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CONFIRMING_ROLES)
def confirm(request: ActingRequest, recall_id: UUID) -> HttpResponse:
    """The second officer sees exactly what will happen. A small recall is done at once, a large one in the background."""
    found = _one(request, recall_id)
    problem = ""
    if request.method == "POST":
        try:
            confirm_recall(recall=found, actor=request.actor, now=timezone.now())
            if found.items.count() <= PIECE:
                while carry_out_recall(recall_id=found.pk, now=timezone.now()):
                    pass
            messages.success(request, _("已确认，证书正在逐份撤销，持证人会收到通知。"))
            return redirect("certificates:recall", found.pk)
        except Refusal as refusal:
            problem = sentence(refusal)
    context = {**row_of(found), "consequences": will_happen(found), "problem": problem}
    return render(request, "certificates/confirm_recall.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CONFIRMING_ROLES)
def decline(request: ActingRequest, recall_id: UUID) -> HttpResponse:
    """The second officer does not agree."""
    found = _one(request, recall_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decline_recall(recall=found, reason=form.cleaned_data["reason"], actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("未同意，证书保持原状。"))
            return redirect("certificates:recall", found.pk)
    return render(request, "certificates/decline_recall.html", {**row_of(found), "form": form})


@require_safe
@role_required(*PROPOSING_ROLES, *CONFIRMING_ROLES)
def recall_document(request: ActingRequest, recall_id: UUID) -> HttpResponse:
    """The decision that was handed in."""
    found = _one(request, recall_id)
    document = found.document
    if document is None:
        return HttpResponse(status=404)
    response = HttpResponse(archive.read(document), content_type=document.content_type)
    response["Content-Disposition"] = f'attachment; filename="{document.file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _one(request: ActingRequest, recall_id: UUID) -> Recall:
    visible = Recall.objects.visible_to(request.actor).select_related("issuer", "document")
    found: Recall = get_object_or_404(visible.annotate(count=Count("items")), pk=recall_id)
    return found


def proposal_for(batch: IssueBatch, actor: Actor) -> str:
    """Where the recall of what a batch issued is proposed; empty for who may not propose it, or nothing was issued."""
    issued = IssueBatchRow.objects.filter(batch=batch, outcome=IssueBatchRow.Outcome.ISSUED)
    certificate = Certificate.objects.filter(pk__in=issued.values("certificate")).order_by().first()
    if actor.role not in PROPOSING_ROLES or certificate is None:
        return ""
    asked = urlencode({"issuer": certificate.issuer_id, "batch": batch.pk})
    return f"{reverse('certificates:propose_recall')}?{asked}"


def _exported(found: list[Recall]) -> HttpResponse:
    columns = [
        _("提出时间"),
        _("发证单位"),
        _("范围"),
        _("撤销原因（公开）"),
        _("决定机关（公开）"),
        _("份数"),
        _("状态"),
    ]
    rows = (row_of(recall) for recall in found)
    cells = (
        [
            *(row["recall"].created_at, row["recall"].issuer.name, row["scope"], str(row["code"])),
            *(row["recall"].authority, row["count"], str(row["word"])),
        ]
        for row in rows
    )
    return exports.workbook(_("批量撤销"), columns, cells)


def _items_exported(recall: Recall) -> HttpResponse:
    columns = [_("证书编号"), _("持证人"), _("证书"), _("发证日期"), _("办理结果")]
    items = recall.items.select_related("certificate").order_by("certificate__issued_at", "pk")
    told = (item_of(item) for item in items.iterator())
    cells = (
        [one["certificate"].serial, one["holder"], one["certificate"].title, one["issued_on"], str(one["word"])]
        for one in told
    )
    return exports.workbook(_("批量撤销名单"), columns, cells)
