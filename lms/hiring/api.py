"""The hiring API: one question a request, with a key of the organisation. Contract: 4, HTTP."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.documents import archive
from lms.hiring import services
from lms.hiring.limits import SCOPE, THROTTLES
from lms.hiring.models import Check
from lms.hiring.serializers import CheckAnswer, CheckRequest, question_in, told
from lms.people.api import HasScope, request_actor, request_organisation
from lms.people.views import exports


class HiringView(APIView):
    permission_classes = [HasScope]
    throttle_classes = list(THROTTLES)
    required_scope = SCOPE

    def own_check(self, request: Request, pk: Any) -> Check:
        """The check, only for the organisation that asked; for others there is none."""
        actor = request_actor(request)
        found = Check.objects.visible_to(actor).filter(institution_id=actor.organisation_id)
        check = (
            found.select_related("institution", "list_version", "decision__revocation", "dispute__answer")
            .filter(pk=pk)
            .first()
        )
        if check is None:
            raise Http404
        return check


class Checks(HiringView):
    @extend_schema(
        operation_id="hiring_check_create",
        summary="Check one person",
        request=CheckRequest,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The same key with the same question is the same check; with another question 409.",
            )
        ],
        responses={
            201: CheckAnswer,
            400: OpenApiResponse(description="A field is missing or misshapen"),
            409: OpenApiResponse(description="idempotency_conflict, not_admitted"),
            422: OpenApiResponse(description="check_digit, consent_required and other refusals, with errors[]"),
            429: OpenApiResponse(description="Too many questions; see Retry-After"),
        },
    )
    def post(self, request: Request) -> Response:
        asked = question_in(request.data)
        institution = request_organisation(request)
        if institution is None:
            raise Http404
        check = services.check_person(
            institution=institution,
            **asked,
            actor=request_actor(request),
            now=timezone.now(),
            idempotency_key=request.headers.get("Idempotency-Key") or None,
        )
        return Response(told(check), status=status.HTTP_201_CREATED)


class CheckDetail(HiringView):
    @extend_schema(operation_id="hiring_check", summary="One check of one's own", responses={200: CheckAnswer})
    def get(self, request: Request, pk: Any) -> Response:
        return Response(told(self.own_check(request, pk)))


class CheckReceiptFile(HiringView):
    @extend_schema(
        operation_id="hiring_check_receipt",
        summary="The signed receipt",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: Any) -> HttpResponse:
        document = services.make_receipt(check=self.own_check(request, pk), now=timezone.now())
        response = HttpResponse(archive.read(document), content_type=document.content_type)
        response.headers["Content-Disposition"] = exports.attachment(document.file_name)
        return response
