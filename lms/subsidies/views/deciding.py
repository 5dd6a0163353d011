"""What officers do to a claim: draw a sample, audit, send back, decide, pay."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.wording import refuse
from lms.rules.refusals import Refusal
from lms.subsidies import services
from lms.subsidies.forms import DecideForm, NoteForm, ReasonForm, SampleForm
from lms.subsidies.models import Claim
from lms.subsidies.querysets import AUDITING_ROLES
from lms.subsidies.views.claims import claim_page, found_claim

_MOVED_ON = frozenset({"wrong_state", "claim_moved_on", "claim_unknown"})


@require_POST
@role_required(Role.BUREAU_AUDITOR)
def sample(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Draw lines by a seed of the machine's and show them."""
    claim = found_claim(request, pk)
    form = SampleForm(request.POST)
    if not form.is_valid():
        return claim_page(request, claim, sample_form=form)
    services.draw_sample(claim=claim, share=form.cleaned_data["share"], actor=request.actor, now=timezone.now())
    return redirect(f"{reverse('subsidies:claim', args=[pk])}?sampled=on")


@require_POST
@role_required(Role.BUREAU_AUDITOR)
def audit(request: ActingRequest, pk: UUID) -> HttpResponse:
    claim = found_claim(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            services.audit_claim(claim=claim, note=form.cleaned_data["note"], actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("审计完成，已转给另一位工作人员决定。"))
            return redirect("subsidies:home")
    return claim_page(request, claim, note_form=form)


@require_POST
@role_required(*AUDITING_ROLES)
def send_back(request: ActingRequest, pk: UUID) -> HttpResponse:
    claim = found_claim(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.return_claim(
                claim=claim, reason=form.cleaned_data["reason"], actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("申报已退回院校补正。"))
            return redirect("subsidies:home")
    return claim_page(request, claim, reason_form=form)


@role_required(Role.BUREAU_APPROVER)
def decide(request: ActingRequest, pk: UUID) -> HttpResponse:
    """What a grant would mean, then the decision of another officer than the auditor."""
    claim = found_claim(request, pk)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.decide_claim(
                claim=claim, approve=data["approve"], reason=data["reason"], actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            _tell(form, refusal)
        else:
            messages.success(request, _("申报已批准。") if data["approve"] else _("申报不予批准，理由已告知院校。"))
            return redirect("subsidies:claim", pk)
    context = {"claim": claim, "form": form, **_consequences(claim)}
    return render(request, "subsidies/decide.html", context, status=422 if form.is_bound else 200)


def _consequences(claim: Claim) -> dict[str, Any]:
    totals = services.totals(claim)
    count, amount = totals["pay"]
    used = services.budget_used([claim.scheme_id]).get(claim.scheme_id, 0)
    left = claim.scheme.budget_fen - used
    unpaid = sum(lines for verdict, (lines, _fen) in totals.items() if verdict != "pay")
    return {
        "consequences": [
            _("批准 %(count)s 行，共 %(amount)s 元") % {"count": count, "amount": services.yuan(amount)},
            _("%(count)s 行不予补贴（存疑 %(query)s、不予补贴 %(refuse)s、禁入冻结 %(blocked)s）")
            % {
                "count": unpaid,
                "query": totals["query"][0],
                "refuse": totals["refuse"][0],
                "blocked": totals["blocked"][0],
            },
            _("项目预算剩余 %(left)s 元，批准后剩余 %(after)s 元")
            % {"left": services.yuan(left), "after": services.yuan(left - amount)},
            _("通知 %(college)s") % {"college": claim.college.name},
        ],
        "over_budget": amount > left,
        "in_doubt": totals["query"][0],
    }


@require_POST
@role_required(Role.BUREAU_APPROVER)
def pay(request: ActingRequest, pk: UUID) -> HttpResponse:
    """The money went out."""
    claim = found_claim(request, pk)
    services.mark_paid(claim=claim, actor=request.actor, now=timezone.now())
    messages.success(request, _("已记为拨付。"))
    return redirect("subsidies:claim", pk)


def _tell(form: BaseForm, refusal: Refusal) -> None:
    """Show what can be put right on the form; where the claim has moved on, the form is no longer there."""
    if refusal.code in _MOVED_ON:
        raise refusal
    refuse(form, refusal)
