"""How certificates look: the editor with its pictures of the sheet, the versions there were, and the pictures they carry."""

import re
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certificates.models import CertificateType, TemplatePicture, TemplateVersion
from certificates.samples import NAMES, refuse_overfull, specimen
from certificates.services.designs import (
    Design,
    design_of,
    first_design,
    issuer_of_sheet,
    newest_template,
    publish_template,
    refuse_faulty,
    tidied,
)
from certificates.services.pictures import add_picture
from certificates.services.type_editing import MANAGING_ROLES, issuers_for
from certificates.sheet import TEMPLATE
from certificates.template_forms import DesignForm, PictureForm
from certificates.wording import fields_of
from lms.documents import archive, pdf
from lms.people.access import ActingRequest, role_required
from lms.people.limits import knock
from lms.people.models import Organisation
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

MINUTE, SHEETS_A_MINUTE, PICTURES_A_MINUTE = 60, 40, 20
STYLE, SHEET = "certificates/pdf/version.css", "certificates/pdf/_sheet.html"
FACES = {'"Document Serif", "Document Sans"': "var(--serif)"}


@require_http_methods(["GET", "POST"])
@role_required(*MANAGING_ROLES)
def template(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """Write a design beside its picture; publish it as the next version. ``?from=`` begins with an earlier one."""
    kind, issuer = _of(request, type_id)
    newest, now = newest_template(type=kind, issuer=issuer), timezone.now()
    form = DesignForm(
        request.POST or None,
        issuer=issuer,
        design=_begun(request, kind, issuer, newest),
        after=newest.number if newest else 0,
    )
    shown = _begun(request, kind, issuer, newest)
    if request.method == "POST" and form.is_valid():
        looking = "publish" not in request.POST
        try:
            shown = _examined(kind, issuer, form.design, now)
            if not looking:
                given: dict[str, Any] = {"after": form.cleaned_data["after"], "note": form.cleaned_data["note"]}
                publish_template(type=kind, issuer=issuer, design=shown, actor=request.actor, now=now, **given)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if not looking:
                messages.success(request, _("新版式已发布，从现在起签发的证书都用它；已签发的不变。"))
                return redirect("certificates:template_versions", kind.pk)
    context = {
        "form": form,
        "type": kind,
        "issuer": issuer,
        "newest": newest,
        "known": fields_of(kind.rule).items(),
        "sheets": _sheets(kind, issuer, shown, now),
    }
    return render(request, "certificates/template.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(*MANAGING_ROLES)
def template_preview(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """The sheet as it would be, asked for while it is written."""
    kind, issuer = _of(request, type_id)
    form, now = DesignForm(request.POST, issuer=issuer), timezone.now()
    sheets: list[dict[str, Any]] = []
    if form.is_valid():
        try:
            sheets = _sheets(kind, issuer, _examined(kind, issuer, form.design, now), now)
        except Refusal as refusal:
            refuse(form, refusal)
    return render(request, "certificates/parts/sheets.html", {"form": form, "sheets": sheets})


@require_POST
@role_required(*MANAGING_ROLES)
def template_sample(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """The design as it is written, on paper, with one of the sample names."""
    kind, issuer = _of(request, type_id)
    knock(request, door="template-sample", limit=SHEETS_A_MINUTE, seconds=MINUTE)
    form, now = DesignForm(request.POST, issuer=issuer), timezone.now()
    if form.is_valid():
        try:
            design = _examined(kind, issuer, form.design, now)
            return _paper(kind, issuer, design, request.POST.get("sample"), now)
        except Refusal as refusal:
            refuse(form, refusal)
    context = {
        "form": form,
        "type": kind,
        "issuer": issuer,
        "newest": newest_template(type=kind, issuer=issuer),
        "known": fields_of(kind.rule).items(),
    }
    return render(request, "certificates/template.html", context, status=422)


@require_safe
@role_required(*MANAGING_ROLES)
def template_versions(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """Every version there was, the newest first, and how many certificates carry each."""
    kind, issuer = _of(request, type_id)
    versions = TemplateVersion.objects.filter(type=kind, issuer=issuer)
    rows = versions.annotate(issued=Count("certificates")).order_by("-number")
    own = kind.certificates.filter(template=None, issuer=issuer).count()
    context = {"type": kind, "issuer": issuer, "rows": rows, "own": own}
    return render(request, "certificates/template_versions.html", context)


@require_safe
@role_required(*MANAGING_ROLES)
def template_version(request: ActingRequest, type_id: UUID, number: int) -> HttpResponse:
    """One version, as certificates issued with it look."""
    kind, issuer = _of(request, type_id)
    version = _version(kind, issuer, number)
    sheets = _sheets(kind, issuer, design_of(version), timezone.now())
    context = {"type": kind, "issuer": issuer, "version": version, "sheets": sheets}
    return render(request, "certificates/template_version.html", context)


@require_safe
@role_required(*MANAGING_ROLES)
def template_version_sample(request: ActingRequest, type_id: UUID, number: int) -> HttpResponse:
    """One version on paper, with one of the sample names."""
    kind, issuer = _of(request, type_id)
    knock(request, door="template-sample", limit=SHEETS_A_MINUTE, seconds=MINUTE)
    design = design_of(_version(kind, issuer, number))
    return _paper(kind, issuer, design, request.GET.get("sample"), timezone.now())


@require_http_methods(["GET", "POST"])
@role_required(*MANAGING_ROLES)
def pictures(request: ActingRequest) -> HttpResponse:
    """The pictures of one's own body, and a form for another one."""
    issuers = issuers_for(request.actor)
    form = PictureForm(request.POST or None, request.FILES or None, issuers=issuers)
    if request.method == "POST" and issuers:
        knock(request, door="template-picture", limit=PICTURES_A_MINUTE, seconds=MINUTE)
        if form.is_valid():
            given = {"name": form.cleaned_data["name"], "file": form.cleaned_data["file"]}
            try:
                add_picture(issuer=form.issuer, **given, actor=request.actor, now=timezone.now())
            except Refusal as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("图片已保存，可以在版式中选用。"))
                return redirect("certificates:pictures")
    found = TemplatePicture.objects.filter(issuer__in=issuers).select_related("document", "issuer")
    context = {"form": form, "pictures": found, "issuers": issuers}
    return render(request, "certificates/pictures.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*MANAGING_ROLES)
def picture(request: ActingRequest, picture_id: UUID) -> HttpResponse:
    """One picture, from the archive. It never changes, so a browser may keep it."""
    own = TemplatePicture.objects.filter(issuer__in=issuers_for(request.actor)).select_related("document")
    found = get_object_or_404(own, pk=picture_id)
    response = HttpResponse(archive.read(found.document), content_type=found.document.content_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@require_safe
@cache_control(public=True, max_age=3600)
def sheet_style(request: HttpRequest) -> HttpResponse:
    """The rules of the sheet for a page: every length follows the width of the frame around it."""
    return HttpResponse(_style(), content_type="text/css; charset=utf-8")


def _of(request: ActingRequest, type_id: UUID) -> tuple[CertificateType, Organisation]:
    """A type whose sheet the reader designs, and in whose name."""
    managed = CertificateType.objects.managed_by(request.actor).select_related("issuer")
    kind = get_object_or_404(managed, pk=type_id)
    return kind, issuer_of_sheet(kind, request.actor)


def _version(kind: CertificateType, issuer: Organisation, number: int) -> TemplateVersion:
    pictures = ("logo__document", "seal__document", "ground__document")
    rows = TemplateVersion.objects.filter(type=kind, issuer=issuer).select_related(*pictures)
    return get_object_or_404(rows, number=number)


def _begun(
    request: ActingRequest, kind: CertificateType, issuer: Organisation, newest: TemplateVersion | None
) -> Design:
    """What the editor begins with: the version asked for, else the newest, else the product's own look."""
    asked = request.GET.get("from", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 5:
        return design_of(_version(kind, issuer, int(asked)))
    return design_of(newest) if newest else first_design(kind)


def _examined(kind: CertificateType, issuer: Organisation, design: Design, now: datetime) -> Design:
    design = tidied(design)
    refuse_faulty(kind, issuer, design)
    refuse_overfull(kind, issuer, design, now)
    return design


def _sheets(kind: CertificateType, issuer: Organisation, design: Design, now: datetime) -> list[dict[str, Any]]:
    """The design with each of the sample names, as a picture on a page."""
    shown: dict[str, Any] = {"type": kind, "issuer": issuer, "design": tidied(design), "now": now, "address": _place}
    return [
        {"number": number, "name": name, "why": why, "html": render_to_string(SHEET, specimen(**shown, number=number))}
        for number, (name, why) in enumerate(NAMES)
    ]


def _place(picture: TemplatePicture) -> str:
    return reverse("certificates:picture", args=[picture.pk])


def _paper(
    kind: CertificateType, issuer: Organisation, design: Design, asked: str | None, now: datetime
) -> HttpResponse:
    """A specimen as a PDF; with the first name where none is asked for."""
    number = int(asked) if asked in {str(number) for number in range(len(NAMES))} else 0
    context = specimen(type=kind, issuer=issuer, design=design, number=number, now=now)
    response = HttpResponse(pdf.render(TEMPLATE, context), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="specimen.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@cache
def _style() -> str:
    """Millimetres and points become shares of the frame's width; what is for paper alone is left out."""
    rules = str(render_to_string(STYLE))
    rules = re.sub(r"@page[^{]*\{[^}]*\}", "", rules)
    rules = re.sub(r"\b(page: [a-z-]+|image-rendering: crisp-edges);", "", rules)
    for face, ours in FACES.items():
        rules = rules.replace(face, ours)
    rules = re.sub(r"(-?\d+(?:\.\d+)?)mm", r"calc(\1 * var(--mm))", rules)
    rules = re.sub(r"(-?\d+(?:\.\d+)?)pt", r"calc(\1 * 0.3528 * var(--mm))", rules)
    frame = """.sheet-figure { margin: 0; } .sheet-figure figcaption { padding-top: var(--space-2); }
.sheet-frame { container-type: inline-size; border: 1px solid var(--line); box-shadow: var(--lift); }
.picture-list__image { inline-size: 100%; block-size: 8rem; object-fit: contain; background: var(--sunk); }
@media (min-width: 900px) { .sheet-aside { position: sticky; top: calc(var(--head) + var(--space-4)); } }"""
    units = ".sheet--landscape { --mm: calc(100cqw / 297); } .sheet--portrait { --mm: calc(100cqw / 210); }"
    return f"{frame}\n{units}\n{rules}"
