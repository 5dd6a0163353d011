"""What the benchmark server has beside the product: the bare view that pages are compared with, and its own peak of memory."""

import resource
import sys
import uuid
from itertools import count

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from courses.learning.models import Heartbeat, Lease
from lms.people.models import Person

KIB, MIB = 1024, 1024 * 1024
_numbers = count(1_000_000)


@require_safe
def bare(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """One row by its key and a few bytes of text: the least a Django view behind the product's middleware can do."""
    code = Person.objects.values_list("region_code", flat=True).get(pk=person_id)
    return HttpResponse(code, content_type="text/plain")


@require_POST
def bare_write(request: HttpRequest, lease_id: uuid.UUID) -> HttpResponse:
    """One row read by its key and one inserted: the least that storing what somebody said can do."""
    lease = Lease.objects.get(pk=lease_id)
    Heartbeat.objects.create(
        lease=lease,
        sequence=next(_numbers),
        received_at=timezone.now(),
        played=[],
        visible=True,
        position_ms=0,
        credited_ms=0,
    )
    return HttpResponse(status=201)


@require_safe
def peak(request: HttpRequest) -> JsonResponse:
    """The most memory this server process ever held, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else KIB  # macOS counts bytes, Linux KiB
    return JsonResponse({"peak_mb": round(most * unit / MIB, 1)})
