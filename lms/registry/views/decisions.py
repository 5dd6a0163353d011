"""Handing a case over, and the second officer's word on it."""

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
from lms.registry.forms import ReadForm, ReasonForm
from lms.registry.models import BanCase
from lms.registry.presenters import sentences_of, then_of, with_phases
from lms.registry.services import steps
from lms.registry.services.consequences import named, shown_digest
from lms.registry.views.cases import facts_of, own_case
from lms.rules.refusals import Refusal


@role_required(Role.REGISTRAR)
@require_POST
def submit(request: ActingRequest, pk: Any) -> HttpResponse:
    """Hand the case to a second officer."""
    case = own_case(request, pk)
    try:
        services.submit_case(case=case, reason=request.POST.get("reason", ""), actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("已提交，等待另一位工作人员复核。"))
    return redirect("registry:case", case.pk)


@role_required(Role.CONFIRMING_REGISTRAR)
def confirm(request: ActingRequest, pk: Any) -> HttpResponse:
    """What exactly will happen, whom it concerns, and only then the button."""
    case = own_case(request, pk)
    last = steps.latest(case)
    if last.state != "submitted":
        return redirect("registry:case", case.pk)
    form = ReadForm(request.POST if request.method == "POST" else None, initial={"shown": shown_digest(case, last)})
    if request.method == "POST" and form.is_valid():
        done = taken(request, case, form, services.confirm_case, _("禁入已生效，名单已更新，各方已通知。"))
        if done:
            return done
    subjects = with_phases(sorted(named(case), key=lambda subject: (subject.role, subject.name)))
    found = services.foreseen(case)
    context = {
        "case": case,
        "form": form,
        "return_form": ReasonForm(prefix="return"),
        "facts": facts_of(case),
        "subjects": subjects,
        "documents": sorted(case.documents.all(), key=lambda row: row.at),
        "without_managers": last.reason,
        "foreseen": [then_of(then, request.actor) for then in found if then.people or then is found[0]],
        "consequences": _sentences(found, len(subjects)),
    }
    return render(request, "registry/confirm.html", context, status=422 if form.errors else 200)


def _sentences(found: list[services.Foreseen], people: int) -> list[str]:
    """What happens now, and whom it bars only from a later day, or from none."""
    at_once, later = found[0], found[1:]
    over = people - sum(then.people for then in found)
    return [
        _("%(count)s 人列入禁入名单，在所有地区立即生效") % {"count": at_once.people},
        *sentences_of(at_once.consequences),
        *(
            _("%(count)s 人自 %(day)s 起禁入，在此之前不受影响") % {"count": then.people, "day": then.day}
            for then in later
        ),
        *([_("%(count)s 人的期限已满，只列入名单备查") % {"count": over}] if over else []),
    ]


def taken(
    request: ActingRequest, case: BanCase, form: ReadForm, verb: Callable[..., Any], done: str
) -> HttpResponse | None:
    """Take the second officer's step. Where something else is there than was shown, it is shown first."""
    shown = form.cleaned_data["shown"] or "nothing"
    try:
        verb(case=case, shown=shown, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        if refusal.code != "shown_changed":
            refuse(form, refusal)
            return None
        messages.warning(request, sentence(refusal))
        return redirect(request.path)
    messages.success(request, done)
    return redirect("registry:case", case.pk)


@role_required(Role.CONFIRMING_REGISTRAR)
@require_POST
def give_back(request: ActingRequest, pk: Any) -> HttpResponse:
    """Give the case back to be corrected."""
    case = own_case(request, pk)
    try:
        services.return_case(
            case=case, reason=request.POST.get("return-reason", ""), actor=request.actor, now=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
        return redirect("registry:confirm", case.pk)
    messages.success(request, _("案件已退回，录入人可以修改后重新提交。"))
    return redirect("registry:case", case.pk)
