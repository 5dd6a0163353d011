"""Dashboards of cities for their bureaus, and one page for everybody."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write
from lms.oversight import charts
from lms.oversight.figures import Area, CityFigures, city_figures
from lms.oversight.public import PublicCity, public_figures
from lms.oversight.targets import percent
from lms.people.access import ActingRequest, role_required
from lms.people.querysets import BUREAU_ROLES
from lms.people.views import exports
from lms.policy.services import cities
from lms.rules.regions import covers
from lms.subsidies.services import yuan

PUBLIC_FOR_SECONDS = 300


class DayForm(forms.Form):
    on = forms.DateField(
        label=gettext_lazy("截至日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_on(self) -> date:
        """The day asked for; today where none is, and no day that has not come."""
        today = timezone.localdate()
        return min(self.cleaned_data["on"] or today, today)


@role_required(*BUREAU_ROLES)
def dashboard(request: ActingRequest) -> HttpResponse:
    """One's own region, or the cities to choose from where one's region holds several."""
    own = request.actor.region_code
    found = [city for city in cities() if own and covers(own, city.code)]
    if own and not found:
        return redirect("oversight:city", own)
    if len(found) == 1:
        return redirect("oversight:city", found[0].code)
    return render(request, "oversight/cities.html", {"cities": found})


@role_required(*BUREAU_ROLES)
def city(request: ActingRequest, code: str) -> HttpResponse:
    """Targets, figures and districts of one region, as of a day. Another region's are not found."""
    if not request.actor.region_code or not covers(request.actor.region_code, code):
        raise Http404
    today = timezone.localdate()
    form = DayForm(request.GET or None, initial={"on": today})
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
    figures = city_figures(region_code=code, on=on)
    if exports.wanted(request):
        return _workbook(figures)
    context = {
        "figures": figures,
        "form": form,
        "whole": _shown(figures.total),
        "districts": [_shown(area) for area in figures.districts],
        "targets": figures.targets,
        "charts": [chart for chart in (charts.rate_chart(figures), charts.hours_chart(figures)) if chart["rows"]],
        "export_url": exports.address(request),
        "budget_known": bool(figures.total.budget_fen),
    }
    return render(request, "oversight/city.html", context)


def _shown(area: Area) -> dict[str, Any]:
    """An area with its shares and money as people read them."""
    return {
        "area": area,
        "rate": _share(area.rate),
        "met_share": _share(area.met_share),
        "granted": yuan(area.granted_fen),
        "budget": yuan(area.budget_fen),
    }


def _share(share: Decimal | None) -> str:
    return "—" if share is None else percent(share)


def _workbook(figures: CityFigures) -> HttpResponse:
    columns = [
        _("地区"),
        _("在岗人数"),
        _("持证人数"),
        _("持证上岗率"),
        _("学时达标人数"),
        _("达标比例"),
        _("本年度受训人数"),
        _("本年度受训人次"),
        _("综合技能学时"),
        _("职业道德学时"),
        _("入职核查"),
        _("其中禁入"),
        _("补贴预算（元）"),
        _("已批准（元）"),
        _("待确认离岗"),
    ]
    goals = [_("指标"), _("目标"), pgettext("target", "期限"), _("现值"), _("状态"), _("依据")]
    sheets = [
        Sheet(_("各区数据"), columns, [_cells(area) for area in (figures.total, *figures.districts)]),
        Sheet(
            _("目标"),
            goals,
            [
                [one.target.title, one.target_text, one.target.by, one.value_text, str(one.word), one.target.section]
                for one in figures.targets
            ],
        ),
    ]
    response = HttpResponse(write(sheets=sheets), content_type=XLSX)
    name = f"{figures.total.name}-{figures.on.isoformat()}.xlsx"
    response.headers["Content-Disposition"] = exports.attachment(name)
    return response


def _cells(area: Area) -> list[Any]:
    return [
        area.name,
        area.on_post,
        area.certified,
        _share(area.rate),
        "—" if area.met is None else area.met,
        _share(area.met_share),
        area.persons_trained,
        area.person_times,
        area.class_hours["skills"],
        area.class_hours["ethics"],
        area.checks,
        area.refused,
        Decimal(area.budget_fen) / 100,
        Decimal(area.granted_fen) / 100,
        area.open_alerts,
    ]


def public(request: HttpRequest) -> HttpResponse:
    """Totals for anybody. Counted again every five minutes at most, however many ask."""
    on = timezone.localdate()
    key = f"oversight-public-{on.isoformat()}-{get_language()}"
    found: list[PublicCity] = cache.get_or_set(key, lambda: public_figures(on=on), PUBLIC_FOR_SECONDS) or []
    rows = [
        {
            "city": one,
            "rate": _share(one.certified_rate),
            "met_share": _share(one.met_share),
            "target": _share(one.target),
        }
        for one in found
    ]
    return render(request, "oversight/public.html", {"rows": rows, "on": on})
