"""How many bans there are, for everybody: counts of named people by year, city, facts, role and kind. No person.

Counted are entries: somebody barred by two decisions is two. What is few is not told (``lms.rules.small_cells``).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from lms.people import places
from lms.registry.models import BanKind, BanSubject, FactsCategory, ListAct, ListLeaf, SubjectRole
from lms.rules.regions import covers
from lms.rules.small_cells import publishable, publishable_total


@dataclass(frozen=True, slots=True)
class Table:
    """One way to divide all entries. ``rows``: (stable key, words, count or None where it is few)."""

    code: str
    title: str
    rows: tuple[tuple[str, str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """``listed`` entries act or will; ``annulled`` were on the list once. None: few."""

    listed: int | None
    annulled: int | None
    tables: tuple[Table, ...]


def public_figures() -> Figures:
    """All of it, from the list as it stands now. Six queries."""
    listed = BanSubject.objects.listed().order_by()
    cities, names = _cities(), places.names()
    return Figures(
        listed=publishable_total(listed.count()),
        annulled=publishable_total(ListLeaf.objects.filter(act=ListAct.ANNULLED).count()),
        tables=(
            _table("year", _("决定年份"), listed, "case__decided_on__year", key_of=str, words={}),
            _table(
                "city", _("城市"), listed, "case__region_code", key_of=lambda code: _city_of(code, cities), words=names
            ),
            _table(
                "facts", _("事实类别"), listed, "case__facts_category", key_of=str, words=dict(FactsCategory.choices)
            ),
            _table("role", _("在案件中的身份"), listed, "role", key_of=str, words=dict(SubjectRole.choices)),
            _table("kind", _("期限"), listed, "kind", key_of=str, words=dict(BanKind.choices)),
        ),
    )


def _table(
    code: str, title: str, listed: Any, field: str, *, key_of: Callable[[Any], str], words: Mapping[str, Any]
) -> Table:
    """Counts by ``field``; every known word of a closed list has its row, years and cities only where there is one."""
    counts: Counter[str] = Counter()
    if code in {"facts", "role", "kind"}:
        counts.update(dict.fromkeys(words, 0))
    for value, count in listed.values_list(field).annotate(Count("pk")):
        counts[key_of(value)] += count
    told = publishable(counts)
    rows = [(key, str(words.get(key, key or _("其他地区"))), count) for key, count in told.items()]
    return Table(code, title, tuple(sorted(rows)))


def _cities() -> list[str]:
    """Codes of the cities: those that no other place of ours contains."""
    heads: list[str] = []
    for code in sorted(places.names()):
        if not heads or not covers(heads[-1], code):
            heads.append(code)
    return heads


def _city_of(code: str, cities: list[str]) -> str:
    """The city a region lies in; empty where it lies in none of ours, or holds several."""
    return next((city for city in cities if covers(city, code)), "")
