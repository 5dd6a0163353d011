"""Appeal and annulment. An appeal changes nothing; an annulment needs the overturning document and two officers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.wording import refuse, sentence
from lms.registry import services
from lms.registry.forms import AnnulmentForm, CompensationForm, ReadForm, ReasonForm
from lms.registry.presenters import effects_of, sentences_of
from lms.registry.services import steps
from lms.registry.services.consequences import named, shown_digest
from lms.registry.views.cases import OFFICERS, own_case
from lms.registry.views.decisions import taken
from lms.rules.refusals import Refusal


@role_required(*OFFICERS)
def appeal(request: ActingRequest, pk: Any) -> HttpResponse:
    """Mark the case as under appeal."""
    return _with_reason(
        request,
        pk,
        verb=services.mark_appeal,
        title=_("登记申诉"),
        lead=_("申诉期间禁入继续有效，只作标记。"),
        done=_("已登记申诉，禁入继续有效。"),
    )


@role_required(*OFFICERS)
def close(request: ActingRequest, pk: Any) -> HttpResponse:
    """The appeal ended and the decision stands."""
    return _with_reason(
        request,
        pk,
        verb=services.close_appeal,
        title=_("申诉终结"),
        lead=_("申诉已有结果且原决定维持。若原决定被撤销，请改用“提出撤销”。"),
        done=_("申诉已终结，禁入继续有效。"),
    )


@role_required(Role.REGISTRAR)
def propose(request: ActingRequest, pk: Any) -> HttpResponse:
    """Propose to annul, with the document that overturns the decision."""
    case = own_case(request, pk)
    form = AnnulmentForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_annulment(case=case, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("撤销已提出，等待另一位工作人员复核。在此之前禁入继续有效。"))
            return redirect("registry:case", case.pk)
    context = {
        "case": case,
        "form": form,
        "title": _("提出撤销"),
        "lead": _("只有原决定被依法撤销时才能解除禁入。第二人复核后生效。"),
        "submit_label": _("提交复核"),
    }
    return render(request, "registry/reason.html", context, status=422 if form.errors else 200)


@role_required(Role.CONFIRMING_REGISTRAR)
def confirm(request: ActingRequest, pk: Any) -> HttpResponse:
    """What lifting the ban will do, and only then the button."""
    case = own_case(request, pk)
    last = steps.latest(case)
    if last.state != "annulment_proposed":
        return redirect("registry:case", case.pk)
    form = ReadForm(request.POST if request.method == "POST" else None, initial={"shown": shown_digest(case, last)})
    if request.method == "POST" and form.is_valid():
        done = taken(request, case, form, services.confirm_annulment, _("禁入已撤销，名单已更新，各方已通知。"))
        if done:
            return done
    subjects = sorted(named(case), key=lambda subject: (subject.role, subject.name))
    found = services.annulment_consequences(case)
    context = {
        "case": case,
        "form": form,
        "return_form": ReasonForm(prefix="return"),
        "last": last,
        "subjects": subjects,
        "notes": case.compensation_notes.select_related("officer__person"),
        "effects": effects_of(found, request.actor),
        "any_effect": any(row.count for row in found),
        "consequences": [
            _("%(count)s 人不再因本案被禁入，在所有地区立即生效") % {"count": len(subjects)},
            *sentences_of(found),
            _("本人和用人单位收到撤销通知；案件和全部记录保留"),
        ],
    }
    return render(request, "registry/confirm_annulment.html", context, status=422 if form.errors else 200)


@role_required(Role.CONFIRMING_REGISTRAR)
@require_POST
def decline(request: ActingRequest, pk: Any) -> HttpResponse:
    """Do not agree: the ban stays in force."""
    case = own_case(request, pk)
    try:
        services.decline_annulment(
            case=case, reason=request.POST.get("return-reason", ""), actor=request.actor, now=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("registry:confirm_annulment", case.pk)
    messages.success(request, _("撤销未获同意，禁入继续有效。"))
    return redirect("registry:case", case.pk)


@role_required(*OFFICERS)
def compensation(request: ActingRequest, pk: Any) -> HttpResponse:
    """Note what is decided or paid for a ban that was overturned."""
    return _with_reason(
        request,
        pk,
        verb=services.note_compensation,
        title=_("登记补偿"),
        lead=_("记录对当事人的国家赔偿或其他补偿。只能补记，不能修改。"),
        done=_("已登记补偿情况。"),
        form_class=CompensationForm,
    )


def _with_reason(
    request: ActingRequest,
    pk: Any,
    *,
    verb: Callable[..., Any],
    title: str,
    lead: str,
    done: str,
    form_class: type[ReasonForm | CompensationForm] = ReasonForm,
) -> HttpResponse:
    case = own_case(request, pk)
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verb(case=case, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, done)
            return redirect("registry:case", case.pk)
    context = {"case": case, "form": form, "title": title, "lead": lead, "submit_label": title}
    return render(request, "registry/reason.html", context, status=422 if form.errors else 200)
