"""Whose address a request comes from. Limits, locks and anomaly rules read ``REMOTE_ADDR`` and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ProxyAddressMiddleware:
    """Behind one trusted proxy (``BEHIND_PROXY``): the last address of ``X-Forwarded-For`` is the one it saw itself.

    What stands before it came from the client and is worth nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = request.META.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if seen:
            request.META["REMOTE_ADDR"] = seen
        return self.get_response(request)
