"""The inbox: news in order, each leading to where something can be done about it."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lms.people import services
from lms.people.access import ActingRequest, role_required
from lms.people.models import Message

PAGE_SIZE = 20


@role_required()
def inbox(request: ActingRequest) -> HttpResponse:
    """One's own messages, newest first."""
    page = Paginator(Message.objects.filter(user=request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "people/inbox.html", {"page": page})


@require_POST
@role_required()
def read(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Mark one message read and go where it points."""
    message = get_object_or_404(Message, pk=pk, user=request.user)
    services.mark_read(user=request.user, message=message, now=timezone.now())
    if message.url and url_has_allowed_host_and_scheme(message.url, allowed_hosts={request.get_host()}):
        return redirect(message.url)
    return redirect("people:inbox")


@require_POST
@role_required()
def read_all(request: ActingRequest) -> HttpResponse:
    """Mark every message read."""
    services.mark_read(user=request.user, now=timezone.now())
    return redirect("people:inbox")
