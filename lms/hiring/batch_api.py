"""Batches over the API: upload, progress, result. Contract: 4, HTTP."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from lms.hiring import services
from lms.hiring.api import HiringView
from lms.hiring.models import BatchReceipt, BatchUpload, CheckBatch, Purpose
from lms.hiring.views.batches import filed, workbook_of
from lms.people.api import request_actor
from lms.people.models import Organisation
from lms.rules.refusals import Conflict

STATES = ("reading", "refused", "read", "checking", "finished", "cancelled")


class BatchRequest(serializers.Serializer[Any]):
    file = serializers.FileField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    consent = serializers.BooleanField()
    dry_run = serializers.BooleanField(required=False, default=False)


class RowErrorAnswer(serializers.Serializer[Any]):
    row = serializers.IntegerField()
    code = serializers.CharField(source="error_code")
    detail = serializers.CharField(source="error")


class BatchTaken(serializers.Serializer[Any]):
    """What became of the upload; ``id`` is null after a dry run of a list that was short enough to be read at once.

    A long list is ``reading``: its rows and what is wrong with them are told by its progress.
    """

    id = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    total = serializers.IntegerField()
    without_birth_date = serializers.IntegerField(source="undated")
    errors = RowErrorAnswer(many=True)  # type: ignore[assignment]


class ReadProblem(serializers.Serializer[Any]):
    """Why a long list could not be read."""

    code = serializers.CharField()
    detail = serializers.CharField()


class BatchProgress(serializers.ModelSerializer[CheckBatch]):
    """While a long list is read, ``total`` is how many rows it has at most, and at least 1; nobody is asked about yet."""

    state = serializers.ChoiceField(choices=STATES)
    problem = ReadProblem(allow_null=True)
    row_errors = RowErrorAnswer(many=True)  # of a dry run, the first thousand
    done = serializers.IntegerField()
    clear = serializers.IntegerField()
    barred = serializers.IntegerField()
    review = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]
    result_url = serializers.CharField(allow_null=True)
    receipt_url = serializers.CharField(allow_null=True)

    class Meta:
        model = CheckBatch
        fields = (
            "id", "state", "problem", "row_errors", "total", "done", "clear", "barred", "review", "errors", "created_at", "finished_at", "cancelled_at",
            "result_url", "receipt_url",
        )  # fmt: skip


class BatchView(HiringView):
    def own_batch(self, request: Request, pk: Any) -> CheckBatch:
        found = CheckBatch.objects.visible_to(request_actor(request)).select_related("institution")
        batch = found.filter(pk=pk).first()
        if batch is None:
            raise Http404
        return batch


class Batches(BatchView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="hiring_check_batch_create",
        summary="Check a workbook or CSV of people",
        request={"multipart/form-data": BatchRequest},
        responses={200: BatchTaken, 202: BatchTaken},
    )
    def post(self, request: Request) -> Response:
        asked = BatchRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = request_actor(request)
        if actor.organisation_id is None:
            raise Http404
        report = services.hand_in_list(
            institution=Organisation.objects.get(pk=actor.organisation_id),
            **asked.validated_data,
            actor=actor,
            now=timezone.now(),
        )
        kept = report.batch or report.upload
        state = "checking" if report.batch else "reading" if report.upload else "read"
        told = {
            "id": kept.pk if kept else None,
            "state": state,
            "total": report.total,
            "undated": report.undated,
            "errors": report.errors,
        }
        return Response(BatchTaken(told).data, status=status.HTTP_202_ACCEPTED if kept else status.HTTP_200_OK)


class BatchDetail(BatchView):
    @extend_schema(operation_id="hiring_check_batch", summary="How far a batch is", responses={200: BatchProgress})
    def get(self, request: Request, pk: Any) -> Response:
        upload = BatchUpload.objects.telling().visible_to(request_actor(request)).filter(pk=pk).first()
        if upload is not None:
            return Response(_told_of_upload(upload))
        batch = self.own_batch(request, pk)
        counts = services.progress_of(batch)
        state = "cancelled" if batch.cancelled_at else "finished" if batch.finished_at else "checking"
        return Response(
            {
                "id": batch.pk,
                "state": state,
                "problem": None,
                "row_errors": [],
                "total": counts.total,
                "done": counts.done,
                "clear": counts.clear,
                "barred": counts.barred,
                "review": counts.review,
                "errors": counts.errors,
                "created_at": timezone.localtime(batch.created_at).isoformat(),
                "finished_at": timezone.localtime(batch.finished_at).isoformat() if batch.finished_at else None,
                "cancelled_at": timezone.localtime(batch.cancelled_at).isoformat() if batch.cancelled_at else None,
                "result_url": _address("api-hiring-batch-result", batch),
                "receipt_url": _address("api-hiring-batch-receipt", batch) if batch.finished_at else None,
            }
        )

    @extend_schema(
        operation_id="hiring_check_batch_cancel",
        summary="Ask about nobody more; who was asked about keeps answer and receipt",
        responses={204: None, 409: OpenApiResponse(description="batch_finished, batch_reading")},
    )
    def delete(self, request: Request, pk: Any) -> Response:
        if BatchUpload.objects.waiting().visible_to(request_actor(request)).filter(pk=pk).exists():
            raise Conflict("batch_reading", _("名单还在读取，读完后才能取消。"))
        services.cancel_batch(batch=self.own_batch(request, pk), actor=request_actor(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class BatchResult(BatchView):
    @extend_schema(
        operation_id="hiring_check_batch_result",
        summary="Every row with its outcome",
        responses={(200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: Any) -> HttpResponse:
        return workbook_of(self.own_batch(request, pk))


class BatchReceiptFile(BatchView):
    @extend_schema(
        operation_id="hiring_check_batch_receipt",
        summary="The signed receipt over the result; 404 while the batch goes on",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: Any) -> HttpResponse:
        found = BatchReceipt.objects.select_related("document").filter(batch=self.own_batch(request, pk))
        receipt = found.first()
        if receipt is None:
            raise Http404
        return filed(receipt.document)


def _told_of_upload(upload: BatchUpload) -> dict[str, Any]:
    """A long list that is no batch, or none yet."""
    refused = bool(upload.error_code)
    errors = [{"row": row, "code": code, "detail": detail} for row, _name, code, detail in upload.first_errors]
    return {
        "id": upload.pk,
        "state": "refused" if refused else "read" if upload.finished_at else "reading",
        "problem": {"code": upload.error_code, "detail": upload.error} if refused else None,
        "row_errors": errors,
        "total": max(upload.total, 1),
        "done": upload.total if upload.finished_at and not refused else 0,
        "clear": 0,
        "barred": 0,
        "review": 0,
        "errors": upload.errors,
        "created_at": timezone.localtime(upload.created_at).isoformat(),
        "finished_at": timezone.localtime(upload.finished_at).isoformat() if upload.finished_at else None,
        "cancelled_at": None,
        "result_url": None,
        "receipt_url": None,
    }


def _address(name: str, batch: CheckBatch) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=[batch.pk])}"
