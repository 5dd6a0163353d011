"""Batches over the API: upload, progress, result. Contract: 4, HTTP."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from lms.hiring import services
from lms.hiring.api import HiringView
from lms.hiring.models import BatchReceipt, CheckBatch, Purpose
from lms.hiring.views.batches import filed, workbook_of
from lms.people.api import request_actor
from lms.people.models import Organisation


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
    """What became of the upload; ``id`` is null after a dry run."""

    id = serializers.UUIDField(source="batch.pk", allow_null=True, default=None)
    total = serializers.IntegerField()
    errors = RowErrorAnswer(many=True)  # type: ignore[assignment]


class BatchProgress(serializers.ModelSerializer[CheckBatch]):
    done = serializers.IntegerField()
    clear = serializers.IntegerField()
    barred = serializers.IntegerField()
    review = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]
    result_url = serializers.CharField()
    receipt_url = serializers.CharField(allow_null=True)

    class Meta:
        model = CheckBatch
        fields = (
            "id", "total", "done", "clear", "barred", "review", "errors", "created_at", "finished_at", "cancelled_at",
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
        report = services.create_batch(
            institution=Organisation.objects.get(pk=actor.organisation_id),
            **asked.validated_data,
            actor=actor,
            now=timezone.now(),
        )
        code = status.HTTP_202_ACCEPTED if report.batch else status.HTTP_200_OK
        return Response(BatchTaken(report).data, status=code)


class BatchDetail(BatchView):
    @extend_schema(operation_id="hiring_check_batch", summary="How far a batch is", responses={200: BatchProgress})
    def get(self, request: Request, pk: Any) -> Response:
        batch = self.own_batch(request, pk)
        counts = services.progress_of(batch)
        return Response(
            {
                "id": batch.pk,
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
        responses={204: None, 409: OpenApiResponse(description="batch_finished")},
    )
    def delete(self, request: Request, pk: Any) -> Response:
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


def _address(name: str, batch: CheckBatch) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=[batch.pk])}"
