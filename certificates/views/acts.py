"""One certificate with everything that happened to it, and the acts of those who decide over it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates.desk import READERS
from certificates.models import Certificate, CertificateState, Reissue, ReissueCause, StateCode
from certificates.querysets import Status
from certificates.services import (
    reinstate_certificate,
    reissue_document,
    revoke_certificate,
    supersede_certificate,
)
from certificates.services.reissues import BY_HOLDER, HOLDER_CAUSES
from certificates.services.states import DECIDING_ROLES, OFFICER_CODES
from certificates.showing import told
from lms.audit.actors import Actor
from lms.documents import archive
from lms.people.access import ActingRequest, role_required
from lms.people.models import Employment
from lms.people.querysets import BUREAU_ROLES
from lms.people.services import note_look_up
from lms.people.wording import refuse
from lms.rules.refusals import Refusal


class RevokeForm(forms.Form):
    code = forms.ChoiceField(
        label=gettext_lazy("撤销原因（公开）"), choices=[(code.value, code.label) for code in OFFICER_CODES]
    )
    authority = forms.CharField(label=gettext_lazy("决定机关（公开）"), max_length=200)
    reason = forms.CharField(
        label=gettext_lazy("具体理由（告知持证人）"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    document = forms.FileField(
        label=gettext_lazy("决定文书"),
        required=False,
        help_text=gettext_lazy("PDF 或图片，持证人可以查看。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ReissueForm(forms.Form):
    cause = forms.ChoiceField(label=gettext_lazy("补发原因"))
    reason = forms.CharField(
        label=gettext_lazy("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, causes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cause"].choices = [(cause.value, cause.label) for cause in causes]  # type: ignore[attr-defined]


@require_safe
@role_required()
def detail(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """One certificate with everything that happened to it."""
    certificate = one(request, certificate_id)
    about = told(certificate)
    own = request.actor.person_id == certificate.person_id
    if certificate.issuer_id != request.actor.organisation_id:  # who issued it knows it anyway
        note_look_up(person=certificate.person, purpose="certificate", actor=request.actor, now=timezone.now())
    decides = request.actor.role in DECIDING_ROLES and not own
    valid = about["status"] is Status.VALID
    context = {
        "certificate": certificate,
        "told": about,
        "events": _events(certificate, reasons=_may_read_reasons(request.actor, certificate)),
        "may_revoke": decides and about["status"] in {Status.VALID, Status.EXPIRED},
        "may_reinstate": decides and about["status"] is Status.REVOKED and about["code"] != StateCode.BAN,
        "may_supersede": decides and valid,
        "may_reissue": (decides or own) and valid,
        "may_share": own and about["status"] in {Status.VALID, Status.EXPIRED},
        "may_note_day": own and valid and certificate.valid_until is not None,
        "own": own,
        "may_list": request.actor.role in READERS,
    }
    return render(request, "certificates/detail.html", context)


@require_safe
@role_required()
def decision(request: ActingRequest, certificate_id: UUID, number: int) -> HttpResponse:
    """The decision behind a state, to the holder, the issuer and the bureau: not to employers."""
    certificate = one(request, certificate_id)
    states = certificate.states.select_related("document").exclude(document=None)
    if not _may_read_reasons(request.actor, certificate):
        states = states.none()
    state = get_object_or_404(states, number=number)
    assert state.document is not None
    response = HttpResponse(archive.read(state.document), content_type=state.document.content_type)
    response["Content-Disposition"] = f'attachment; filename="{certificate.serial}-{number}-{state.document.file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
@role_required(*DECIDING_ROLES)
def revoke(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """Revoke, with its consequences shown first."""
    certificate = one(request, certificate_id)
    form = RevokeForm(
        request.POST or None, request.FILES or None, initial={"authority": request.actor.organisation_name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            revoke_certificate(certificate=certificate, actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("证书已撤销，公众核验已同步。"))
            return redirect("certificates:detail", certificate.pk)
    context = {"certificate": certificate, "told": told(certificate), "form": form, "consequences": _lost(certificate)}
    return render(request, "certificates/revoke.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*DECIDING_ROLES)
def reinstate(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """Give back a certificate that was revoked for another reason than a ban."""
    certificate = one(request, certificate_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reinstate_certificate(
                certificate=certificate,
                reason=form.cleaned_data["reason"],
                authority=request.actor.organisation_name,
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("证书已恢复有效。"))
            return redirect("certificates:detail", certificate.pk)
    context = {"certificate": certificate, "told": told(certificate), "form": form}
    return render(request, "certificates/reinstate.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*DECIDING_ROLES)
def supersede(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """A new edition on the name registered now."""
    certificate = one(request, certificate_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            edition = supersede_certificate(
                certificate=certificate, reason=form.cleaned_data["reason"], actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已换发新证，旧证核验时会指向新证。"))
            return redirect("certificates:detail", edition.pk)
    context = {"certificate": certificate, "told": told(certificate), "form": form}
    return render(request, "certificates/supersede.html", context)


@require_http_methods(["GET", "POST"])
@role_required()
def reissue(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """A new document of the same certificate: asked for by its holder, or made by who decides over it."""
    certificate = one(request, certificate_id)
    own = request.actor.person_id == certificate.person_id
    if not own and request.actor.role not in DECIDING_ROLES:
        return HttpResponse(status=403)
    form = ReissueForm(request.POST or None, causes=HOLDER_CAUSES if own else ReissueCause)
    if request.method == "POST" and form.is_valid():
        try:
            reissue_document(certificate=certificate, actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已补发新的证书文件，可以下载。以前的文件仍可核验，会注明已有新文件。"))
            return redirect("certificates:detail", certificate.pk)
    context = {"certificate": certificate, "form": form, "own": own, "limit": BY_HOLDER}
    return render(request, "certificates/reissue.html", context)


def one(request: ActingRequest, certificate_id: UUID) -> Certificate:
    """A certificate that the actor may see, with its status; else 404."""
    visible = Certificate.objects.visible_to(request.actor).with_status(timezone.localdate())
    certificate: Certificate = get_object_or_404(visible.select_related("person", "type", "issuer"), pk=certificate_id)
    return certificate


def _may_read_reasons(actor: Actor, certificate: Certificate) -> bool:
    """What is for the file and the holder is not for employers."""
    return (
        actor.person_id == certificate.person_id
        or actor.organisation_id == certificate.issuer_id
        or actor.role in BUREAU_ROLES
    )


def _events(certificate: Certificate, *, reasons: bool) -> list[dict[str, Any]]:
    """States and documents in one order of time."""
    states = certificate.states.select_related("successor").order_by("number")
    events = [_state_event(certificate, state, reasons) for state in states]
    events += [_reissue_event(order, reasons) for order in certificate.reissues.order_by("number")]
    return sorted(events, key=lambda event: event["at"])


def _state_event(certificate: Certificate, state: CertificateState, reasons: bool) -> dict[str, Any]:
    levels = {"issued": "ok", "reinstated": "ok", "revoked": "stop", "superseded": "attention"}
    successor, url, label = state.successor, "", ""
    if successor:
        url, label = reverse("certificates:detail", args=[successor.pk]), successor.serial
    elif state.document_id and reasons:
        url, label = reverse("certificates:decision", args=[certificate.pk, state.number]), _("决定文书")
    parts = [state.get_code_display() if state.code else "", state.reason if reasons else "", state.authority]
    return {
        "at": state.at,
        "title": state.get_state_display(),
        "detail": " · ".join(part for part in parts if part),
        "state": levels[state.state],
        "url": url,
        "url_label": label,
    }


def _reissue_event(order: Reissue, reasons: bool) -> dict[str, Any]:
    asked = _("持证人申请") if order.by_holder else _("发证单位或主管部门办理")
    parts = [order.get_cause_display(), asked, order.reason if reasons else ""]
    return {
        "at": order.at,
        "title": _("补发第 %(number)s 份文件") % {"number": order.number},
        "detail": " · ".join(str(part) for part in parts if part),
        "state": "none",
    }


def _lost(certificate: Certificate) -> list[str]:
    """What revoking does, in sentences."""
    employers = Employment.objects.filter(person=certificate.person, to_date=None).count()
    told_employers = ngettext(
        "当前 %(count)d 家用人单位的花名册不再显示此证有效",
        "当前 %(count)d 家用人单位的花名册不再显示此证有效",
        employers,
    )
    return [
        _("公众扫码核验立即显示“已撤销”和公开的原因"),
        _("持证人收到通知和具体理由"),
        *([told_employers % {"count": employers}] if employers else []),
        _("证书文件仍在存档，撤销记录不能删除，只能以“恢复”更正"),
    ]
