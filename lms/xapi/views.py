"""``/xapi/``: statements and about, as xAPI 1.0.3 lays them down. Keys of organisations, scope ``xapi``."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.people.api import ApiKeyAuthentication, HasScope, request_actor
from lms.rules.refusals import Invalid
from lms.xapi import lrs
from lms.xapi.building import VERSION
from lms.xapi.validation import parsed_uuid, wrong

VERSION_HEADER = "X-Experience-API-Version"
MAX_BODY = 5 * 1024 * 1024
_SINGLE = {"statementId", "voidedStatementId"}
_LIST = {"agent", "verb", "activity", "registration", "since", "until", "limit", "ascending", "cursor"}
# Accepted only in the one form this store has.
_FIXED = {"format": "exact", "attachments": "false", "related_activities": "false", "related_agents": "false"}


class AlwaysJson(BaseContentNegotiation):
    """``format`` is a word of xAPI here, not a choice of renderer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class LrsView(APIView):
    """Every answer names the version and how far the store is consistent."""

    content_negotiation_class = AlwaysJson

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers[VERSION_HEADER] = VERSION
        response.headers["X-Experience-API-Consistent-Through"] = timezone.now().isoformat()
        return response


@extend_schema(exclude=True)
class About(LrsView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(lrs.ABOUT)


@extend_schema(exclude=True)
class Statements(LrsView):
    authentication_classes = (ApiKeyAuthentication,)
    permission_classes = (HasScope,)
    parser_classes = (JSONParser,)
    required_scope = "xapi"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        given = request.headers.get(VERSION_HEADER, "")
        if given != "1.0" and not given.startswith("1.0."):
            raise Invalid("version_header", _("请在请求头中声明 xAPI 1.0 版本。"), status=400)

    def put(self, request: Request) -> Response:
        """Keep one statement under the id in the address."""
        _only(request.query_params, {"statementId"})
        key = parsed_uuid(request.query_params.get("statementId"), "statementId")
        data = _body(request)
        if not isinstance(data, dict) or str(data.get("id", key)).lower() != str(key):
            raise wrong("id", _("与地址中的编号不符。"))
        lrs.accept(statements=[data | {"id": str(key)}], actor=request_actor(request), now=timezone.now())
        return Response(status=204)

    def post(self, request: Request) -> Response:
        """Keep one statement or a list of them; answers with their ids."""
        _only(request.query_params, set())
        data = _body(request)
        rows = data if isinstance(data, list) else [data]
        ids = lrs.accept(statements=rows, actor=request_actor(request), now=timezone.now())
        return Response([str(key) for key in ids])

    def get(self, request: Request) -> Response:
        """One statement by id, or a page of those that match."""
        query, actor = request.query_params, request_actor(request)
        named = _SINGLE & query.keys()
        _only(query, (_SINGLE if named else _LIST) | _FIXED.keys())
        for name, value in _FIXED.items():
            if query.get(name, value) != value:
                raise wrong(name, _("不支持此选项。"))
        if named:
            if len(named) > 1:
                raise wrong("statementId", _("不能与 voidedStatementId 同时使用。"))
            name = named.pop()
            key: uuid.UUID = parsed_uuid(query[name], name)
            return Response(lrs.one(statement_id=key, voided=name == "voidedStatementId", actor=actor))
        found = lrs.find(query=query.dict(), actor=actor)
        return Response({"statements": found.statements, "more": _more(query.dict(), found.after)})


def _body(request: Request) -> Any:
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise Invalid("too_large", _("提交的内容过大。"), status=413)
    try:
        return request.data
    except RecursionError:
        raise wrong("statement", _("嵌套过深。")) from None


def _only(query: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(query.keys() - allowed):
        raise wrong(unknown[0], _("不是规定的参数。"))


def _more(query: dict[str, str], after: str) -> str:
    return f"{reverse('xapi:statements')}?{urlencode(query | {'cursor': after})}" if after else ""
