"""Where the minutes of an entry come from, told by the rooms above.

The ledger knows no course and no classroom. Whoever credits hours registers, for its kind of evidence, a function that
derives the minutes anew from what is on record; ``reconcile_hours`` compares. An entry whose kind nobody can derive is
drift. Where there are very many, the room registers a second form that takes many entries in a fixed number of queries.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor

if TYPE_CHECKING:
    from lms.ledger.models import HourEntry


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an entry traces to. One piece of evidence (``kind`` and ``id``) earns hours once.

    ``digest`` is 64 hexadecimal characters over the facts the minutes were worked out from.
    """

    kind: str
    id: uuid.UUID
    digest: str


@dataclass(frozen=True, slots=True)
class Derived:
    """What the evidence is worth today."""

    minutes: int
    digest: str


@dataclass(frozen=True, slots=True)
class More:
    """Where more can be read about what an entry rests on."""

    label: str
    url: str


Derive = Callable[["HourEntry"], Derived | None]
Show = Callable[["HourEntry", Actor], More | None]
DeriveMany = Callable[[Sequence["HourEntry"]], Mapping[uuid.UUID, Derived]]
LEARNING = _("学习记录")
_derivers: dict[str, Derive] = {}
_derivers_of_many: dict[str, DeriveMany] = {}
_labels: dict[str, Any] = {}
_pages: dict[str, Show] = {}


def register(kind: str, derive: Derive, label: Any = LEARNING, *, derive_many: DeriveMany | None = None) -> None:
    """Tell how entries of ``kind`` are derived; called in ``AppConfig.ready``. None means the evidence is gone.

    ``label`` is what people call this kind of evidence, a lazy translation. ``derive_many`` gives what single deriving
    gives, for many at once and by their keys; an entry whose evidence is gone is left out.
    """
    known = _derivers.setdefault(kind, derive)
    if known is not derive:
        raise ValueError(f"evidence {kind!r} is derived by {known!r} already")
    _labels[kind] = label
    if derive_many is not None:
        _derivers_of_many[kind] = derive_many


def deriver(kind: str) -> Derive | None:
    return _derivers.get(kind)


def derive_all(entries: Iterable["HourEntry"]) -> dict[uuid.UUID, Derived]:
    """What the evidence of these entries is worth today, by their keys; evidence gone or unknown is left out."""
    by_kind: dict[str, list[HourEntry]] = {}
    for entry in entries:
        by_kind.setdefault(entry.evidence_kind, []).append(entry)
    found: dict[uuid.UUID, Derived] = {}
    for kind, of_kind in by_kind.items():
        derive_many, derive = _derivers_of_many.get(kind), _derivers.get(kind)
        if derive_many is not None:
            found.update(derive_many(of_kind))
        elif derive is not None:
            found.update({entry.pk: worth for entry in of_kind if (worth := derive(entry)) is not None})
    return found


def label(kind: str) -> str:
    """What people call this kind of evidence; an unknown kind is its own name."""
    return str(_labels.get(kind, kind))


def show(kind: str, page: Show) -> None:
    """Tell where whoever asks may read more about entries of ``kind``; called in ``AppConfig.ready``."""
    _pages[kind] = page


def more(entry: "HourEntry", actor: Actor) -> More | None:
    """Where this actor may read more about the entry, if anywhere."""
    page = _pages.get(entry.evidence_kind)
    return page(entry, actor) if page else None
