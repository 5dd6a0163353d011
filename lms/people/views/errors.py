"""Pages for requests that can't be answered."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.people.wording import sentence
from lms.rules.refusals import NotAllowed, Refusal

# Seconds after which asking again makes sense.
RETRY_AFTER = 5
FOR_PROGRAMS = ("/api/", "/xapi/")
PROBLEM = "application/problem+json"

_TITLES = {
    403: _("您不能进行此操作"),
    404: _("没有找到"),
    422: _("内容有误"),
    429: _("操作过于频繁"),
}


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What was refused, why, and where to go from here."""
    context = {"title": _TITLES.get(refusal.status, _("操作没有完成")), "text": sentence(refusal), "code": refusal.code}
    return render(request, "refusal.html", context, status=refusal.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or did not come from here."""
    return refusal_page(request, NotAllowed("form_expired", _("页面已过期，请返回上一页刷新后再提交。")))


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody caught. Django calls it with that exception in hand and has logged it; the page needs no database.

    A database that is away is 503 with Retry-After, since the same request will work when it is back. The connection
    may have been lost after a commit, so nobody is told that nothing happened.
    """
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        detail = gettext("数据库暂时没有应答，还不能确定这一步是否已经完成。请稍后以同一 Idempotency-Key 重试。")
        response = _failure(request, 503, "Service Unavailable", "database_unavailable", detail)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    detail = gettext("系统出现故障，故障已经记录。")
    return _failure(request, 500, "Internal Server Error", "internal_error", detail)


def _failure(request: HttpRequest, status: int, title: str, code: str, detail: str) -> HttpResponse:
    if request.path.startswith(FOR_PROGRAMS):
        problem = {"type": f"/api/problems/{code}", "title": title, "status": status, "detail": detail}
        return JsonResponse({**problem, "code": code, "errors": []}, status=status, content_type=PROBLEM)
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
