"""An institution's question, its answer on the same page, and the list of what was asked before."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.hiring import services
from lms.hiring.forms.checks import CheckFilter, CheckForm
from lms.hiring.limits import require_allowance
from lms.hiring.models import BanAlert, Check, CheckDispute
from lms.hiring.presenters import answer_of
from lms.people.access import ActingRequest, role_required
from lms.people.models import Organisation, Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.querysets import REGISTRAR_ROLES
from lms.rules.refusals import Refusal, TooMany

INSTITUTION_ROLES = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)
PAGE_SIZE = 20
LATEST = 5
COLUMNS = (
    gettext_lazy("核查时间"),
    gettext_lazy("姓名"),
    gettext_lazy("证件类型"),
    gettext_lazy("证件号（掩码）"),
    gettext_lazy("用途"),
    gettext_lazy("内部编号"),
    gettext_lazy("结果"),
    gettext_lazy("有效期至"),
    gettext_lazy("核查人"),
    gettext_lazy("名单版本"),
    gettext_lazy("回执编号"),
)


@role_required(*INSTITUTION_ROLES)
def home(request: ActingRequest) -> HttpResponse:
    """The workbench of an institution: one form, the answer above it, what was asked last, what waits."""
    form, check, status = CheckForm(request.POST if request.method == "POST" else None), None, 422
    if request.method == "POST" and form.is_valid():
        institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
        try:
            require_allowance(request)
            check = services.check_person(
                institution=institution, **form.cleaned_data, actor=request.actor, now=timezone.now()
            )
            form = CheckForm()
        except Refusal as refusal:
            refuse(form, refusal)
            status = 429 if isinstance(refusal, TooMany) else 422
    context = {
        "form": form,
        "check": check,
        "answer": answer_of(check) if check else None,
        "rows": [row_of(row) for row in _visible(request)[:LATEST]],
        "open_alerts": BanAlert.objects.open().visible_to(request.actor).count(),
    }
    return render(request, "hiring/home.html", context, status=status if form.errors else 200)


@role_required(*INSTITUTION_ROLES, *sorted(REGISTRAR_ROLES))
def checks(request: ActingRequest) -> HttpResponse:
    """Everything asked: searched, filtered, taken away as a workbook."""
    form = CheckFilter(request.GET)
    found = _filtered(_visible(request), form)
    if exports.wanted(request):
        return exports.workbook(_("核查记录"), COLUMNS, (_exported(row) for row in found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [row_of(row) for row in page],
        "export_url": exports.address(request),
        "of_region": request.actor.role in REGISTRAR_ROLES,
    }
    return render(request, "hiring/checks.html", context)


@role_required()
def check(request: ActingRequest, pk: Any) -> HttpResponse:
    """One check: what was asked and answered, and what became of it. Others find nothing (404)."""
    row = get_object_or_404(_visible(request), pk=pk)
    answer = answer_of(row)
    asker = request.actor.role in INSTITUTION_ROLES and row.institution_id == request.actor.organisation_id
    context = {
        "check": row,
        "answer": answer,
        "facts": _facts(row),
        "decision": getattr(row, "decision", None),
        "wanted": services.open_request(row) if asker else None,
        "may_start": asker and answer.outcome == "clear" and row.valid_until >= timezone.localdate(),
        "asker": asker,
        "dispute": _own_dispute(row, request.actor),
        "may_dispute": request.actor.person_id is not None and row.person_id == request.actor.person_id,
        "corrected": row.outcome != answer.outcome and hasattr(row, "dispute") and hasattr(row.dispute, "answer"),
    }
    return render(request, "hiring/check.html", context)


def _own_dispute(row: Check, actor: Actor) -> CheckDispute | None:
    """The dispute, for the person and the registrars; whoever asked hears the answer and not the words."""
    dispute: CheckDispute | None = getattr(row, "dispute", None)
    return dispute if dispute and CheckDispute.objects.visible_to(actor).filter(pk=dispute.pk).exists() else None


def _visible(request: ActingRequest) -> "QuerySet[Check]":
    found = Check.objects.visible_to(request.actor)
    return found.select_related("institution", "decision__revocation", "dispute__answer", "list_version").order_by(
        "-checked_at"
    )


def _filtered(found: "QuerySet[Check]", form: CheckFilter) -> "QuerySet[Check]":
    if not form.is_valid():
        return found
    asked = form.cleaned_data
    if asked["q"]:
        words = asked["q"].strip()
        found = found.filter(
            Q(name__icontains=words) | Q(reference__icontains=words) | Q(institution__name__icontains=words)
        )
    if asked["outcome"]:
        found = found.filter(Check.objects.saying(asked["outcome"]))
    if asked["purpose"]:
        found = found.filter(purpose=asked["purpose"])
    return found


def row_of(check: Check) -> dict[str, Any]:
    """A line of any list of checks."""
    return {"check": check, "answer": answer_of(check), "url": reverse("hiring:check", args=[check.pk])}


def _facts(check: Check) -> list[tuple[Any, Any]]:
    return [
        (_("姓名"), check.name),
        (_("证件"), f"{check.get_document_type_display()} {check.masked}"),
        (_("出生日期"), check.date_of_birth),
        (_("用途"), check.get_purpose_display()),
        (_("内部编号"), check.reference or None),
        (_("核查机构"), check.institution.name),
        (_("核查人"), check.asked_by),
        (_("核查时间"), timezone.localtime(check.checked_at).strftime("%Y-%m-%d %H:%M:%S")),
        (_("有效期至"), check.valid_until),
        (_("名单版本"), f"#{check.list_version.number} {check.list_version.hash[:12]}"),
        (_("回执编号"), check.pk),
    ]


def _exported(check: Check) -> list[Any]:
    return [
        check.checked_at,
        check.name,
        check.get_document_type_display(),
        check.masked,
        check.get_purpose_display(),
        check.reference,
        str(answer_of(check).word),
        check.valid_until,
        check.asked_by,
        check.list_version.number,
        str(check.pk),
    ]
