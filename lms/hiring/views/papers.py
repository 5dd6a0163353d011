"""Papers that registrars ask institutions for: handing one in, and reading it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents import archive
from lms.hiring import services
from lms.hiring.forms.reviews import HandInForm
from lms.hiring.models import Check, HandedDocument
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.people.access import ActingRequest, role_required
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal


@role_required(*INSTITUTION_ROLES)
def hand_in(request: ActingRequest, pk: Any) -> HttpResponse:
    """Upload the document a registrar asked for."""
    own = Check.objects.visible_to(request.actor).filter(institution_id=request.actor.organisation_id)
    check = get_object_or_404(own.select_related("institution"), pk=pk)
    wanted = services.open_request(check)
    if wanted is None:
        messages.info(request, _("目前不需要补充材料。"))
        return redirect("hiring:check", pk)
    form = HandInForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_in_document(request=wanted, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("材料已上传，核对继续进行；有结论后会通知您。"))
            return redirect("hiring:check", pk)
    context = {"form": form, "check": check, "wanted": wanted}
    return render(request, "hiring/hand_in.html", context, status=422 if form.errors else 200)


@role_required(*INSTITUTION_ROLES, *sorted(REGISTRAR_ROLES))
def handed(request: ActingRequest, pk: Any, document_pk: Any) -> HttpResponse:
    """A paper exactly as it was handed in: for registrars of the region and the institution itself."""
    check = get_object_or_404(Check.objects.visible_to(request.actor), pk=pk)
    if request.actor.role not in REGISTRAR_ROLES and check.institution_id != request.actor.organisation_id:
        raise Http404
    row = get_object_or_404(
        HandedDocument.objects.select_related("document"), request__checked=check, document_id=document_pk
    )
    response = HttpResponse(archive.read(row.document), content_type=row.document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(row.document.file_name)
    return response
