"""Verification, open to everyone: by the address behind the QR, by serial and name, by file.

Nothing here changes anything, so nothing here needs a session, a cookie or a script. Tokens can't be guessed; serials
can, so they answer only together with the holder's name and only so many times a minute.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from certificates.services import by_file, by_serial, by_token
from certificates.showing import told, told_of_file
from lms.documents import uploads
from lms.people.limits import knock
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal, TooMany

MINUTE = 60
PAGES_A_MINUTE, SERIALS_A_MINUTE, FILES_A_MINUTE = 120, 20, 12
# Room for the other parts of a multipart body around the file itself.
ENVELOPE = 64 * 1024


class SerialForm(forms.Form):
    serial = forms.CharField(
        label=_("证书编号"),
        max_length=60,
        help_text=_("印在证书右上角，例如 ANN-2026-310000-0000042-K。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("持证人姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("证书 PDF 文件"),
        help_text=_("逐字节比对，文件不会被保存。"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )


View = Callable[..., HttpResponse]


def readable(view: View) -> View:
    """In the language asked for with ``?lang=``, so that a link can be passed on in either; never kept by a cache."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = _asked(request) or translation.get_language()
        with translation.override(language):
            response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


def _asked(request: HttpRequest) -> str:
    """The language that the address asks for; empty where it asks for none that there is."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def _limited(door: str, limit: int, *, methods: tuple[str, ...] = ("POST",)) -> Callable[[View], View]:
    """So many knocks an address and minute; beyond that 429, with the time to wait."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                try:
                    knock(request, door=door, limit=limit, seconds=MINUTE)
                except TooMany as refusal:
                    response = _page(request, {"problem": sentence(refusal)}, status=429)
                    response["Retry-After"] = str(MINUTE)
                    return response
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


@require_safe
@readable
@_limited("verify-page", PAGES_A_MINUTE, methods=("GET", "HEAD"))
def verification(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the QR."""
    now = timezone.localtime()
    certificate = by_token(token, now.date())
    before, after = _frame(translation.get_language(), _asked(request))
    verdict = render_to_string("certificates/parts/verified.html", {"told": told(certificate), "on": now})
    return HttpResponse(f"{before}{verdict}{after}", status=200 if certificate else 404)


VERDICT = "[[verdict]]"  # of signs that no template escapes


@lru_cache(maxsize=8)
def _frame(language: str, asked: str) -> tuple[str, str]:
    """What stands before and after the verdict: the same for everybody who reads ``language``, whichever is asked for.

    It is read once a process. Nothing in it depends on a certificate, or on who looks.
    """
    context = {"verdict": VERDICT, "file_form": FileForm(), "file_form_in": asked}
    before, _mark, after = render_to_string("certificates/verification.html", context).partition(VERDICT)
    return before, after


@csrf_exempt
@readable
@_limited("verify-serial", SERIALS_A_MINUTE)
def verify(request: HttpRequest) -> HttpResponse:
    """Type a serial and the holder's name. A wrong name and an unknown serial get the same answer."""
    if request.method != "POST":
        return _page(request, {})
    form = SerialForm(request.POST)
    if not form.is_valid():
        return _page(request, {"form": form}, status=422)
    certificate = by_serial(form.cleaned_data["serial"], form.cleaned_data["name"], timezone.localdate())
    return _page(request, {"form": form, "told": told(certificate)})


@csrf_exempt
@require_POST
@readable
@_limited("verify-file", FILES_A_MINUTE)
def verify_file(request: HttpRequest) -> HttpResponse:
    """Whether exactly these bytes were issued here. The size is looked at before anything is read."""
    limit = settings.UPLOAD_LIMITS["certificate"]
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit + ENVELOPE:
        return _page(request, {"problem": _("文件太大，不是本平台签发的证书。")}, status=413)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"file_form": form}, status=422)
    try:
        uploads.check(form.cleaned_data["file"], kind="certificate")
    except Refusal as refusal:
        refuse(form, refusal)
        return _page(request, {"file_form": form}, status=refusal.status)
    verdict = by_file(form.cleaned_data["file"].read(), timezone.localdate())
    context = {"file_form": form, "file_told": told_of_file(verdict)}
    if verdict.certificate is not None:
        context["told"] = told(verdict.certificate)
    return _page(request, context)


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    forms_shown = {"form": SerialForm(), "file_form": FileForm(), "file_form_in": _asked(request)}
    return render(request, "certificates/verify.html", {**forms_shown, **context}, status=status)
