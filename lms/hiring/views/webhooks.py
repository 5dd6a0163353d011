"""Addresses of an institution's own software, and what became of each message sent there."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.hiring.forms.alerts import DeliveryFilter, EndpointForm
from lms.hiring.models import WebhookDelivery, WebhookEndpoint
from lms.hiring.presenters import delivery_row
from lms.hiring.services import webhooks as services
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation, Role
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal

PAGE_SIZE = 20


@role_required(Role.INSTITUTION_MANAGER)
def webhooks(request: ActingRequest) -> HttpResponse:
    """Every address, and a new one; its secret is shown on the answer to the form and never again."""
    organisation = get_object_or_404(Organisation, pk=request.actor.organisation_id)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = services.add_endpoint(
                organisation=organisation, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            shown = {"endpoint": endpoint, "secret": secret}
            response = render(request, "hiring/webhook_secret.html", shown, status=201)
            response.headers["Cache-Control"] = "no-store"
            return response
    context = {"form": form, "endpoints": organisation.webhooks.order_by("disabled_at", "-created_at")}
    return render(request, "hiring/webhooks.html", context, status=422 if form.errors else 200)


@role_required(Role.INSTITUTION_MANAGER)
def webhook(request: ActingRequest, pk: Any) -> HttpResponse:
    """What was sent to one address, when, and whether it arrived."""
    endpoint = _own(request, pk)
    form = DeliveryFilter(request.GET)
    found = endpoint.deliveries.select_related("alert")
    if form.is_valid() and form.cleaned_data["state"]:
        found = found.filter(state=form.cleaned_data["state"])
    if exports.wanted(request):
        columns = (_("时间"), _("事件"), "webhook-id", _("状态"), _("次数"), _("送达时间"), _("最近一次失败"))
        return exports.workbook(_("推送记录"), columns, (_exported(row) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "endpoint": endpoint,
        "form": form,
        "page": page,
        "rows": [delivery_row(row) for row in page],
        "export_url": exports.address(request),
    }
    return render(request, "hiring/webhook.html", context)


@require_POST
@role_required(Role.INSTITUTION_MANAGER)
def act(request: ActingRequest, pk: Any) -> HttpResponse:
    """Try an address, stop it, or send one of its messages again."""
    endpoint, now = _own(request, pk), timezone.now()
    try:
        match request.POST.get("act"):
            case "ping":
                services.ping(endpoint=endpoint, actor=request.actor, now=now)
                messages.success(request, _("测试消息已发出，稍后刷新看结果。"))
            case "disable":
                services.disable_endpoint(endpoint=endpoint, actor=request.actor, now=now)
                messages.success(request, _("接收地址已停用。"))
            case "resend":
                rows = WebhookDelivery.objects.filter(endpoint=endpoint).select_related("endpoint__organisation")
                delivery = get_object_or_404(rows, pk=request.POST.get("delivery", ""))
                services.resend(delivery=delivery, actor=request.actor, now=now)
                messages.success(request, _("已重新发送，编号不变。"))
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("hiring:webhook", pk)


def _own(request: ActingRequest, pk: Any) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_related("organisation")
    return get_object_or_404(rows, pk=pk, organisation=request.actor.organisation_id)


def _exported(row: WebhookDelivery) -> list[Any]:
    return [
        row.created_at,
        row.kind,
        str(row.pk),
        str(row.get_state_display()),
        row.attempts,
        row.sent_at,
        row.last_error,
    ]
