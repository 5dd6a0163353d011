"""The ledger as its owner reads it: a year's entries, what each traces to, what did not count, how the year stands.

``as_of`` asks for the books of an evening: what was recorded or taken back later is not there.
"""

import uuid
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from lms.ledger import evidence, services, uncounted, wording
from lms.ledger.forms import EntryFilter
from lms.ledger.models import Category, HourEntry, Leave, OutsideRow, YearStanding
from lms.ledger.presenters import LEAVE_LAMPS
from lms.ledger.querysets import HourEntryQuerySet
from lms.ledger.services.outside_settling import EVIDENCE_KIND
from lms.ledger.services.outside_sheets import DELIVERIES
from lms.people.access import ActingRequest, role_required
from lms.people.models import Person
from lms.people.services import note_look_up
from lms.people.views import exports
from lms.policy.pack import Pack
from lms.policy.services import pack_by_id
from lms.rules.class_hours import Rounding
from lms.rules.refusals import NotFound

PAGE_SIZE = 20
ROUNDINGS = {
    Rounding.DOWN: _("不足 1 学时的部分不计"),
    Rounding.HALF: _("向下取到 0.5 学时"),
    Rounding.TENTH: _("向下取到 0.1 学时"),
    Rounding.HUNDREDTH: _("向下取到 0.01 学时"),
}
COLUMNS = (
    *(_("序号"), _("日期"), _("年度"), _("类型"), _("类别"), _("课程"), _("形式"), _("分钟"), _("学时")),
    *(_("证据"), _("证据编号"), _("证据摘要"), _("冲销理由")),
)


@role_required()
def mine(request: ActingRequest) -> HttpResponse:
    """One's own entries of a year, filtered, with the standing above them; ``?format=xlsx`` takes them away."""
    key, known = request.actor.person_id, Person.objects.annotate(first_year=Min("hour_entries__year"))
    person = known.filter(pk=key).first() if key else None
    if person is None:
        raise NotFound("no_person", _("该账号没有关联到个人，因此没有学时台账。"))
    today = services.local_day(timezone.now())
    form = EntryFilter(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    years = range(today.year, (vars(person)["first_year"] or today.year) - 1, -1)
    year: int = wanted["year"] if wanted.get("year") in years else today.year
    # An evening that has not come is this one.
    as_of: date | None = min(wanted["as_of"], today) if wanted.get("as_of") else None
    entries = _filtered(person, year, {**wanted, "as_of": as_of})
    if exports.wanted(request):
        return exports.workbook(_("学时台账 %(year)s") % {"year": year}, COLUMNS, map(_cells, entries.iterator()))
    standing = services.standing(person=person, year=year, on=as_of or today, recorded_by=as_of)
    context = {
        "year": year,
        "as_of": as_of,
        "as_of_end": services.end_of(as_of) if as_of else None,
        "now_url": f"?year={year}",
        "tabs": [{"label": str(each), "url": f"?year={each}", "active": each == year} for each in years],
        "form": form,
        "page": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
        "standing": standing,
        "lines": [{"line": line, "label": Category(line.category).label} for line in standing.lines],
        "so_far": _so_far(person, year, as_of or today, as_of) if not standing.lines else [],
        "verdict": wording.verdict(standing),
        "reasons": wording.reasons(standing),
        "frozen": [wording.frozen(row) for row in YearStanding.objects.filter(person=person, year=year)],
        "leaves": _leaves(person, year, services.end_of(as_of) if as_of else None),
        "uncounted": uncounted.of(person.pk, year),
        "export_url": exports.address(request),
    }
    return render(request, "ledger/mine.html", context)


@role_required()
def entry(request: ActingRequest, pk: uuid.UUID) -> HttpResponse:
    """One entry and everything it traces to, for whoever may see the person."""
    row = get_object_or_404(
        HourEntry.objects.visible_to(request.actor).select_related("person", "pack", "reverses", "reversed_by"), pk=pk
    )
    note_look_up(person=row.person, purpose="hours", actor=request.actor, now=timezone.now())
    own = row.person_id == request.actor.person_id
    context = {
        "entry": row,
        "crumbs": [{"label": _("学时台账"), "url": f"{reverse('ledger:mine')}?year={row.year}"}] if own else [],
        "reversal": getattr(row, "reversed_by", None),
        "more": evidence.more(row, request.actor),
        "facts": [*_facts(row), *_learned_elsewhere(row)],
        "proofs": [
            (_("证据"), evidence.label(row.evidence_kind)),
            (_("证据编号"), row.evidence_id),
            (_("证据摘要"), row.evidence_digest),
            (_("账内序号"), row.number),
            (_("本条校验值"), row.hash),
            (_("上一条校验值"), row.previous_hash),
        ],
    }
    return render(request, "ledger/entry.html", context)


def _facts(row: HourEntry) -> list[tuple[Any, Any]]:
    hours = floatformat(row.class_hours, -2)
    return [
        (pgettext("one person", "学员"), row.person.name),
        (_("类别"), row.get_category_display()),
        (_("日期"), row.on),
        (_("计入年度"), str(row.year)),
        (_("时长"), _("%(minutes)s 分钟，合 %(hours)s 学时") % {"minutes": row.minutes, "hours": hours}),
        (_("折算规则"), _rule(pack_by_id(row.pack_id))),
        (_("形式"), DELIVERIES.get(row.delivery, row.delivery)),
        (_("依据政策"), f"{row.pack.title} {row.pack.version}"),
        (_("入账时间"), timezone.localtime(row.recorded_at)),
    ]


def _rule(pack: Pack) -> str:
    rounding = ROUNDINGS[Rounding(pack.class_hour.rounding)]
    rule = _("%(minutes)s 分钟为 1 学时，%(rounding)s") % {"minutes": pack.class_hour.minutes, "rounding": rounding}
    return str(rule)


def _learned_elsewhere(row: HourEntry) -> list[tuple[Any, Any]]:
    """What was handed in for hours from elsewhere, and who accepted it."""
    if row.evidence_kind != EVIDENCE_KIND:
        return []
    found = OutsideRow.objects.select_related("decision", "batch__institution").filter(pk=row.evidence_id).first()
    if found is None:
        return []
    institution = found.batch.institution
    return [
        (_("举办单位"), found.provider),
        (_("证书编号"), found.certificate_number),
        (_("提交"), institution.name if institution else _("本人")),
        (_("核验"), f"{found.decision.by} · {date_format(timezone.localtime(found.decision.at), 'Y-m-d H:i')}"),
    ]


def _filtered(person: Person, year: int, wanted: dict[str, Any]) -> HourEntryQuerySet:
    found = Q(year=year)
    if wanted.get("category"):
        found &= Q(category=wanted["category"])
    if wanted.get("q"):
        found &= Q(title__icontains=wanted["q"])
    rows: HourEntryQuerySet = HourEntry.objects.filter(found, person=person)
    if wanted.get("as_of"):
        rows = rows.recorded(services.end_of(wanted["as_of"]))
    return rows.select_related("reversed_by").order_by("-number")


def _so_far(person: Person, year: int, on: date, recorded_by: date | None) -> list[tuple[str, Any]]:
    hours = services.class_hours_so_far(person=person, year=year, on=on, recorded_by=recorded_by)
    return [(str(label), hours.get(category, 0)) for category, label in Category.choices]


def _leaves(person: Person, year: int, before: datetime | None) -> list[dict[str, Any]]:
    touching = Leave.objects.filter(person=person, from_date__year__lte=year, to_date__year__gte=year)
    if before is not None:
        touching = touching.filter(at__lt=before)
    return [
        {"row": row, "lamp": LEAVE_LAMPS[state], "word": state.label}
        for row in touching.with_state(before).order_by("from_date")
        for state in [wording.leave_state(row)]
    ]


def _cells(row: HourEntry) -> list[Any]:
    sign = 1 if row.kind == "credit" else -1
    return [
        *(row.number, row.on, row.year, row.get_kind_display(), row.get_category_display(), row.title),
        *(str(DELIVERIES.get(row.delivery, row.delivery)), sign * row.minutes, sign * row.class_hours),
        *(evidence.label(row.evidence_kind), str(row.evidence_id), row.evidence_digest, row.reason),
    ]
