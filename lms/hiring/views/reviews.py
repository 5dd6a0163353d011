"""The queue of possible matches, and one of them side by side with whom it might be."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring import services
from lms.hiring.forms import ReviewFilter, ReviewForm
from lms.hiring.models import Check, CheckCandidate, Outcome
from lms.hiring.presenters import answer_of, rule_of
from lms.people.access import ActingRequest, role_required
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.models import BanSubject
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal

PAGE_SIZE = 20


@role_required(*sorted(REGISTRAR_ROLES))
def reviews(request: ActingRequest) -> HttpResponse:
    """Checks under review in the officer's region, the oldest first."""
    form = ReviewFilter(request.GET)
    found = Check.objects.visible_to(request.actor).filter(outcome=Outcome.REVIEW)
    found = found.select_related("institution", "decision").order_by("checked_at")
    state = form.cleaned_data["state"] if form.is_valid() else ""
    if state != "all":
        found = found.filter(decision__isnull=state != "decided")
    if form.is_valid() and form.cleaned_data["q"]:
        words = form.cleaned_data["q"].strip()
        found = found.filter(Q(name__icontains=words) | Q(institution__name__icontains=words))
    if exports.wanted(request):
        columns = (_("核查时间"), _("机构"), _("姓名"), _("证件号（掩码）"), _("匹配规则"), _("结果"))
        told = (
            [
                row.checked_at,
                row.institution.name,
                row.name,
                row.masked,
                str(rule_of(row.rule)),
                str(answer_of(row).word),
            ]
            for row in found
        )
        return exports.workbook(_("待核对"), columns, told)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"check": row, "rule": rule_of(row.rule), "answer": answer_of(row)} for row in page]
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "hiring/reviews.html", context)


@role_required(*sorted(REGISTRAR_ROLES))
def review(request: ActingRequest, pk: Any) -> HttpResponse:
    """Side by side: who was asked about, and each subject of the list it might be. Then the decision."""
    found = Check.objects.visible_to(request.actor).filter(outcome=Outcome.REVIEW)
    check = get_object_or_404(found.select_related("institution", "decision__decided_by", "list_version"), pk=pk)
    decision = getattr(check, "decision", None)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_review(checked=check, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("结论已记录，并已通知提出核查的机构。"))
            return redirect("hiring:reviews")
    candidates = check.candidates.select_related("subject__case")
    context = {
        "check": check,
        "decision": decision,
        "answer": answer_of(check),
        "rule": rule_of(check.rule),
        "comparisons": [_comparison(check, candidate) for candidate in candidates],
        "form": form if decision is None else None,
    }
    return render(request, "hiring/review.html", context, status=422 if form.errors else 200)


def _comparison(check: Check, candidate: CheckCandidate) -> dict[str, Any]:
    subject: BanSubject = candidate.subject
    rows = [
        (_("姓名"), check.name, subject.name),
        (_("证件类型"), check.get_document_type_display(), subject.get_document_type_display()),
        (_("证件号"), check.masked, subject.masked),
        (_("出生日期"), _day(check.date_of_birth), _day(subject.birth_date)),
    ]
    return {
        "subject": subject,
        "rule": rule_of(candidate.rule),
        "rows": [(label, asked, listed, asked != listed) for label, asked, listed in rows],
    }


def _day(value: Any) -> str:
    return value.isoformat() if value else "—"
