"""Whole lists: handed in by one officer, read row by row, confirmed by a second, entered in the background."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.audit.actors import Actor
from lms.documents import archive
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.registry import services
from lms.registry.forms import IntakeForm, IntakeRowFilter, ReadForm, ReasonForm
from lms.registry.models import FactsCategory, Intake, IntakeRow, ListAct, SubjectRole
from lms.registry.presenters import INTAKE_LAMPS, OUTCOME_LAMPS, effects_of, sentences_of
from lms.registry.services.intake import digest_of, progress_of, undated_rows
from lms.registry.services.intake_foresight import Foresight, foresee, foresee_annulments
from lms.registry.services.intake_sheet import COLUMNS
from lms.registry.views.cases import OFFICERS
from lms.rules.refusals import Refusal

PAGE_SIZE, SHOWN_ERRORS = 20, 100
MOST_FILTERED = 20_000  # keys in one question: databases bound it


@role_required(*OFFICERS)
def intakes(request: ActingRequest) -> HttpResponse:
    """Hand in a list, or read what it would do; and the batches before."""
    may_enter = request.actor.role == Role.REGISTRAR
    form = IntakeForm(request.POST if request.method == "POST" else None, request.FILES or None)
    report: services.IntakeReport | None = None
    if request.method == "POST" and may_enter and form.is_valid():
        try:
            report = services.propose_intake(**form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if report.intake:
                messages.success(request, _("名单已提交，等待另一位工作人员复核。"))
                return redirect("registry:intake", report.intake.pk)
    page = Paginator(Intake.objects.visible_to(request.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form if may_enter else None,
        "report": report,
        "errors": report.errors[:SHOWN_ERRORS] if report else [],
        "listed": report.listed[:SHOWN_ERRORS] if report else [],
        "page": page,
        "rows": [{"intake": row, "lamp": (INTAKE_LAMPS[row.state], row.get_state_display())} for row in page],
    }
    return render(request, "registry/intakes.html", context, status=422 if form.errors else 200)


@role_required(*OFFICERS)
def template(request: ActingRequest) -> HttpResponse:
    """An empty workbook with the columns that are read, and the words they take."""
    example = {"facts_category": FactsCategory.ABUSE.label, "role": SubjectRole.PERPETRATOR.label}
    return exports.workbook(
        _("禁入名单导入模板"),
        [_(column.titles[0]) for column in COLUMNS],
        [[example.get(column.key, "") for column in COLUMNS]],
    )


@role_required(*OFFICERS)
def intake(request: ActingRequest, pk: Any) -> HttpResponse:
    """One batch: what it would do, how far it is, and what became of every row; the second officer confirms here."""
    batch = own_intake(request, pk)
    second = request.actor.role == Role.CONFIRMING_REGISTRAR and batch.state == Intake.State.WAITING
    form = ReadForm(
        request.POST if request.method == "POST" else None,
        initial={"shown": digest_of(batch)} if second else None,
    )
    if request.method == "POST" and form.is_valid() and _confirmed(request, batch, form):
        return redirect("registry:intake", batch.pk)
    now = timezone.now()
    waiting = batch.state == Intake.State.WAITING
    told = foresee(batch, now=now, second=request.user.pk if second else None) if waiting else Foresight()
    filters = IntakeRowFilter(request.GET)
    found = _filtered(batch, filters, told)
    if exports.wanted(request):
        return _workbook(found, told)
    page, counts = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")), _progress(batch)
    annulling = foresee_annulments(batch, list(page), now=now) if waiting else Foresight()
    context = {
        "foresight": told,
        "undated": undated_rows(batch) if waiting else 0,
        "entering": counts["counts"]["left"] - len(told.problems),
        "later": _later(batch, timezone.localdate(now)) if second else 0,
        "totals": sentences_of(told.totals),
        "intake": batch,
        "lamp": (INTAKE_LAMPS[batch.state], batch.get_state_display()),
        "second": second,
        "confirming": form,
        "return_form": ReasonForm(prefix="return"),
        "filters": filters,
        "page": page,
        "rows": _rows(page, told, annulling, request.actor, timezone.localdate(now)),
        "export_url": exports.address(request),
        **counts,
    }
    return render(request, "registry/intake.html", context, status=422 if form.errors else 200)


def _confirmed(request: ActingRequest, batch: Intake, form: ReadForm) -> bool:
    """Whether the batch could be confirmed as it was shown; else the form says why not."""
    try:
        shown = form.cleaned_data["shown"] or "nothing"
        services.confirm_intake(intake=batch, shown=shown, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    messages.success(request, _("已确认，名单正在列入。可以离开此页。"))
    return True


def _rows(
    page: Iterable[IntakeRow], told: Foresight, annulling: Foresight, actor: Actor, today: date
) -> list[dict[str, Any]]:
    """Each row of the page with what it would strike, or why it would not be entered."""
    struck, problems = told.struck | annulling.struck, told.problems | annulling.problems
    return [
        {
            "row": row,
            "lamp": (OUTCOME_LAMPS[row.outcome], _word(row)),
            "problem": problems.get(row.pk, ""),
            "later": row.from_date is not None and row.from_date > today,
            "effects": [effect for effect in effects_of(struck.get(row.pk, []), actor) if effect.count],
        }
        for row in page
    ]


@role_required(*OFFICERS)
def progress(request: ActingRequest, pk: Any) -> HttpResponse:
    """The bar alone, asked for while the work goes on."""
    return render(request, "components/progress.html", _progress(own_intake(request, pk))["bar"])


@role_required(*OFFICERS)
def letter(request: ActingRequest, pk: Any) -> HttpResponse:
    """What the batch rests on, exactly as it was received."""
    document = own_intake(request, pk).document
    response = HttpResponse(archive.read(document), content_type=document.content_type)
    response.headers["Content-Disposition"] = exports.attachment(document.file_name)
    return response


@role_required(Role.CONFIRMING_REGISTRAR)
@require_POST
def decline(request: ActingRequest, pk: Any) -> HttpResponse:
    """Do not agree: nothing is entered."""
    batch = own_intake(request, pk)
    reason = request.POST.get("return-reason", "")
    try:
        services.decline_intake(intake=batch, reason=reason, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("批次已退回，没有列入任何人。"))
    return redirect("registry:intake", batch.pk)


def own_intake(request: ActingRequest, pk: Any) -> Intake:
    found = Intake.objects.visible_to(request.actor).select_related(
        "document", "proposed_by__person", "decided_by__person"
    )
    return get_object_or_404(found, pk=pk)


def _filtered(batch: Intake, filters: IntakeRowFilter, told: Foresight) -> Any:
    rows = batch.rows.order_by("number", "act")
    if not filters.is_valid():
        return rows
    asked = filters.cleaned_data
    if words := asked["q"].strip():
        rows = rows.filter(Q(name__icontains=words) | Q(case_number__icontains=words))
    if asked["outcome"] == "waiting":
        return rows.filter(outcome="")
    if asked["outcome"] in {"struck", "problem"}:
        wanted = told.struck if asked["outcome"] == "struck" else told.problems
        return rows.filter(pk__in=list(wanted)[:MOST_FILTERED])
    return rows.filter(outcome=asked["outcome"]) if asked["outcome"] else rows


def _progress(batch: Intake) -> dict[str, Any]:
    counts = progress_of(batch)
    running = batch.state == Intake.State.RUNNING
    bar = {
        "id": "intake-progress",
        "label": _("列入进度"),
        "value": counts["total"] - counts["left"],
        "total": counts["total"],
        "poll_url": reverse("registry:intake_progress", args=[batch.pk]) if running else "",
        "result_url": "" if running else reverse("registry:intake", args=[batch.pk]),
        "result_label": _("查看结果"),
    }
    return {"counts": counts, "bar": bar}


def _word(row: IntakeRow) -> str:
    return row.get_outcome_display() if row.outcome else _("待列入")


def _later(batch: Intake, today: date) -> int:
    """How many rows bar somebody only from a later day."""
    return int(batch.rows.filter(outcome="", act=ListAct.ENTERED, from_date__gt=today).count())


def _workbook(rows: Any, told: Foresight) -> HttpResponse:
    columns = (
        _("行号"),
        _("决定文号"),
        _("作出机关"),
        _("姓名"),
        _("证件号（掩码）"),
        _("自"),
        _("至（含）"),
        _("结果"),
        _("原因"),
        _("将受影响的"),
    )
    cells = (
        [
            row.number,
            row.case_number,
            row.authority,
            row.name,
            row.masked,
            row.from_date,
            row.until,
            _word(row),
            row.error or str(told.problems.get(row.pk, "")),
            "；".join(sentences_of(told.struck.get(row.pk, []))),
        ]
        for row in rows
    )
    return exports.workbook(_("名单批次结果"), columns, cells)
