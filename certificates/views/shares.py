"""Links that a holder hands out, and the page behind one.

The page needs no session and no script. It shows what was chosen and nothing more, is found by no search engine, kept
by no cache, and sends its address to nobody. A link that has run out or was taken back says only that.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.models import Certificate, Share, ShareField
from certificates.services.shares import DAYS, open_share, share_certificate, withdraw_share
from certificates.showing import shared_facts, told
from certificates.views.acts import one
from certificates.views.public import readable
from lms.people.access import ActingRequest, role_required
from lms.people.limits import knock
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal

MINUTE = 60
OPENINGS_A_MINUTE = 60  # of one address
SHOWN = 50  # links in the list


class ShareForm(forms.Form):
    fields_shown = forms.MultipleChoiceField(
        label=gettext_lazy("对方能看到的内容"),
        help_text=gettext_lazy("证书名称和当前状态总会显示；没有勾选的内容不会显示。"),
        choices=ShareField.choices,
        initial=[ShareField.NAME, ShareField.ISSUER, ShareField.DATES],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(label=gettext_lazy("链接有效期"), coerce=int, initial=7)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = [(days, ngettext("%(days)d 天", "%(days)d 天", days) % {"days": days}) for days in DAYS]
        self.fields["days"].choices = terms  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@role_required()
def shares(request: ActingRequest, certificate_id: UUID) -> HttpResponse:
    """The holder's links to one certificate: what each shows, until when, how often it was opened; and a new one."""
    certificate, now = _own(request, certificate_id), timezone.now()
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            share_certificate(
                certificate=certificate,
                fields=form.cleaned_data["fields_shown"],
                days=form.cleaned_data["days"],
                actor=request.actor,
                now=now,
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("链接已创建，复制后发给对方。您可以随时收回。"))
            return redirect("certificates:shares", certificate.pk)
    rows = [_row(share) for share in certificate.shares.all()[:SHOWN]]
    context = {"certificate": certificate, "told": told(certificate), "form": form, "rows": rows}
    return render(request, "certificates/shares.html", context, status=422 if form.errors else 200)


@require_POST
@role_required()
def withdraw(request: ActingRequest, certificate_id: UUID, share_id: UUID) -> HttpResponse:
    """Take a link back."""
    certificate = _own(request, certificate_id)
    share = get_object_or_404(certificate.shares, pk=share_id)
    withdraw_share(share=share, actor=request.actor, now=timezone.now())
    messages.success(request, _("链接已收回，打开它的人什么也看不到。"))
    return redirect("certificates:shares", certificate.pk)


@require_safe
@readable
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link."""
    now = timezone.localtime()
    context: dict[str, Any] = {"on": now}
    status = 200
    try:
        knock(request, door="shared", limit=OPENINGS_A_MINUTE, seconds=MINUTE)
        share = open_share(token=token, now=now)
        context |= {"told": told(share.certificate), "facts": shared_facts(share), "until": share.expires_at}
    except Refusal as refusal:
        context["problem"], status = sentence(refusal), refusal.status
    response = render(request, "certificates/shared.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(MINUTE)
    return response


def _own(request: ActingRequest, certificate_id: UUID) -> Certificate:
    """The holder's own; for everybody else there is no such page."""
    certificate = one(request, certificate_id)
    return get_object_or_404(
        Certificate.objects.with_status(timezone.localdate()), pk=certificate.pk, person_id=request.actor.person_id
    )


def _row(share: Share) -> dict[str, Any]:
    now = timezone.now()
    if share.withdrawn_at:
        state, word = "none", _("已收回")
    elif share.expires_at <= now:
        state, word = "none", _("已到期")
    else:
        state, word = "ok", _("有效中")
    return {
        "share": share,
        "open": state == "ok",
        "state": state,
        "word": word,
        "fields": _("、").join(str(ShareField(field).label) for field in share.fields),
        "address": f"{settings.PUBLIC_BASE_URL}{reverse('certificates:shared', args=[share.token])}",
    }
