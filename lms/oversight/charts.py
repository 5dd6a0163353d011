"""Figures as the chart component wants them: one list of rows for the drawing and for its table."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.oversight.figures import Area, CityFigures


def rate_chart(figures: CityFigures) -> dict[str, Any]:
    """Certified on post by district, with the city's target where it is for everybody."""
    areas = figures.districts or (figures.total,)
    target = next((one.target for one in figures.targets if one.is_rate and not one.target.role), None)
    return {
        "id": "certified-rate",
        "title": str(_("持证上岗率")),
        "note": _("截至 %(on)s，在岗人员中持有经核验的职业资格或有效年度证书的比例") % {"on": figures.on.isoformat()},
        "kind": "bar",
        "unit": "%",
        "columns": [_("地区"), _("持证上岗率")],
        "rows": [[area.name, _percent(area)] for area in areas if area.on_post],
        "target": {"label": _("目标"), "value": float(target.value * 100)} if target else None,
    }


def hours_chart(figures: CityFigures) -> dict[str, Any]:
    """Class-hours of the year by district and category."""
    areas = figures.districts or (figures.total,)
    return {
        "id": "class-hours",
        "title": str(_("本年度学时")),
        "kind": "stacked",
        "unit": pgettext("unit", "学时"),
        "columns": [_("地区"), _("综合技能"), _("职业道德")],
        "rows": [
            [area.name, float(area.class_hours["skills"]), float(area.class_hours["ethics"])]
            for area in areas
            if any(area.class_hours.values())
        ],
    }


def _percent(area: Area) -> float:
    rate = area.rate
    return int(rate * 1000) / 10 if rate is not None else 0.0
