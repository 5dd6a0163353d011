"""What a person says against a check about them, and what the registrars of the region answer."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring import services
from lms.hiring.forms.disputes import DisputeAnswerForm, DisputeFilter, DisputeForm
from lms.hiring.models import Check, CheckDispute, Outcome
from lms.hiring.presenters import answer_of, rule_of
from lms.people.access import ActingRequest, role_required
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal

PAGE_SIZE = 20


@role_required()
def raise_one(request: ActingRequest, pk: Any) -> HttpResponse:
    """Say what is wrong with a look-up of oneself. Anybody else's is not found (404)."""
    check = get_object_or_404(services.disputable_by(request.actor), pk=pk)
    if known := CheckDispute.objects.visible_to(request.actor).filter(checked=check).first():
        return redirect("hiring:dispute", known.pk)
    form = DisputeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.dispute_check(checked=check, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("异议已提交，卫生健康部门会答复您。"))
            return redirect("people:lookups")
    context = {"check": check, "answer": answer_of(check), "facts": _facts(check), "form": form}
    return render(request, "hiring/dispute_raise.html", context, status=422 if form.errors else 200)


@role_required(*sorted(REGISTRAR_ROLES))
def disputes(request: ActingRequest) -> HttpResponse:
    """Disputes of the officer's region, the oldest first."""
    form = DisputeFilter(request.GET)
    found = CheckDispute.objects.visible_to(request.actor).select_related("checked__institution", "person", "answer")
    state, words = (form.cleaned_data["state"], form.cleaned_data["q"].strip()) if form.is_valid() else ("", "")
    if state != "all":
        found = found.filter(answer__isnull=state != "answered")
    if words:
        found = found.filter(Q(person__name__icontains=words) | Q(checked__institution__name__icontains=words))
    if exports.wanted(request):
        columns = (_("提出时间"), _("姓名"), _("机构"), _("理由"), _("说明"), _("状态"), _("答复"))
        return exports.workbook(_("核查异议"), columns, (_exported(row) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"dispute": row, "lamp": _lamp(row)} for row in page]
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "hiring/disputes.html", context)


@role_required()
def dispute(request: ActingRequest, pk: Any) -> HttpResponse:
    """One dispute: for the person to follow, for a registrar of the region to answer."""
    found = CheckDispute.objects.visible_to(request.actor)
    found = found.select_related("checked__institution", "checked__list_version", "person", "answer__answered_by")
    row = get_object_or_404(found.select_related("checked__decision__revocation"), pk=pk)
    officer = request.actor.role in REGISTRAR_ROLES and row.person_id != request.actor.person_id
    clearable = answer_of(row.checked).outcome != Outcome.CLEAR
    form = DisputeAnswerForm(request.POST if request.method == "POST" else None, clearable=clearable)
    if request.method == "POST" and officer and form.is_valid():
        said = form.cleaned_data
        try:
            services.answer_dispute(
                dispute=row,
                upheld=said["upheld"] != "no",
                clears=said["upheld"] == "clears",
                reason=said["reason"],
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("答复已记录，并已通知本人。"))
            return redirect("hiring:disputes")
    answer = getattr(row, "answer", None)
    context = {
        "dispute": row,
        "answer": answer,
        "lamp": _lamp(row),
        "facts": _facts(row.checked, officer=officer),
        "form": form if officer and answer is None else None,
        "officer": officer,
    }
    return render(request, "hiring/dispute.html", context, status=422 if form.errors else 200)


def _lamp(row: CheckDispute) -> tuple[str, Any]:
    answer = getattr(row, "answer", None)
    if answer is None:
        return "attention", _("待答复")
    if answer.outcome:
        return "ok", _("成立，结果已更正")
    return ("ok", _("成立")) if answer.upheld else ("none", _("不成立"))


def _facts(check: Check, *, officer: bool = False) -> list[tuple[Any, Any]]:
    """What the person may know of the look-up; officers also whom it named and which rule matched."""
    facts = [
        (_("核查机构"), check.institution.name),
        (_("核查时间"), timezone.localtime(check.checked_at).strftime("%Y-%m-%d %H:%M:%S")),
        (_("用途"), check.get_purpose_display()),
        (_("当时的答复"), check.get_outcome_display()),
        (_("目前的答复"), answer_of(check).word),
    ]
    if officer:
        asked = f"{check.name} · {check.get_document_type_display()} {check.masked}"
        facts += [(_("所查的人"), asked), (_("匹配规则"), rule_of(check.rule)), (_("核查人"), check.asked_by)]
    return facts


def _exported(row: CheckDispute) -> list[Any]:
    answer = getattr(row, "answer", None)
    return [
        row.at,
        row.person.name,
        row.checked.institution.name,
        row.get_ground_display(),
        row.statement,
        str(_lamp(row)[1]),
        answer.reason if answer else "",
    ]
