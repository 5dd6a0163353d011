"""Refuses a request whose body is larger than any file this product takes, before a byte of it is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid

# What a form adds around its file.
AROUND = 1024 * 1024


class BodyLimitMiddleware:
    """Stands after the middleware that signs people in: its page says who is signed in, as every page does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = max(settings.UPLOAD_LIMITS.values())
        told = request.META.get("CONTENT_LENGTH") or "0"
        if not told.isdecimal() or int(told) <= limit + AROUND:
            return self.get_response(request)
        sentence = _("上传的内容太大：%(size)s，最多 %(limit)s。请压缩或拆分后再上传。")
        size, most = filesizeformat(int(told)), filesizeformat(limit)
        refusal = Invalid("upload_too_large", sentence, status=413, size=size, limit=most)
        if request.path.startswith("/api/"):
            problem = {"type": f"/api/problems/{refusal.code}", "title": "Content Too Large", "status": 413}
            body = {**problem, "detail": str(refusal), "code": refusal.code, "errors": []}
            return JsonResponse(body, status=413, content_type="application/problem+json")
        context = {"title": _("内容太大"), "text": str(refusal), "code": refusal.code}
        return render(request, "refusal.html", context, status=413)
