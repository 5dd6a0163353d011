"""Verbs and questions of policy: load packs, and tell which one is in force where and when."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Role
from lms.policy.files import Fault, WrongPack, read_pack
from lms.policy.models import PolicyPack, Region
from lms.policy.pack import Pack, PackDocument, Place
from lms.rules.chain import digest
from lms.rules.class_hours import minutes_to_class_hours
from lms.rules.refusals import NotFound
from lms.rules.regions import ancestors, prefix

PACKS_DIR = Path(__file__).parent / "packs"
DEFAULT_FILES = tuple(sorted(PACKS_DIR.glob("*.yaml")))
# A pack is never edited, so what was read once under its key stays true for the life of the process.
_READ: dict[uuid.UUID, Pack] = {}
# Which pack governs a place on a day, as it was found a moment ago.
_RECENT: dict[tuple[str, date], tuple[Pack, float]] = {}
RECENT_SECONDS, MOST_RECENT = 5.0, 10_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file. ``created`` is false when the very same pack was loaded before."""

    file: str
    region_code: str
    version: str
    created: bool


# Questions -----------------------------------------------------------------------------------------------------------


def pack_in_force(region_code: str, on: date) -> Pack:
    """The pack that governs a place on a day: the latest of the nearest region that has one.

    Refuses ``no_policy`` where no region up to the country had a pack yet.
    """
    pack = packs_in_force([region_code], on).get(region_code)
    if pack is None:
        raise NotFound("no_policy", _("该地区在此日期没有适用的政策。"), region=region_code, on=on.isoformat())
    return pack


def recent_pack(region_code: str, on: date) -> Pack:
    """``pack_in_force`` as it was at most ``RECENT_SECONDS`` ago, for what is asked many times a second.

    Packs are loaded days before they come into force; in the process that loads one it counts at once.
    """
    known = _RECENT.get((region_code, on))
    if known and known[1] > monotonic():
        return known[0]
    pack = pack_in_force(region_code, on)
    if len(_RECENT) >= MOST_RECENT:
        _RECENT.clear()
    _RECENT[region_code, on] = pack, monotonic() + RECENT_SECONDS
    return pack


def packs_in_force(region_codes: Iterable[str], on: date) -> dict[str, Pack]:
    """``pack_in_force`` for many places at once, in at most two queries. Places without a pack are left out."""
    wanted = {code: [code, *reversed(ancestors(code))] for code in set(region_codes)}
    heads = (
        PolicyPack.objects.filter(region_code__in={place for places in wanted.values() for place in places})
        .filter(valid_from__lte=on)
        .order_by("valid_from")
        .values_list("region_code", "id")
    )
    latest = dict(heads)  # a later row of the same region overwrites the earlier one
    nearest = {
        code: next((latest[place] for place in places if place in latest), None) for code, places in wanted.items()
    }
    known = _by_id({row_id for row_id in nearest.values() if row_id})
    return {code: known[row_id] for code, row_id in nearest.items() if row_id}


def packs() -> tuple[Pack, ...]:
    """Every pack ever loaded, by region and then from the oldest."""
    ids = list(PolicyPack.objects.order_by("region_code", "valid_from").values_list("id", flat=True))
    known = _by_id(set(ids))
    return tuple(known[row_id] for row_id in ids)


def pack_by_id(pack_id: uuid.UUID) -> Pack:
    """The pack an old row was written under."""
    return _by_id({pack_id})[pack_id]


def class_hours(minutes: int, pack: Pack) -> Decimal:
    """Minutes as the pack's class-hours, rounded down to its step."""
    return minutes_to_class_hours(
        minutes, minutes_per_class_hour=pack.class_hour.minutes, rounding=pack.class_hour.rounding
    )


def cities() -> list[Region]:
    """The regions that have a policy of their own."""
    return list(Region.objects.filter(code__in=PolicyPack.objects.values("region_code")))


def region_name(code: str) -> str:
    """The name people know a region by, in the language in use; an unknown code is its own name."""
    names = Region.objects.filter(code=code).values_list("name", "name_en").first()
    if names is None:
        return code
    in_english = (get_language() or "").startswith("en")
    return names[1] if in_english and names[1] else names[0]


def regions_within(code: str) -> list[Region]:
    """A region's own subregions, without the region itself."""
    return list(Region.objects.filter(code__startswith=prefix(code)).exclude(code=code))


def _by_id(ids: set[uuid.UUID]) -> dict[uuid.UUID, Pack]:
    missing = ids - _READ.keys()
    if missing:
        for row_id, data in PolicyPack.objects.filter(pk__in=missing).values_list("id", "data"):
            _READ[row_id] = Pack.model_validate({**data, "id": row_id})
    return {row_id: _READ[row_id] for row_id in ids}


# Verbs ---------------------------------------------------------------------------------------------------------------


def load_policy(*, files: Sequence[Path] = DEFAULT_FILES, actor: Actor, now: datetime) -> list[Loaded]:
    """Load packs from YAML files: all of them, or none. The same file again changes nothing.

    Refuses ``wrong_pack`` naming file, line and field; also when a version or a day already loaded comes with other
    content, because a pack once loaded is never edited: a change is a new version that begins later.
    """
    require(actor, Role.ADMINISTRATOR)
    documents: list[tuple[str, PackDocument]] = []
    faults: list[Fault] = []
    for path in files:
        try:
            documents.append((path.name, read_pack(path)))
        except WrongPack as wrong:
            faults.extend(wrong.faults)
    if faults:
        raise WrongPack(faults)
    documents.sort(key=lambda pair: pair[1].valid_from)
    try:
        return _load_all(documents, actor, now)
    except IntegrityError:
        # Another process loaded the same packs in between: look again, now it is there.
        return _load_all(documents, actor, now)
    finally:
        _RECENT.clear()


@transaction.atomic
def _load_all(documents: list[tuple[str, PackDocument]], actor: Actor, now: datetime) -> list[Loaded]:
    return [_load(file, document, actor, now) for file, document in documents]


def _load(file: str, document: PackDocument, actor: Actor, now: datetime) -> Loaded:
    data = document.model_dump(mode="json")
    content_hash = digest(data)
    same_region = PolicyPack.objects.filter(region_code=document.region)
    done = Loaded(file, document.region, document.version, created=False)
    existing = same_region.filter(version=document.version).first()
    if existing is not None:
        if existing.content_hash == content_hash:
            return done
        raise _fault(file, "version", _("已载入的政策包不得修改；请使用新的版本号和更晚的生效日期。"))
    newest = same_region.order_by("-valid_from").first()
    if newest is not None and document.valid_from <= newest.valid_from:
        why = _("生效日期必须晚于已载入的版本 %(version)s（%(day)s）。")
        raise _fault(file, "valid_from", why % {"version": newest.version, "day": newest.valid_from.isoformat()})
    _name_all(file, document.regions)
    row = PolicyPack.objects.create(
        region_code=document.region,
        version=document.version,
        valid_from=document.valid_from,
        title=document.document.title,
        data=data,
        content_hash=content_hash,
        loaded_at=now,
    )
    changes = {"region": row.region_code, "version": row.version, "sha256": content_hash}
    record(verb="policy.loaded", actor=actor, now=now, subject=row, changes=changes)
    return Loaded(file, document.region, document.version, created=True)


def _name_all(file: str, places: Sequence[Place]) -> None:
    """Enter the regions a pack names; one that is known under another name is refused."""
    known = Region.objects.in_bulk([place.code for place in places], field_name="code")
    for place in places:
        region = known.get(place.code)
        if region is not None and (region.name, region.name_en) != (place.name, place.name_en):
            raise _fault(
                file, "regions", _("地区 %(code)s 已登记为“%(name)s”。") % {"code": place.code, "name": region.name}
            )
    Region.objects.bulk_create(
        Region(code=place.code, name=place.name, name_en=place.name_en) for place in places if place.code not in known
    )


def _fault(file: str, field: str, message: object) -> WrongPack:
    return WrongPack([Fault(file, 1, field, str(message))])
