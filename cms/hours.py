"""The arithmetic an author sees while writing: what the course claims, what its content lasts, whether that holds."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cms.drafts import Files, release_draft
from courses.catalogue.drafts import ReleaseDraft
from courses.catalogue.services import content_minutes
from lms.people.models import Organisation
from lms.policy.services import pack_in_force
from lms.rules.class_hours import content_holds
from lms.rules.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``level``: ok, stop (claims too much), or none (nothing claimed yet, or no policy to count by)."""

    level: str
    claimed: Decimal | None = None
    claimed_minutes: int = 0
    content_minutes: int = 0
    most: Decimal | None = None
    minutes_per_class_hour: int = 0


def arithmetic(page: Any, *, college: Organisation | None, on: date | None = None) -> Arithmetic:
    """Weigh the page as it stands, saved or not."""
    if college is None:
        return Arithmetic("none")
    return weigh(release_draft(page, files=Files(), college=college), on=on)


def weigh(draft: ReleaseDraft, *, on: date | None = None) -> Arithmetic:
    """The same of a draft that is at hand already."""
    minutes = content_minutes(draft.lessons)
    try:
        pack = pack_in_force(draft.college.region_code, on or timezone.localdate())
    except NotFound:
        return Arithmetic("none", content_minutes=minutes)
    claimed = draft.class_hours
    verdict = content_holds(claimed, minutes, pack.class_hour.minutes, pack.class_hour.rounding)
    return Arithmetic(
        level="none" if not claimed else "ok" if verdict.ok else "stop",
        claimed=claimed or None,
        claimed_minutes=verdict.claimed_minutes,
        content_minutes=minutes,
        most=verdict.most_class_hours,
        minutes_per_class_hour=pack.class_hour.minutes,
    )
