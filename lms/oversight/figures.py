"""Figures of a city as of a day, in all and by district. Everything is counted from the records, nothing is kept.

What may never happen: a person counted twice in one figure of heads, or a banned person counted as certified.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.ledger.models import Category
from lms.ledger.services import standings_of
from lms.oversight import gathering, targets
from lms.oversight.gathering import OnPost, Trained, summed
from lms.oversight.targets import Progress
from lms.people.places import Place
from lms.policy.pack import Pack, Target
from lms.policy.services import class_hours, pack_in_force
from lms.rules.regions import covers


@dataclass(frozen=True, slots=True)
class Area:
    """Figures of one place. Heads are distinct persons; money is fen; hours are class-hours of the year.

    ``met`` is None where the policy asks no yearly class-hours.
    """

    code: str
    name: str
    on_post: int
    certified: int
    met: int | None
    persons_trained: int
    person_times: int
    class_hours: dict[str, Decimal]
    checks: int
    refused: int
    budget_fen: int
    granted_fen: int
    open_alerts: int

    @property
    def rate(self) -> Decimal | None:
        """Certified of those on post; None where nobody is."""
        return Decimal(self.certified) / self.on_post if self.on_post else None

    @property
    def met_share(self) -> Decimal | None:
        return Decimal(self.met) / self.on_post if self.on_post and self.met is not None else None


@dataclass(frozen=True, slots=True)
class CityFigures:
    """``total`` is the whole region; ``districts`` its parts in order of code, each with its own figures."""

    region_code: str
    on: date
    pack: Pack
    total: Area
    districts: tuple[Area, ...]
    targets: tuple[Progress, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Everything read for a region, before it is added up by place."""

    pack: Pack
    on_post: list[OnPost]
    met: frozenset[UUID]
    trained: list[Trained]
    minutes: dict[tuple[str, str], int]
    checks: dict[tuple[str, str], int]
    money: dict[str, tuple[int, int]]
    alerts: dict[str, int]


def city_figures(*, region_code: str, on: date) -> CityFigures:
    """Figures of a region on a day (inclusive). Refuses ``no_policy`` where no pack governs the place.

    A district is governed by its city's pack and has no districts of its own. Asks ten questions, however many
    districts and people there are (three more for every five thousand persons on post).
    """
    pack = pack_in_force(region_code, on)
    rows = _read(region_code, on, pack)
    names = {row.code: Place(row.code, row.name, row.name_en).label for row in pack.regions}
    parts = [code for code in names if code != region_code and covers(region_code, code)]
    return CityFigures(
        region_code=region_code,
        on=on,
        pack=pack,
        total=_area(region_code, names.get(region_code, region_code), rows, on, whole=True),
        districts=tuple(_area(code, names[code], rows, on) for code in sorted(parts)),
        targets=tuple(_progress(target, rows, on) for target in pack.targets),
    )


def _read(region_code: str, on: date, pack: Pack) -> _Rows:
    new_year = date(on.year, 1, 1)
    people = gathering.on_post(region_code, on, targets.kind_sets([pack]))
    return _Rows(
        pack=pack,
        on_post=people,
        met=met_ids(people, on) if pack.annual_requirements else frozenset(),
        trained=gathering.trained(region_code, min(pack.document.period[0], new_year), on),
        minutes=gathering.minutes_by_category(region_code, on.year, on),
        checks=gathering.checks_by_outcome(region_code, new_year, on),
        money=gathering.money(region_code, on),
        alerts=gathering.open_alerts(region_code),
    )


def met_ids(people: Iterable[OnPost], on: date) -> frozenset[UUID]:
    """Who of these has met the year of ``on`` so far."""
    found = standings_of({row.person_id: row.home for row in people}, on.year, on)
    return frozenset(person_id for person_id, standing in found.items() if standing.lines and standing.met)


def _area(code: str, name: str, rows: _Rows, on: date, *, whole: bool = False) -> Area:
    """Figures of one place. What is recorded in a place no pack names still counts in the whole."""
    on_post = [row for row in rows.on_post if whole or covers(code, row.region_code)]
    trained = [row for row in rows.trained if row.on.year == on.year and (whole or covers(code, row.region_code))]
    keys = [*(key[0] for key in (*rows.minutes, *rows.checks)), *rows.money, *rows.alerts]
    codes = {key for key in keys if whole or covers(code, key)}
    heads = {row.person_id for row in on_post}
    return Area(
        code=code,
        name=name,
        on_post=len(heads),
        certified=len({row.person_id for row in on_post if row.certified}),
        met=len(heads & rows.met) if rows.pack.annual_requirements else None,
        persons_trained=len({row.person_id for row in trained}),
        person_times=len(trained),
        class_hours={category: _hours(rows, codes, category) for category in Category.values},
        checks=summed(rows.checks, codes),
        refused=sum(count for (place, answer), count in rows.checks.items() if place in codes and answer == "barred"),
        budget_fen=sum(budget for place, (budget, _granted) in rows.money.items() if place in codes),
        granted_fen=sum(granted for place, (_budget, granted) in rows.money.items() if place in codes),
        open_alerts=summed(rows.alerts, codes),
    )


def _hours(rows: _Rows, codes: set[str], category: str) -> Decimal:
    minutes = sum(total for (place, of), total in rows.minutes.items() if place in codes and of == category)
    return class_hours(minutes, rows.pack)


def _progress(target: Target, rows: _Rows, on: date) -> Progress:
    since = rows.pack.document.period[0]
    value = _value(target, rows, since) if targets.measured(target) else None
    return Progress(target=target, value=value, status=targets.status_of(target, value, on, since))


def _value(target: Target, rows: _Rows, since: date) -> Decimal | None:
    """A rate of those on the target's post; or heads and person-times since the plan began, of people on that post."""
    on_post = [row for row in rows.on_post if not target.role or row.post == target.role]
    if target.metric == targets.RATE:
        return certified_rate(on_post, target, targets.kind_sets([rows.pack]))
    heads = {row.person_id for row in on_post}
    trained = [row.person_id for row in rows.trained if row.on >= since and (not target.role or row.person_id in heads)]
    return Decimal(len(trained) if target.metric == targets.PERSON_TIMES else len(set(trained)))


def certified_rate(
    on_post: Sequence[OnPost], target: Target | None, kind_sets: Sequence[Sequence[str]]
) -> Decimal | None:
    """The share of these people who are certified as the target counts it; None where nobody is on post."""
    heads = {row.person_id for row in on_post}
    if not heads:
        return None
    kinds = targets.kinds_of(target) if target else ()
    place = list(kind_sets).index(kinds) if kinds else None
    certified = {row.person_id for row in on_post if (row.certified if place is None else row.kinds[place])}
    return Decimal(len(certified)) / len(heads)
