"""Errors of the API as RFC 9457 problem details: ``type``, ``title``, ``status``, ``detail``, ``code``, ``errors[]``."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from lms.people.wording import sentence
from lms.rules.refusals import Refusal

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem as a response."""
    body: dict[str, Any] = {
        "type": f"/api/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }
    return Response(body, status=status, content_type=MEDIA_TYPE, headers=headers)


def _field_errors(detail: Any, field: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [row for key, value in detail.items() for row in _field_errors(value, f"{field}.{key}".strip("."))]
    if isinstance(detail, list):
        return [row for value in detail for row in _field_errors(value, field)]
    return [{"field": field, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}]


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    if isinstance(error, Refusal):
        text = sentence(error)
        errors = [{"field": error.field, "code": error.code, "detail": text}] if error.field else []
        return problem(error.status, error.code, text, errors)
    if isinstance(error, Http404):
        return problem(404, "not_found", gettext("没有找到所请求的内容。"))
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", gettext("您没有权限进行此操作。"))
    response = exception_handler(error, context)
    if response is None:
        return None
    headers = {name: response[name] for name in ("Retry-After", "WWW-Authenticate") if name in response}
    if isinstance(error, exceptions.ValidationError):
        detail = gettext("提交的内容有误，请按 errors 逐项修改。")
        return problem(400, "invalid", detail, _field_errors(error.detail), headers)
    assert isinstance(error, exceptions.APIException)
    return problem(response.status_code, str(error.default_code), str(error.detail), headers=headers)
