"""Verification for machines: by token, and by file. Open to everyone, rate-limited, and it tells no more than the page."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from certificates.querysets import Status
from certificates.services import by_file, by_token
from certificates.services.files import Finding
from certificates.showing import as_json, file_as_json
from lms.documents import uploads
from lms.rules.refusals import Invalid

ENVELOPE = 64 * 1024


class ClassHours(serializers.Serializer[Any]):
    category = serializers.ChoiceField(choices=["skills", "ethics"])
    earned = serializers.CharField(help_text="class-hours, such as 72 or 51.5")
    required = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class Revocation(serializers.Serializer[Any]):
    code = serializers.CharField()
    reason = serializers.CharField()
    authority = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class Verification(serializers.Serializer[Any]):
    """Everything but ``status`` is absent where the status is ``unknown``."""

    status = serializers.ChoiceField(choices=[status.value for status in Status])
    serial = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    title_en = serializers.CharField(required=False)
    holder = serializers.CharField(required=False, help_text="masked")
    document = serializers.CharField(required=False, help_text="masked; empty where none was registered")
    issuer = serializers.CharField(required=False)
    issued_at = serializers.DateTimeField(required=False)
    valid_until = serializers.DateField(required=False, allow_null=True)
    class_hours = ClassHours(many=True, required=False)
    revocation = Revocation(required=False, allow_null=True)
    superseded_by = serializers.URLField(required=False, allow_null=True)
    url = serializers.URLField(required=False)


class Change(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="page, annotations, fields, attachments, actions, metadata, text …")
    page = serializers.IntegerField(allow_null=True)
    text = serializers.CharField(allow_null=True, help_text="what the file says and the original nowhere does")


class FileVerification(Verification):
    issued_here = serializers.BooleanField()
    untouched = serializers.BooleanField(help_text="exactly these bytes were issued here")
    replaced = serializers.BooleanField(
        required=False, help_text="an earlier document of this certificate: there is a newer one"
    )
    finding = serializers.ChoiceField(choices=[finding.value for finding in Finding])
    signature = serializers.ChoiceField(
        choices=["valid", "broken", "foreign", "absent"],
        allow_null=True,
        help_text="null where the bytes decided, or the file could not be read",
    )
    appended_bytes = serializers.IntegerField(help_text="behind an original")
    changes = Change(many=True)


class _Public(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)


class CertificateView(_Public):
    throttle_scope = "verification"

    @extend_schema(
        operation_id="verify_certificate",
        summary="What a certificate is worth now",
        description="`token` is the last part of the address behind the QR. An unknown token answers `unknown`.",
        responses={200: Verification, 429: OpenApiResponse(description="Too many; see Retry-After.")},
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(as_json(by_token(token, timezone.localdate())))


class VerifyFileView(_Public):
    throttle_scope = "verify-file"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="verify_certificate_file",
        summary="Whether exactly these bytes were issued here",
        description="A copy that was altered, printed anew or saved by another program is `untouched: false`; `changes` "
        "says where it differs from the original, `signature` whether it is still as signed.",
        request=inline_serializer("CertificateFile", {"file": serializers.FileField()}),
        responses={
            200: FileVerification,
            413: OpenApiResponse(description="Larger than any certificate."),
            422: OpenApiResponse(description="No file, or not a PDF."),
            429: OpenApiResponse(description="Too many; see Retry-After."),
        },
    )
    def post(self, request: Request) -> Response:
        """The size is looked at before anything is read; the file is not kept."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_LIMITS["certificate"] + ENVELOPE:
            raise Invalid("upload_too_large", _("文件太大，不是本平台签发的证书。"), status=413, field="file")
        file = request.FILES.get("file")
        if file is None:
            raise Invalid("file_missing", _("请在 file 字段中上传证书 PDF。"), field="file")
        uploads.check(file, kind="certificate")
        verdict = by_file(file.read(), timezone.localdate())
        return Response(file_as_json(verdict))
