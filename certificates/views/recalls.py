"""Taking back many certificates: what is selected is shown before anything is proposed, and again before it is confirmed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Certificate, IssueBatch, Recall, RecallItem, RecallState, StateCode
from certificates.services.recalls import (
    CONFIRMING_ROLES,
    PIECE,
    PROPOSING_ROLES,
    carry_out_recall,
    confirm_recall,
    consequences_of,
    decline_recall,
    propose_recall,
)
from certificates.services.scopes import Scope, in_scope, restored
from certificates.views.acts import ReasonForm, RevokeForm
from courses.catalogue.models import Release
from courses.classroom.models import Session
from lms.documents import archive
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation
from lms.people.wording import refuse, sentence
from lms.rules import names
from lms.rules.refusals import Refusal

PAGE = 25
SAMPLE = 20
LEVELS = {"proposed": "attention", "confirmed": "attention", "declined": "none", "done": "stop"}


class _BatchField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return _batch_name(obj)


class ScopeForm(forms.Form):
    """Which certificates. Sent by GET, so that what is seen can be gone back to."""

    issuer = forms.ModelChoiceField(label=gettext_lazy("发证单位"), queryset=Organisation.objects.none())
    release = forms.ModelChoiceField(label=gettext_lazy("课程版本"), queryset=Release.objects.none(), required=False)
    session = forms.ModelChoiceField(label=gettext_lazy("面授班次"), queryset=Session.objects.none(), required=False)
    batch = _BatchField(label=gettext_lazy("签发批次"), queryset=IssueBatch.objects.none(), required=False)
    issued_from = forms.DateField(
        label=gettext_lazy("发证日期自"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    issued_to = forms.DateField(
        label=gettext_lazy("发证日期至（含）"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, request: ActingRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        issuers = Organisation.objects.visible_to(request.actor).filter(
            pk__in=Certificate.objects.values("issuer_id").distinct()
        )
        fields["issuer"].queryset = issuers.order_by("name")
        if issuers.count() == 1:
            fields["issuer"].initial = issuers[0].pk
        releases = Release.objects.filter(course__college__in=issuers).select_related("course__college")
        fields["release"].queryset = releases.order_by("course__college__name", "title", "number")
        sessions = Session.objects.filter(college__in=issuers).select_related("lesson", "college")
        batches = IssueBatch.objects.filter(organisation__in=issuers).select_related("type")
        fields["batch"].queryset = batches
        fields["session"].queryset = sessions.order_by("-starts_at")

    def scope(self) -> Scope:
        """What was asked; the form is valid."""
        data = self.cleaned_data
        return Scope(**{key: data[key] for key in ("release", "session", "batch", "issued_from", "issued_to")})


@require_safe
@role_required(*PROPOSING_ROLES, *CONFIRMING_ROLES)
def recalls(request: ActingRequest) -> HttpResponse:
    """All recalls of the issuers one may see."""
    found = Recall.objects.visible_to(request.actor).select_related("issuer").annotate(count=Count("items"))
    page = Paginator(found.order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(recall) for recall in page],
        "total": page.paginator.count,
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
    if asked.is_bound and asked.is_valid():
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
    progress = _progress(found)
    if request.headers.get("HX-Request") and request.GET.get("part") == "progress":
        return render(request, "components/progress.html", progress)
    items = found.items.select_related("certificate").order_by("certificate__issued_at", "pk")
    page = Paginator(items, PAGE).get_page(request.GET.get("page"))
    mine = found.states.filter(officer_id=request.actor.id).exists()
    context = {
        **_row(found),
        "facts": _facts(found),
        "progress": progress if found.state in {RecallState.Name.CONFIRMED, RecallState.Name.DONE} else None,
        "events": [_event(state) for state in found.states.select_related("officer").order_by("number")],
        "page": page,
        "rows": [_item(item) for item in page],
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
    context = {**_row(found), "consequences": _will_happen(found), "problem": problem}
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
    return render(request, "certificates/decline_recall.html", {**_row(found), "form": form})


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


def _row(recall: Recall) -> dict[str, Any]:
    about: Any = recall
    return {
        "recall": recall,
        "count": about.count,
        "scope": _scope(recall),
        "code": StateCode(recall.code).label,
        "word": RecallState.Name(recall.state).label,
        "level": LEVELS[recall.state],
    }


def _scope(recall: Recall) -> str:
    """What was selected, in words."""
    scope = restored(recall.scope)
    parts = []
    if scope.release:
        parts.append(f"《{scope.release.title}》")
    if scope.session:
        parts.append(str(scope.session))
    if scope.batch:
        parts.append(_batch_name(scope.batch))
    if scope.issued_from or scope.issued_to:
        first = scope.issued_from.isoformat() if scope.issued_from else _("最早")
        last = scope.issued_to.isoformat() if scope.issued_to else _("提出时")
        parts.append(_("%(first)s 至 %(last)s 签发") % {"first": first, "last": last})
    return " · ".join(parts)


def _batch_name(batch: IssueBatch) -> str:
    drafted = timezone.localtime(batch.drafted_at)
    return _("批次 %(title)s %(period)s（%(at)s）") % {
        "title": batch.type.title,
        "period": batch.period,
        "at": f"{drafted:%Y-%m-%d %H:%M}",
    }


def _facts(recall: Recall) -> list[tuple[str, Any]]:
    return [
        (_("发证单位"), recall.issuer.name),
        (_("范围"), _scope(recall)),
        (_("撤销原因（公开）"), StateCode(recall.code).label),
        (_("决定机关（公开）"), recall.authority),
        (_("具体理由（告知持证人）"), recall.reason),
    ]


def _will_happen(recall: Recall) -> list[str]:
    """What confirming does, in sentences."""
    effect = consequences_of(recall)
    certificates = ngettext("%(count)d 份证书被撤销", "%(count)d 份证书被撤销", effect.certificates)
    people = ngettext("%(count)d 位持证人收到通知和具体理由", "%(count)d 位持证人收到通知和具体理由", effect.people)
    employers = ngettext(
        "%(count)d 家用人单位的花名册不再显示这些证书有效",
        "%(count)d 家用人单位的花名册不再显示这些证书有效",
        effect.employers,
    )
    since = ngettext(
        "提出之后同一范围内又签发了 %(count)d 份，不在其中，需另行提出",
        "提出之后同一范围内又签发了 %(count)d 份，不在其中，需另行提出",
        effect.since,
    )
    return [
        certificates % {"count": effect.certificates},
        _("公众扫码核验立即显示“已撤销”和公开的原因"),
        people % {"count": effect.people},
        *([employers % {"count": effect.employers}] if effect.employers else []),
        *([since % {"count": effect.since}] if effect.since else []),
        _("撤销记录不能删除；事后查明有误的，逐份“恢复”更正"),
    ]


def _progress(recall: Recall) -> dict[str, Any]:
    counted = recall.items.aggregate(total=Count("pk"), done=Count("pk", filter=~Q(outcome="")))
    url = reverse("certificates:recall", args=[recall.pk])
    running = recall.state == RecallState.Name.CONFIRMED
    return {
        "id": "recall",
        "label": RecallState.Name(recall.state).label,
        "value": counted["done"],
        "total": counted["total"],
        "text": f"{counted['done']} / {counted['total']}",
        "poll_url": f"{url}?part=progress" if running else "",
    }


def _event(state: RecallState) -> dict[str, Any]:
    words = {"proposed": _("提出"), "confirmed": _("复核同意"), "declined": _("复核不同意"), "done": _("全部撤销")}
    parts = [state.organisation_name, state.officer.username if state.officer else "", state.reason]
    return {
        "at": state.at,
        "title": words[state.state],
        "detail": " · ".join(part for part in parts if part),
        "state": LEVELS[state.state],
    }


def _item(item: RecallItem) -> dict[str, Any]:
    certificate = item.certificate
    return {
        "certificate": certificate,
        "holder": names.mask(certificate.holder_name),
        "issued_on": timezone.localdate(certificate.issued_at),
        "word": RecallItem.Outcome(item.outcome).label if item.outcome else _("尚未处理"),
        "level": "stop" if item.outcome in {"revoked", "successor"} else "none",
    }
