"""Who works here, with a lamp for each: certified, hours this year, last check."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.hiring import services
from lms.hiring.forms.rosters import EndForm, ManagerForm, RosterFilter, StartForm, chosen
from lms.hiring.models import Check
from lms.hiring.presenters import check_lamp
from lms.hiring.views.checks import INSTITUTION_ROLES
from lms.ledger.services import standings
from lms.people.access import ActingRequest, role_required
from lms.people.models import Employment, Organisation, Person, ReportingLine
from lms.people.services import assign_manager, end_employment
from lms.people.views import exports
from lms.people.wording import refuse
from lms.registry.services import barred_ids
from lms.rules.refusals import Refusal
from lms.rules.standing import Standing

PAGE_SIZE = 20


@role_required(*INSTITUTION_ROLES)
def roster(request: ActingRequest) -> HttpResponse:
    """Everyone employed here today."""
    form = RosterFilter(request.GET)
    open_lines = ReportingLine.objects.filter(to_date=None).select_related("manager")
    found = (
        _present(request)
        .select_related("person")
        .prefetch_related(Prefetch("reporting_lines", queryset=open_lines, to_attr="present_lines"))
        .order_by("post", "from_date", "pk")
    )
    if form.is_valid() and form.cleaned_data["q"]:
        found = found.filter(person__name__icontains=form.cleaned_data["q"].strip())
    if form.is_valid() and form.cleaned_data["post"]:
        found = found.filter(post=form.cleaned_data["post"])
    lamp = form.cleaned_data["lamp"] if form.is_valid() else ""
    if exports.wanted(request):
        columns = (_("姓名"), _("岗位"), _("入职日期"), _("直接管理人"), _("持证"), _("今年学时"), _("最近核查"))
        told = _burning(lamp, _lamps(list(found), request))
        return exports.workbook(_("花名册"), columns, (_exported(row) for row in told))
    if lamp:
        # What a lamp says is worked out from the registry and the ledger: everyone's, to find whose it is.
        burning = _burning(lamp, _lamps(list(found), request))
        page: Page[Any] = Paginator(burning, PAGE_SIZE).get_page(request.GET.get("page"))
        rows = list(page)
    else:
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        rows = _lamps(list(page), request)
    context = {"form": form, "page": page, "rows": rows, "export_url": exports.address(request)}
    return render(request, "hiring/roster.html", context)


@role_required(*INSTITUTION_ROLES)
def start(request: ActingRequest, check_pk: Any) -> HttpResponse:
    """Put the person of a clear check on the roster."""
    check = get_object_or_404(
        Check.objects.visible_to(request.actor).filter(institution_id=request.actor.organisation_id), pk=check_pk
    )
    institution = get_object_or_404(Organisation, pk=request.actor.organisation_id)
    colleagues = _colleagues(request)
    form = StartForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues,
        initial={"from_date": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        asked = {**form.cleaned_data, "manager": chosen(colleagues, form.cleaned_data["manager"])}
        try:
            services.start_employment(
                institution=institution, checked=check, **asked, actor=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s已列入花名册。") % {"name": check.name})
            return redirect("hiring:roster")
    return render(request, "hiring/start.html", {"form": form, "check": check}, status=422 if form.errors else 200)


@role_required(*INSTITUTION_ROLES)
def end(request: ActingRequest, pk: Any) -> HttpResponse:
    """End an employment, after showing what that means."""
    employment = get_object_or_404(_present(request).select_related("person", "institution"), pk=pk)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"to_date": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_employment(employment=employment, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("%(name)s已离职。") % {"name": employment.person.name})
            return redirect("hiring:roster")
    context = {
        "form": form,
        "employment": employment,
        "consequences": [
            _("%(name)s不再列入花名册，也不再受本机构警报关注") % {"name": employment.person.name},
            _("其直接管理关系到最后工作日为止；历史记录保留"),
            _("再次录用须重新核查"),
        ],
    }
    return render(request, "hiring/end.html", context, status=422 if form.errors else 200)


@role_required(*INSTITUTION_ROLES)
def manager(request: ActingRequest, pk: Any) -> HttpResponse:
    """Name who is directly responsible for an employee."""
    employment = get_object_or_404(_present(request).select_related("person", "institution"), pk=pk)
    colleagues = [person for person in _colleagues(request) if person.pk != employment.person_id]
    form = ManagerForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues,
        initial={"from_date": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid():
        named = chosen(colleagues, form.cleaned_data["manager"])
        assert named is not None
        try:
            assign_manager(
                employment=employment,
                manager=named,
                from_date=form.cleaned_data["from_date"],
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("直接管理人已登记。"))
            return redirect("hiring:roster")
    context = {"form": form, "employment": employment}
    return render(request, "hiring/manager.html", context, status=422 if form.errors else 200)


def _present(request: ActingRequest) -> Any:
    """Employments of the actor's own institution that cover today."""
    return Employment.objects.on(timezone.localdate()).filter(institution_id=request.actor.organisation_id)


def _colleagues(request: ActingRequest) -> list[Person]:
    return list(Person.objects.filter(pk__in=_present(request).values("person_id")).order_by("name", "pk"))


def _lamps(employments: list[Employment], request: ActingRequest) -> list[dict[str, Any]]:
    """Rows with what the lamps say, in a number of queries that does not grow with the rows."""
    today = timezone.localdate()
    ids = [row.person_id for row in employments]
    barred = barred_ids(ids, today)
    certified = services.holding_ids(ids, today) - barred
    hours = standings(ids, today.year, today)
    checks = _latest_checks(ids, request)
    return [
        {
            "employment": row,
            "person": row.person,
            "manager": next((line.manager for line in row.present_lines), None),  # type: ignore[attr-defined]
            "barred": row.person_id in barred,
            "certified": row.person_id in certified,
            "standing": _standing(hours.get(row.person_id)),
            "check": check_lamp(checks.get(row.person_id), today),
        }
        for row in employments
    ]


def _burning(lamp: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of ``rows`` for whom this lamp asks to do something."""
    asks: dict[str, Callable[[dict[str, Any]], bool]] = {
        "uncertified": lambda row: not row["certified"],
        "hours": lambda row: row["standing"]["state"] == "attention",
        "check": lambda row: row["check"][0] != "ok",
        "barred": lambda row: row["barred"],
    }
    return [row for row in rows if lamp not in asks or asks[lamp](row)]


def _latest_checks(ids: list[UUID], request: ActingRequest) -> dict[UUID, Check]:
    own = Check.objects.filter(institution_id=request.actor.organisation_id, person_id__in=ids)
    rows = own.select_related("decision__revocation").order_by("checked_at")
    return {row.person_id: row for row in rows if row.person_id}


def _standing(standing: Standing | None) -> dict[str, Any]:
    if standing is None or not standing.lines:
        return {"state": "none", "text": "—"}
    earned = " · ".join(f"{line.earned_class_hours}/{line.required_class_hours}" for line in standing.lines)
    return {"state": "ok" if standing.met else "attention", "text": earned}


def _exported(row: dict[str, Any]) -> list[Any]:
    return [
        row["person"].name,
        row["employment"].get_post_display(),
        row["employment"].from_date,
        row["manager"].name if row["manager"] else "",
        _("禁入") if row["barred"] else _("持证") if row["certified"] else _("未持证"),
        row["standing"]["text"],
        str(row["check"][1]),
    ]
