"""The queue of possible matches, and one of them side by side with whom it might be."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring import services
from lms.hiring.comparing import comparison
from lms.hiring.forms.reviews import DocumentRequestForm, ReviewFilter, ReviewForm, RevocationForm
from lms.hiring.models import Check, Outcome, ReviewDecision
from lms.hiring.presenters import answer_of, clock_lamp, rule_of
from lms.people.access import ActingRequest, role_required
from lms.people.services import note_look_up
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal

PAGE_SIZE = 20


@role_required(*sorted(REGISTRAR_ROLES))
def reviews(request: ActingRequest) -> HttpResponse:
    """Checks under review in the officer's region: what is overdue comes first, then what is due soonest."""
    now = timezone.now()
    form = ReviewFilter(request.GET)
    found = _filtered(_under_review(request), form, now)
    found = found.order_by(
        F("review__closed_at").desc(nulls_first=True),
        F("review__waiting_since").asc(nulls_first=True),
        F("review__due_at").asc(nulls_first=True),
        "pk",
    )
    if exports.wanted(request):
        columns = (
            *(_("核查时间"), _("机构"), _("姓名"), _("证件号（掩码）"), _("匹配规则")),
            *(_("答复期限"), _("时限"), _("结果")),
        )
        return exports.workbook(_("待核对"), columns, (_exported(row, now) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {
            "check": row,
            "rule": rule_of(row.rule),
            "answer": answer_of(row),
            "clock": clock_lamp(getattr(row, "review", None), now),
        }
        for row in page
    ]
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "hiring/reviews.html", context)


@role_required(*sorted(REGISTRAR_ROLES))
def review(request: ActingRequest, pk: Any) -> HttpResponse:
    """Side by side: who was asked about, and each subject of the list it might be. Then the decision."""
    check = _one(request, pk)
    if request.method == "GET" and check.person is not None:
        note_look_up(person=check.person, purpose="review", actor=request.actor, now=timezone.now())
    candidates = list(check.candidates.select_related("subject__case").prefetch_related("subject__case__documents"))
    form = ReviewForm(request.POST if request.method == "POST" else None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_review(checked=check, **form.answer(), actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("结论已记录，并已通知提出核查的机构。以后同样的核查会沿用这个结论。"))
            return redirect("hiring:reviews")
    decision = getattr(check, "decision", None)
    requests = list(check.document_requests.select_related("answer__document"))
    context = {
        "check": check,
        "decision": decision,
        "revocation": getattr(decision, "revocation", None),
        "may_revoke": decision is not None and decision.decided_by_id != request.actor.id,
        "answer": answer_of(check),
        "rule": rule_of(check.rule),
        "clock": clock_lamp(getattr(check, "review", None), timezone.now()),
        "comparisons": [comparison(check, candidate, request.actor) for candidate in candidates],
        "requests": requests,
        "form": form if decision is None else None,
        "may_ask": decision is None and all(hasattr(one, "answer") for one in requests),
    }
    return render(request, "hiring/review.html", context, status=422 if form.errors else 200)


@role_required(*sorted(REGISTRAR_ROLES))
def ask(request: ActingRequest, pk: Any) -> HttpResponse:
    """Ask the institution for a document that would settle it."""
    check = _one(request, pk)
    form = DocumentRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_document(checked=check, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已通知机构补充材料，答复时限暂停。"))
            return redirect("hiring:review", pk)
    context = {"form": form, "check": check}
    return render(request, "hiring/ask_document.html", context, status=422 if form.errors else 200)


@role_required(*sorted(REGISTRAR_ROLES))
def revoke(request: ActingRequest, pk: Any) -> HttpResponse:
    """A second registrar takes a decision back, after seeing what that does."""
    check = _one(request, pk)
    decision = get_object_or_404(ReviewDecision.objects.select_related("checked", "decided_by"), checked=check)
    form = RevocationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_decision(decision=decision, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("结论已撤回，有关机构和本人已得到通知。"))
            return redirect("hiring:review", pk)
    leaning = Check.objects.filter(remembered__pair__decision=decision).distinct().count()
    context = {
        "form": form,
        "check": check,
        "consequences": [
            _("这次核查恢复为“待人工核对”，机构须重新核查"),
            _("沿用这个结论的另外 %(count)s 次核查同样恢复") % {"count": leaning},
            _("以后同样的核查重新进入人工核对"),
            _("有关机构、被核查人和作出结论的工作人员都会收到通知"),
        ],
    }
    return render(request, "hiring/revoke_decision.html", context, status=422 if form.errors else 200)


def _under_review(request: ActingRequest) -> "QuerySet[Check]":
    found = Check.objects.visible_to(request.actor).filter(outcome=Outcome.REVIEW)
    return found.select_related("institution", "decision__revocation", "review")


def _one(request: ActingRequest, pk: Any) -> Check:
    found = _under_review(request).select_related("person", "decision__decided_by", "list_version")
    return get_object_or_404(found, pk=pk)


def _filtered(found: "QuerySet[Check]", form: ReviewFilter, now: datetime) -> "QuerySet[Check]":
    state = form.cleaned_data["state"] if form.is_valid() else ""
    match state:
        case "all":
            pass
        case "decided":
            found = found.filter(decision__isnull=False)
        case "waiting":
            found = found.filter(decision=None, review__waiting_since__isnull=False)
        case "overdue":
            found = found.filter(decision=None, review__waiting_since=None, review__due_at__lt=now)
        case _:
            found = found.filter(decision=None)
    if form.is_valid() and form.cleaned_data["q"]:
        words = form.cleaned_data["q"].strip()
        found = found.filter(Q(name__icontains=words) | Q(institution__name__icontains=words))
    return found


def _exported(row: Check, now: datetime) -> list[Any]:
    clock = getattr(row, "review", None)
    return [
        row.checked_at,
        row.institution.name,
        row.name,
        row.masked,
        str(rule_of(row.rule)),
        clock.due_at if clock else None,
        str(clock_lamp(clock, now)[1]),
        str(answer_of(row).word),
    ]
