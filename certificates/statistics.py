"""Certificates counted: by month, kind, state and the district of their holders. One query, whatever is asked.

As every list does, it counts only what the one who asks may see, and states as they are on the day.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from certificates.querysets import CertificateQuerySet, Status
from certificates.showing import WORDS
from lms.policy.models import Region

STATES = (Status.VALID, Status.EXPIRED, Status.REVOKED, Status.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Statistics:
    """``table`` of each: rows of (name, one count for every one of ``STATES``, total), the largest or earliest first."""

    total: int
    states: dict[Status, int]
    months: list[list[Any]]
    kinds: list[list[Any]]
    districts: list[list[Any]]


def statistics(found: CertificateQuerySet) -> Statistics:
    """Count ``found`` (with_status)."""
    cells = list(
        found.annotate(month=TruncMonth("issued_at"))
        .order_by()
        .values_list("month", "type__title", "person__region_code", "status")
        .annotate(count=Count("pk"))
    )
    names = dict(Region.objects.filter(code__in={row[2] for row in cells}).values_list("code", "name"))
    states: Counter[str] = Counter()
    for *_key, status, count in cells:
        states[status] += count
    return Statistics(
        total=sum(states.values()),
        states={state: states[state] for state in STATES},
        months=_table(((f"{row[0]:%Y-%m}", row[3], row[4]) for row in cells), by_name=True),
        kinds=_table((row[1], row[3], row[4]) for row in cells),
        districts=_table((names.get(row[2], row[2]), row[3], row[4]) for row in cells),
    )


def charts(found: Statistics, on: date) -> list[dict[str, Any]]:
    """What the chart component draws, and its table, from the same rows."""
    note = _("截至 %(on)s 的状态") % {"on": on.isoformat()}
    named = (
        ("by-month", _("按发证月份"), _("月份"), found.months),
        ("by-kind", _("按证书种类"), _("种类"), found.kinds),
        ("by-district", _("按持证人所在地区"), _("地区"), found.districts),
    )
    return [
        {
            "id": key,
            "title": title,
            "note": note,
            "kind": "stacked",
            "unit": pgettext("unit", "份"),
            "columns": [first, *columns()[:-1]],
            "rows": [row[:-1] for row in rows],
        }
        for key, title, first, rows in named
        if rows
    ]


def columns() -> list[str]:
    """Titles of the counts in a row, the total last."""
    return [*(str(WORDS[state][0]) for state in STATES), _("合计")]


def _table(counted: Iterable[tuple[str, str, int]], *, by_name: bool = False) -> list[list[Any]]:
    rows: dict[str, Counter[str]] = {}
    for name, status, count in counted:
        rows.setdefault(name, Counter())[status] += count
    table = [[name, *(cells[state] for state in STATES), sum(cells.values())] for name, cells in rows.items()]
    return sorted(table, key=lambda row: row[0] if by_name else (-row[-1], row[0]))
