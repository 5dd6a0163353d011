"""The review of flags: the bureau's queue and one flag with its evidence drawn; the person's own view, and the appeal."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.learning import presenters, timeline
from courses.learning.models import AnomalyFlag, Enrolment, FlagDecision, FlagDecisionName
from courses.learning.querysets import OPEN, REVIEWING_ROLES
from courses.learning.review_forms import AppealForm, ClearForm, DecideForm, FlagFilter, VoidForm
from courses.learning.services import appeal_flag, clear_flag, decide_appeal, entries_of, void_flag
from courses.learning.views.own import own_enrolment
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.querysets import in_region
from lms.people.services import note_look_up
from lms.people.views import exports
from lms.people.wording import refuse
from lms.policy.services import pack_in_force
from lms.rules.refusals import Refusal

PAGE_SIZE = 25
ALL = "all"
_OWN_QUEUE = {Role.BUREAU_APPROVER: FlagDecisionName.APPEALED.value}
_REVIEWERS = sorted(REVIEWING_ROLES)


@require_safe
@role_required(*_REVIEWERS)
def reviews(request: ActingRequest) -> HttpResponse:
    """Flags of the region, the heaviest first; ``?format=xlsx`` takes the list away."""
    form = FlagFilter(request.GET, within=request.actor.region_code)
    chosen = request.GET.get("state") or _OWN_QUEUE.get(Role(request.actor.role), OPEN)
    found = _chosen(AnomalyFlag.objects.visible_to(request.actor), form, chosen)
    if exports.wanted(request):
        columns = (
            *(_("姓名"), _("地区"), _("课程"), _("类型"), _("说明"), _("风险")),
            *(_("标记时间"), _("状态"), _("处理时间")),
        )
        return exports.workbook(_("学习审核"), columns, (_cells(flag, form) for flag in found.iterator(500)))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "tabs": _tabs(request, chosen),
        "page": page,
        "rows": [presenters.row(flag, form.places) for flag in page],
        "export_url": exports.address(request),
    }
    return render(request, "learning/reviews.html", context)


def _chosen(flags: Any, form: FlagFilter, chosen: str) -> Any:
    flags = flags.with_state() if chosen == ALL else flags.in_state(chosen)
    if form.is_valid():
        asked = form.cleaned_data
        if text := asked["q"].strip():
            flags = flags.filter(
                Q(enrolment__person__name__icontains=text) | Q(enrolment__release__title__icontains=text)
            )
        if asked["kind"]:
            flags = flags.filter(code=asked["kind"])
        if asked["region"]:
            flags = flags.filter(in_region("enrolment__person__region_code", asked["region"]))
    return flags.select_related("enrolment__person", "enrolment__release__course__college").by_risk()


def _tabs(request: ActingRequest, chosen: str) -> list[dict[str, Any]]:
    query = request.GET.copy()
    for name in ("page", "state"):
        query.pop(name, None)
    kept = f"&{query.urlencode()}" if query else ""
    names = [OPEN, *(name for name in FlagDecisionName.values), ALL]
    return [
        {"label": presenters.state_word(name), "url": f"?state={name}{kept}", "active": name == chosen}
        for name in sorted(names, key=presenters.TABS.index)
    ]


def _cells(flag: AnomalyFlag, form: FlagFilter) -> list[Any]:
    row = presenters.row(flag, form.places)
    return [
        *(flag.enrolment.person.name, row.region, flag.enrolment.release.title, row.kind, row.sentence),
        *(row.risk_word, flag.at, row.state_word, flag.state_at),
    ]


@require_http_methods(["GET", "POST"])
@role_required(*_REVIEWERS)
def review(request: ActingRequest, flag_id: uuid.UUID) -> HttpResponse:
    """One flag with its evidence. An auditor clears it here, an approver decides the appeal."""
    flag, flags = _case(request, flag_id)
    form = _form(request, flag)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _decide(request, flag, form)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("决定已记录，学员可以看到理由。"))
            return redirect("learning:reviews")
    return _page(request, flag, flags, form)


def _case(request: ActingRequest, flag_id: uuid.UUID) -> tuple[AnomalyFlag, list[AnomalyFlag]]:
    """The flag, where whoever asks may see it, and all flags of its enrolment, each with its decisions."""
    decisions = FlagDecision.objects.select_related("by__person").order_by("number")
    visible = AnomalyFlag.objects.visible_to(request.actor).filter(enrolment__flags=flag_id).with_state()
    rows = visible.select_related("enrolment__person", "enrolment__completion", "enrolment__release__course__college")
    flags = list(rows.prefetch_related(Prefetch("decisions", decisions)).order_by("at", "pk"))
    flag = next((one for one in flags if one.pk == flag_id), None)
    if flag is None:
        raise Http404
    return flag, flags


def _form(request: ActingRequest, flag: AnomalyFlag) -> ClearForm | DecideForm | None:
    """What this officer may do to the flag as it is. The verbs ask again."""
    data = request.POST if request.method == "POST" else None
    if flag.enrolment.person_id == request.actor.person_id:
        return None
    if request.actor.role == Role.BUREAU_AUDITOR and flag.state == OPEN:
        return ClearForm(data)
    if request.actor.role == Role.BUREAU_APPROVER and flag.state == FlagDecisionName.APPEALED:
        return DecideForm(data)
    return None


def _decide(request: ActingRequest, flag: AnomalyFlag, form: ClearForm | DecideForm) -> None:
    verb: Any = decide_appeal if isinstance(form, DecideForm) else clear_flag
    verb(flag=flag, **form.cleaned_data, actor=request.actor, now=timezone.now())


def _page(
    request: ActingRequest, flag: AnomalyFlag, flags: list[AnomalyFlag], form: ClearForm | DecideForm | None
) -> HttpResponse:
    now, enrolment = timezone.now(), flag.enrolment
    note_look_up(person=enrolment.person, purpose="learning_evidence", actor=request.actor, now=now)
    days = timeline.days_of(enrolment)
    on = timeline.day_of(timezone.localdate(flag.at), days, request.GET.get("day", ""))
    context = {
        "flag": flag,
        "enrolment": enrolment,
        "row": presenters.row(flag),
        "others": [presenters.row(one) for one in flags if one.pk != flag.pk],
        "history": presenters.history(flag),
        "entries": presenters.entries(enrolment, flags),
        "days": days,
        "day": timeline.draw(enrolment, on, flag.code),
        "spacing": timeline.spacing(enrolment.pk, on) if flag.code == timeline.ABOUT_SPACING else None,
        "form": form,
        "own_case": enrolment.person_id == request.actor.person_id,
        "may_void": isinstance(form, ClearForm) and enrolment.state != "voided",
        "same_officer": isinstance(form, DecideForm) and presenters.voided_by(flag, request.actor.id),
    }
    failed = form is not None and form.errors
    return render(request, "learning/review.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "POST"])
@role_required(Role.BUREAU_AUDITOR)
def void(request: ActingRequest, flag_id: uuid.UUID) -> HttpResponse:
    """What voiding would take, then the reason and the button."""
    (flag, _flags), now = _case(request, flag_id), timezone.now()
    form = VoidForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            void_flag(flag=flag, **form.cleaned_data, actor=request.actor, now=now)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已作废，学员已收到理由和申诉办法。"))
            return redirect("learning:review", flag.pk)
    context = {"flag": flag, "row": presenters.row(flag), "form": form, "consequences": _consequences(flag.enrolment)}
    return render(request, "learning/review_void.html", context, status=422 if form.errors else 200)


def _consequences(enrolment: Enrolment) -> list[str]:
    """What voiding this enrolment would do, in sentences with figures."""
    minutes = sum(entry.minutes for entry in entries_of([enrolment.pk]).standing_credits())
    days = pack_in_force(enrolment.person.region_code, timezone.localdate()).review.appeal_days
    found = [_("课程的本年度报名作废，不能再次报名")]
    if minutes:
        found.append(_("%(minutes)s 分钟学时从台账中冲销") % {"minutes": minutes})
    if hasattr(enrolment, "completion"):
        found.append(_("该课程的结业证书被撤销；年度学时因此不足的，年度证书一并撤销"))
    found.append(_("学员收到理由，并可在 %(days)s 天内申诉一次，由另一位工作人员决定") % {"days": days})
    return found


@require_safe
@role_required(*_REVIEWERS)
def record(request: ActingRequest, enrolment_id: uuid.UUID) -> HttpResponse:
    """The learning behind an entry of the ledger, flagged or not, drawn day by day; the word of the look-up is left."""
    visible = Enrolment.objects.visible_to(request.actor)
    rows = visible.select_related("person", "completion", "release__course__college")
    enrolment = get_object_or_404(rows, pk=enrolment_id)
    now = timezone.now()
    note_look_up(person=enrolment.person, purpose="learning_evidence", actor=request.actor, now=now)
    days = timeline.days_of(enrolment)
    decisions = FlagDecision.objects.order_by("number")
    flags = list(enrolment.flags.with_state().prefetch_related(Prefetch("decisions", decisions)))
    context = {
        "enrolment": enrolment,
        "days": days,
        "day": timeline.draw(enrolment, timeline.day_of(timezone.localdate(now), days, request.GET.get("day", ""))),
        "others": [presenters.row(flag) for flag in flags],
        "entries": presenters.entries(enrolment, flags),
        "lessons": enrolment.lesson_completions.select_related("lesson").order_by("at"),
    }
    return render(request, "learning/record.html", context)


@require_safe
@role_required()
def own(request: ActingRequest, enrolment_id: uuid.UUID) -> HttpResponse:
    return own_page(request, own_enrolment(request, enrolment_id))


def own_page(request: ActingRequest, enrolment: Enrolment, failed: Any = None) -> HttpResponse:
    """Everything said about one's own learning: what was noticed, who looked, what was decided and why."""
    decisions = FlagDecision.objects.order_by("number")
    flags = enrolment.flags.with_state().prefetch_related(Prefetch("decisions", decisions)).order_by("at", "pk")
    today = timezone.localdate()
    context = {
        "enrolment": enrolment,
        "stories": [presenters.story(flag, today, failed) for flag in flags],
    }
    return render(request, "learning/review_own.html", context, status=422 if failed else 200)


@require_POST
@role_required()
def appeal(request: ActingRequest, enrolment_id: uuid.UUID, flag_id: uuid.UUID) -> HttpResponse:
    enrolment = own_enrolment(request, enrolment_id)
    flag = get_object_or_404(enrolment.flags.all(), pk=flag_id)
    form = AppealForm(request.POST, auto_id=f"{flag.pk}_%s")
    if form.is_valid():
        try:
            appeal_flag(flag=flag, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("申诉已提交，将由另一位工作人员决定，结果会发消息给您。"))
            return redirect("learning:own_flags", enrolment.pk)
    return own_page(request, enrolment, failed=(flag.pk, form))
