"""What a bureau's auditor checks: hours from elsewhere, batch by batch, each row beside its proof."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.ledger import services
from lms.ledger.forms import CheckingFilter, DecisionForm
from lms.ledger.models import Leave, LeaveStateName, OutsideBatch
from lms.ledger.presenters import fields_of, state_of
from lms.ledger.services.outside import counts_of
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Invalid, Refusal

PAGE_SIZE = 50
WAITING = Count("rows", filter=Q(rows__examined=True, rows__error_code="", rows__decision=None))


@role_required(Role.BUREAU_AUDITOR)
def checking(request: ActingRequest) -> HttpResponse:
    """The queue of one's region: batches with rows that wait, the oldest first."""
    form = CheckingFilter(request.GET)
    found = _found(request, form).select_related("institution", "person").order_by("created_at", "pk")
    if exports.wanted(request):
        columns = (_("提交时间"), _("机构或本人"), _("行数"), _("待核验"))
        rows = ((row.created_at, owner_of(row), row.total, vars(row)["waiting"]) for row in found)
        return exports.workbook(_("学时核验"), columns, rows)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [(row, owner_of(row)) for row in page],
        "tabs": tabs(request, "checking"),
        "export_url": exports.address(request),
    }
    return render(request, "ledger/checking.html", context)


@role_required(Role.BUREAU_AUDITOR)
def check_batch(request: ActingRequest, pk: UUID) -> HttpResponse:
    """One batch: its proof, its rows, and the decision over some of them or all."""
    visible = OutsideBatch.objects.visible_to(request.actor).select_related("institution", "person", "proof")
    batch = get_object_or_404(visible, pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            decided = _decide(request, batch, form)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            told = ngettext("已核验 %(count)d 行，正在入账。", "已核验 %(count)d 行，正在入账。", decided)
            messages.success(request, told % {"count": decided})
            return redirect("ledger:check_batch", batch.pk)
    rows = batch.rows.filter(error_code="").select_related("person", "decision", "outcome").order_by("number")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = counts_of(batch)
    context = {
        "batch": batch,
        "owner": owner_of(batch),
        "form": form,
        "page": page,
        "rows": [(row, state_of(row), fields_of(row)) for row in page],
        "chosen": set(request.POST.getlist("rows")),
        "counts": counts,
        "facts": [
            (_("提交"), f"{owner_of(batch)} · {batch.submitted_by}"),
            (_("提交时间"), timezone.localtime(batch.created_at)),
            (_("证明文件"), batch.proof.file_name),
            (_("文件摘要（SHA-256）"), batch.proof.sha256),
        ],
        "crumbs": [{"label": _("学时核验"), "url": reverse("ledger:checking")}],
    }
    return render(request, "ledger/check_batch.html", context, status=422 if form.errors else 200)


def owner_of(batch: OutsideBatch) -> str:
    """Who handed it in: the institution, or the practitioner."""
    owner = batch.institution or batch.person
    return owner.name if owner else ""


def tabs(request: ActingRequest, here: str) -> list[dict[str, object]]:
    """The two queues of the auditor, with how many wait in each."""
    batches = OutsideBatch.objects.visible_to(request.actor).annotate(waiting=WAITING).filter(Q(waiting__gt=0))
    leaves = Leave.objects.visible_to(request.actor).in_state(LeaveStateName.PROPOSED)
    queues = (("checking", _("外部学时"), batches.count()), ("leaves", _("假期"), leaves.count()))
    return [
        {"label": label, "url": reverse(f"ledger:{name}"), "active": name == here, "count": count}
        for name, label, count in queues
    ]


def _found(request: ActingRequest, form: CheckingFilter) -> "QuerySet[OutsideBatch]":
    found = OutsideBatch.objects.visible_to(request.actor).annotate(waiting=WAITING)
    wanted = form.cleaned_data if form.is_valid() else {}
    if text := wanted.get("q", "").strip():
        found = found.filter(Q(institution__name__icontains=text) | Q(person__name__icontains=text))
    match wanted.get("state", ""):
        case "settled":
            return found.exclude(settled_at=None)
        case "all":
            return found
        case _waiting:
            return found.filter(Q(waiting__gt=0))


def _decide(request: ActingRequest, batch: OutsideBatch, form: DecisionForm) -> int:
    ticked = [UUID(key) for key in request.POST.getlist("rows") if _is_key(key)]
    if not ticked and not form.cleaned_data["whole"]:
        raise Invalid("nothing_chosen", _("请勾选要核验的行，或勾选“本批全部待核验的行”。"))
    return services.decide_outside(
        batch=batch,
        rows=None if form.cleaned_data["whole"] else ticked,
        accept=request.POST.get("decision") == "accept",
        reason=form.cleaned_data["reason"],
        actor=request.actor,
        now=timezone.now(),
    )


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
