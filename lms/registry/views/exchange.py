"""Exchange with other regions: whose files are taken, files for them, and files from them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.registry.forms import ExchangeForm, ExportForm, PeerForm, TrustForm
from lms.registry.models import Peer
from lms.registry.presenters import PEER_LAMPS, grouped
from lms.registry.services import current_list_version
from lms.registry.services import peers as services
from lms.registry.services.exchange import export_to, take_file
from lms.registry.views.intakes import SHOWN_ERRORS
from lms.rules.refusals import Refusal

SEEING = (Role.ADMINISTRATOR, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
JSON = "application/json"


@role_required(*SEEING)
def peers(request: ActingRequest) -> HttpResponse:
    """Our own card, the installations we exchange with, and a card to hand in."""
    may_propose = request.actor.role == Role.ADMINISTRATOR
    form = PeerForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and may_propose and form.is_valid():
        try:
            peer = services.propose_peer(file=form.cleaned_data["file"], actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("名片已登记，等待另一位工作人员核对指纹。"))
            return redirect("registry:peer", peer.pk)
    try:
        own: Any = services.own_card()
    except Refusal as refusal:
        own, missing = None, sentence(refusal)
    else:
        missing = ""
    context = {
        "form": form if may_propose else None,
        "own": own,
        "own_fingerprint": grouped(own.fingerprint) if own else "",
        "missing": missing,
        "rows": [{"peer": row, "lamp": (PEER_LAMPS[row.state], row.get_state_display())} for row in Peer.objects.all()],
        "may_take": request.actor.role == Role.REGISTRAR,
    }
    return render(request, "registry/peers.html", context, status=422 if form.errors else 200)


@role_required(*SEEING)
def card(request: ActingRequest) -> HttpResponse:
    """Our card, to hand to others."""
    response = HttpResponse(services.card_file(), content_type=JSON)
    response.headers["Content-Disposition"] = exports.attachment(f"{services.own_card().name}-card.json")
    return response


@role_required(*SEEING)
def peer(request: ActingRequest, pk: Any) -> HttpResponse:
    """One installation: its fingerprint to compare, and files for it once it is trusted."""
    row = get_object_or_404(Peer.objects.select_related("proposed_by__person", "decided_by__person"), pk=pk)
    second = request.actor.role in services.TRUSTING and row.state == Peer.State.PROPOSED
    form = TrustForm(request.POST if request.method == "POST" else None, initial={"fingerprint": row.fingerprint})
    if request.method == "POST" and form.is_valid():
        try:
            shown = form.cleaned_data["fingerprint"]
            services.trust_peer(peer=row, fingerprint=shown, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("对方系统已列为可信，可以交换名单。"))
            return redirect("registry:peer", row.pk)
    context = {
        "peer": row,
        "lamp": (PEER_LAMPS[row.state], row.get_state_display()),
        "fingerprint": grouped(row.fingerprint),
        "second": second,
        "form": form,
        "export_form": ExportForm(),
        "version": current_list_version(),
        "may_export": request.actor.role != Role.ADMINISTRATOR and row.state == Peer.State.TRUSTED,
        "may_withdraw": request.actor.role in services.TRUSTING and row.state != Peer.State.WITHDRAWN,
    }
    return render(request, "registry/peer.html", context, status=422 if form.errors else 200)


@role_required(Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
@require_POST
def export(request: ActingRequest, pk: Any) -> HttpResponse:
    """A file for the other side."""
    row = get_object_or_404(Peer, pk=pk)
    form = ExportForm(request.POST)
    if form.is_valid():
        try:
            content = export_to(peer=row, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            messages.error(request, sentence(refusal))
        else:
            response = HttpResponse(content, content_type=JSON)
            name = f"ban-exchange-{current_list_version().number}.json"
            response.headers["Content-Disposition"] = exports.attachment(name)
            return response
    return redirect("registry:peer", row.pk)


@role_required(*services.TRUSTING)
@require_POST
def withdraw(request: ActingRequest, pk: Any) -> HttpResponse:
    """Take nothing from this key any more."""
    row = get_object_or_404(Peer, pk=pk)
    try:
        services.withdraw_peer(peer=row, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("已停用。此前导入的名单不受影响。"))
    return redirect("registry:peer", row.pk)


@role_required(Role.REGISTRAR)
def take(request: ActingRequest) -> HttpResponse:
    """Hand in a file of another region, or read what it would do."""
    form = ExchangeForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: Any = None
    if request.method == "POST" and form.is_valid():
        try:
            report = take_file(**form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if report.intake:
                messages.success(request, _("文件已提交，等待另一位工作人员复核。"))
                return redirect("registry:intake", report.intake.pk)
    context = {
        "form": form,
        "report": report,
        "errors": report.errors[:SHOWN_ERRORS] if report else [],
        "listed": report.listed[:SHOWN_ERRORS] if report else [],
    }
    return render(request, "registry/take_file.html", context, status=422 if form.errors else 200)
