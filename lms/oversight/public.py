"""What anybody may read: totals of each city. A figure of fewer than five persons is not shown, nor one that gives it away."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from lms.oversight import gathering, targets
from lms.oversight.figures import certified_rate, met_ids
from lms.oversight.gathering import OnPost, Trained
from lms.policy.models import Region
from lms.policy.pack import Pack
from lms.policy.services import cities, packs_in_force
from lms.rules.regions import COUNTRY, covers

SMALLEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PublicCity:
    """Totals of one city; None: too few people to be told. Rates are shares."""

    code: str
    name: str
    on_post: int | None
    certified_rate: Decimal | None
    met_share: Decimal | None
    persons_trained: int | None
    target: Decimal | None
    asks_hours: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read for the whole country."""

    kind_sets: list[tuple[str, ...]]
    on_post: list[OnPost]
    met: frozenset[UUID]
    trained: list[Trained]


def public_figures(*, on: date) -> list[PublicCity]:
    """Totals of every city with a policy as of a day, in one round of questions for all of them together."""
    regions = cities()
    packs = packs_in_force([region.code for region in regions], on)
    sets = targets.kind_sets(list(packs.values()))
    people = gathering.on_post(COUNTRY, on, sets)
    met = met_ids(people, on)
    trained = gathering.trained(COUNTRY, date(on.year, 1, 1), on)
    rows = _Rows(sets, people, met, trained)
    return [_city(region, packs[region.code], rows) for region in regions if region.code in packs]


def _city(region: Region, pack: Pack, rows: _Rows) -> PublicCity:
    target = next((one for one in pack.targets if one.metric == targets.RATE), None)
    mine = [row for row in rows.on_post if covers(region.code, row.region_code)]
    counted = [row for row in mine if target is None or not target.role or row.post == target.role]
    heads = {row.person_id for row in mine}
    learners = {row.person_id for row in rows.trained if covers(region.code, row.region_code)}
    rate = certified_rate(counted, target, rows.kind_sets)
    return PublicCity(
        code=region.code,
        name=region.label,
        on_post=_shown(len(heads)),
        certified_rate=_share_shown(rate, len({row.person_id for row in counted})),
        met_share=_share_shown(Decimal(len(heads & rows.met)) / len(heads) if heads else None, len(heads)),
        persons_trained=_shown(len(learners)),
        target=target.value if target else None,
        asks_hours=bool(pack.annual_requirements),
    )


def _shown(count: int) -> int | None:
    return count if count >= SMALLEST_SHOWN else None


def _share_shown(share: Decimal | None, heads: int) -> Decimal | None:
    """A share is told only where those in it, and those not in it, are none or enough: else it tells who they are."""
    if share is None or heads < SMALLEST_SHOWN:
        return None
    inside = round(share * heads)
    small = [count for count in (inside, heads - inside) if 0 < count < SMALLEST_SHOWN]
    return None if small else share
