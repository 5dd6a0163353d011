"""What anybody may know of the list: its signed versions and the keys to check them with. No person, no entry."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lms.people.limits import knock
from lms.registry.models import ListVersion
from lms.registry.services import current_list_version, versions

PAGE_SIZE, JSON_SIZE = 20, 100
PROOFS_A_MINUTE, MINUTE = 60, 60


@require_safe
def list_versions(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first."""
    current_list_version()  # there is one from the first day on
    page = Paginator(ListVersion.objects.order_by("-number"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "registry/versions.html", {"page": page, "keys": sorted(versions.published_keys())})


@require_safe
def versions_json(request: HttpRequest) -> JsonResponse:
    """A hundred versions, the newest first; ``?before=`` a number for those before it."""
    current_list_version()
    rows = ListVersion.objects.order_by("-number")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(number__lt=int(before))
    some = list(rows[: JSON_SIZE + 1])
    more = some[JSON_SIZE - 1].number if len(some) > JSON_SIZE else None
    return JsonResponse({"versions": [version_told(row) for row in some[:JSON_SIZE]], "next_before": more})


@require_safe
def version_json(request: HttpRequest, number: int) -> JsonResponse:
    """One version. It never changes."""
    return JsonResponse(version_told(get_object_or_404(ListVersion, number=number)))


@require_safe
def keys_json(request: HttpRequest) -> JsonResponse:
    """The public keys that sign versions, or did (JWK Set, RFC 7517)."""
    keys = [{"kid": kid, "use": "sig", "alg": "EdDSA", **jwk} for kid, jwk in versions.published_keys().items()]
    return JsonResponse({"keys": keys})


@require_safe
def extension_json(request: HttpRequest, earlier: int, later: int) -> JsonResponse:
    """The proof that the later version goes on from the earlier one (RFC 9162, 2.1.4)."""
    knock(request, door="list-extension", limit=PROOFS_A_MINUTE, seconds=MINUTE)
    pair = [get_object_or_404(ListVersion, number=number) for number in (earlier, later)]
    told = {"earlier": version_told(pair[0]), "later": version_told(pair[1])}
    return JsonResponse({**told, "consistency": versions.prove_extension(*pair)})


def version_told(version: ListVersion) -> dict[str, Any]:
    """A version as programs read it; ``jws`` says all of it again, signed."""
    return {
        "number": version.number,
        "at": timezone.localtime(version.at).isoformat(timespec="seconds"),
        "entries": version.entries,
        "size": version.size,
        "root": version.root,
        "hash": version.hash,
        "jws": version.signature or None,
    }
