"""Question banks: list, search, write, import from a workbook. Only the college's own."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from cms.access import WRITING_ROLES
from cms.banks import BankForm, ImportForm, QuestionFilter, QuestionForm, cells_of, own_banks, template_rows
from courses.assessment.models import Question, QuestionBank, QuestionVersion
from courses.assessment.services import ImportReport, create_bank, import_questions, retire_question, save_question
from courses.assessment.services.imports import COLUMNS
from lms.documents import workbooks
from lms.documents.workbooks import Sheet
from lms.people.access import role_required
from lms.people.models import Organisation
from lms.rules.refusals import Refusal

PER_PAGE = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@role_required(*WRITING_ROLES)
def banks(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    form = BankForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        college = get_object_or_404(Organisation, pk=actor.organisation_id)
        try:
            bank = create_bank(college=college, name=form.cleaned_data["name"], actor=actor, now=timezone.now())
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("cms:bank", bank.pk)
    in_use = Count("questions", filter=Q(questions__retired=False))
    rows = own_banks(actor).annotate(in_use=in_use).order_by("name")
    return render(request, "cms/banks.html", {"form": form, "banks": rows})


@require_safe
@role_required(*WRITING_ROLES)
def bank(request: HttpRequest, bank_id: uuid.UUID) -> HttpResponse:
    return render(request, "cms/bank.html", _bank_context(request, _own(request, bank_id)))


@require_POST
@role_required(*WRITING_ROLES)
def import_file(request: HttpRequest, bank_id: uuid.UUID) -> HttpResponse:
    """Dry run or import; wrong rows are named, right ones are taken."""
    found = _own(request, bank_id)
    form = ImportForm(request.POST, request.FILES)
    report: ImportReport | None = None
    if form.is_valid():
        try:
            report = import_questions(
                bank=found,
                file=form.cleaned_data["file"],
                dry_run=form.cleaned_data["dry_run"],
                actor=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    context = _bank_context(request, found)
    dry_run = bool(form.is_bound and form.data.get("dry_run"))
    return render(request, "cms/bank.html", {**context, "import_form": form, "report": report, "dry_run": dry_run})


@require_safe
@role_required(*WRITING_ROLES)
def template_file(request: HttpRequest) -> HttpResponse:
    content = workbooks.write(
        sheets=[Sheet(str(_("试题")), [str(_(column.titles[0])) for column in COLUMNS], template_rows())]
    )
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="questions.xlsx"'}
    )


@role_required(*WRITING_ROLES)
def question(request: HttpRequest, bank_id: uuid.UUID, question_id: uuid.UUID | None = None) -> HttpResponse:
    """Write a question, or a new version of one."""
    found = _own(request, bank_id)
    version = _newest(found, question_id) if question_id else None
    form = QuestionForm(request.POST or None, initial=cells_of(version) if version else None)
    if version:
        form.fields["key"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            save_question(bank=found, actor=request.actor, now=timezone.now(), **form.arguments())  # type: ignore[attr-defined]
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("试题已保存。"))
            return redirect("cms:bank", found.pk)
    return render(request, "cms/question.html", {"form": form, "bank": found, "version": version})


@require_POST
@role_required(*WRITING_ROLES)
def retire(request: HttpRequest, bank_id: uuid.UUID, question_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Question.objects.select_related("bank"), pk=question_id, bank=_own(request, bank_id))
    retire_question(question=found, actor=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("试题已停用，已经抽出的试卷不受影响。"))
    return redirect("cms:bank", bank_id)


def _own(request: HttpRequest, bank_id: uuid.UUID) -> QuestionBank:
    found: QuestionBank = get_object_or_404(own_banks(request.actor), pk=bank_id)  # type: ignore[attr-defined]
    return found


def _newest(found: QuestionBank, question_id: uuid.UUID) -> QuestionVersion:
    versions = QuestionVersion.objects.filter(question_id=question_id, question__bank=found).select_related("question")
    newest = versions.order_by("-number")[:1]
    return get_object_or_404(versions, pk__in=[version.pk for version in newest])


def _bank_context(request: HttpRequest, found: QuestionBank) -> dict[str, Any]:
    form = QuestionFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    newest = QuestionVersion.objects.filter(question=OuterRef("question")).order_by("-number").values("pk")[:1]
    versions = QuestionVersion.objects.filter(question__bank=found, pk=Subquery(newest)).select_related("question")
    if words := given.get("q", "").strip():
        versions = versions.filter(Q(stem__icontains=words) | Q(question__key__icontains=words))
    if given.get("kind"):
        versions = versions.filter(kind=given["kind"])
    page = Paginator(versions.order_by("question__retired", "question__key"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return {"bank": found, "form": form, "page": page, "import_form": ImportForm(), "report": None}
