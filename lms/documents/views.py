"""What anyone may have of paper: the public halves of the keys that sign it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from lms.documents import signers


@require_safe
@cache_control(public=True, max_age=3600)
def signing_certificates(request: HttpRequest) -> HttpResponse:
    """Every certificate that signs or has signed papers here, PEM, the newest first; empty before the first paper."""
    answer = HttpResponse(signers.bundle(), content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'inline; filename="signing-certificates.pem"'
    return answer
