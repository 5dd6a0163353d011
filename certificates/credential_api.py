"""Open Badges for other people's software: the credential, the list its status stands in, the issuer and its keys.

All of it is public and none of it can be enumerated: a credential is behind the same unguessable token as its page,
a list says nothing but bits, an issuer's keys are there for whoever holds a credential. Each document comes in the form
that is asked for: JSON with its proof inside, or a token (``application/vc+jwt``).
"""

import uuid
from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from certificates.badges import documents
from certificates.badges.keys import Ring, ring
from certificates.models import Certificate, StatusList
from certificates.services import credential_json, credential_jwt, list_json, list_jwt
from certificates.services.credentials import has_issued
from lms.people.models import Organisation
from lms.rules.refusals import NotFound

JWT = "application/vc+jwt"
LISTS_KEPT = f"public, max-age={int(documents.LIST_KEPT.total_seconds())}"
KEYS_KEPT = "public, max-age=3600"


class CredentialRenderer(JSONRenderer):
    media_type = "application/vc"


class LinkedDataRenderer(JSONRenderer):
    media_type = "application/ld+json"


class TokenRenderer(BaseRenderer):
    """A token as it is; a problem as JSON, for there is no other form of it."""

    media_type = JWT
    format = "jwt"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if isinstance(data, str):
            return data.encode()
        rendered: bytes = JSONRenderer().render(data)
        return rendered


class _Open(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "credentials"

    def _ring(self) -> Ring:
        keys = ring()
        if keys is None:
            raise NotFound("no_badges", _("本平台没有启用 Open Badges。"))
        return keys

    def _token_wanted(self, request: Request) -> bool:
        return request.accepted_renderer.media_type == JWT


# Who asks for no form in particular gets JSON.
_FORMS = (JSONRenderer, CredentialRenderer, LinkedDataRenderer, TokenRenderer)


class CredentialView(_Open):
    renderer_classes = _FORMS

    @extend_schema(
        operation_id="open_badge",
        summary="The certificate as an Open Badge 3.0",
        description="JSON with a Data Integrity proof; `Accept: application/vc+jwt` gives the same as a VC-JWT. What "
        "was revoked or superseded is still here: its status says so.",
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="OpenBadgeCredential"),
            404: OpenApiResponse(description="No certificate of this token."),
            429: OpenApiResponse(description="Too many; see Retry-After."),
        },
    )
    def get(self, request: Request, token: str) -> Response:
        keys, now = self._ring(), timezone.now()
        certificate = Certificate.objects.behind(token).first()
        if certificate is None:
            raise NotFound("certificate_unknown", _("本平台没有签发过这份证书。"))
        made = credential_jwt if self._token_wanted(request) else credential_json
        return _given(made(certificate=certificate, ring=keys, now=now), "private, no-cache")


class StatusListView(_Open):
    renderer_classes = _FORMS

    @extend_schema(
        operation_id="status_list",
        summary="Which Open Badges are no good any more",
        description="W3C Bitstring Status List 1.0: JSON with a Data Integrity proof; "
        "`Accept: application/vc+jwt` gives the same as a VC-JWT.",
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="BitstringStatusListCredential"),
            404: OpenApiResponse(description="No such list."),
            429: OpenApiResponse(description="Too many; see Retry-After."),
        },
    )
    def get(self, request: Request, number: int) -> Response:
        keys, now = self._ring(), _whole(timezone.now())
        row = get_object_or_404(StatusList, number=number)
        made = list_jwt if self._token_wanted(request) else list_json
        return _given(made(row=row, ring=keys, now=now), LISTS_KEPT)


class _OfIssuer(_Open):
    def _organisation(self, organisation_id: uuid.UUID) -> Organisation:
        organisation = Organisation.objects.filter(pk=organisation_id).first()
        if organisation is None or not has_issued(organisation):
            raise NotFound("issuer_unknown", _("没有这个发证单位。"))
        return organisation


class IssuerView(_OfIssuer):
    @extend_schema(
        operation_id="badge_issuer",
        summary="An issuer of Open Badges",
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, description="Profile")},
    )
    def get(self, request: Request, organisation_id: uuid.UUID) -> Response:
        self._ring()
        return _given(documents.profile_of(self._organisation(organisation_id)), KEYS_KEPT)


class IssuerKeysView(_OfIssuer):
    @extend_schema(
        operation_id="badge_issuer_keys",
        summary="The public keys of an issuer (did:web)",
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, description="DID document")},
    )
    def get(self, request: Request, organisation_id: uuid.UUID) -> Response:
        keys = self._ring()
        return _given(documents.keys_of(self._organisation(organisation_id), keys), KEYS_KEPT)


def _given(data: Any, kept: str) -> Response:
    """Open to scripts of any site: it is public, and badges are checked in browsers too."""
    headers = {"Cache-Control": kept, "X-Robots-Tag": "noindex", "Access-Control-Allow-Origin": "*"}
    return Response(data, headers=headers)


def _whole(now: datetime) -> datetime:
    """To the second, as documents have it."""
    return now.replace(microsecond=0)
