"""What would become of many, weighed together before anything is issued: the dry run, and the sieve of the run itself.

The verdicts are those of issuing one by one: the same evidence and the same codes, asked in a fixed number of queries
for yearly requirements and courses. Issuing has the last word; what this room foresees only spares it those who can't.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from certificates.models import Certificate, CertificateType, Rule
from certificates.services.choosing import Candidate
from certificates.services.grounds import grounds_of
from certificates.services.types import bureau_of
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.documents.fonts import missing_glyphs
from lms.ledger.services import standings_of
from lms.people.models import Person
from lms.policy.pack import Pack
from lms.policy.services import packs_in_force
from lms.registry.services import barred_ids
from lms.rules.refusals import Conflict, Refusal
from lms.rules.standing import Standing

CHUNK = 500
HELD = "held"
# The rules whose evidence is asked for many at once.
WEIGHED_TOGETHER = (Rule.ANNUAL_REQUIREMENT, Rule.COURSE_PASSED)
SOURCE = "zh-hans"
Key = tuple[uuid.UUID, str]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``code`` is empty for whom it would be issued, ``held`` for whom it was, else why not.

    ``params`` is plain data: the sentence in the source language and what it names, for whatever language reads it.
    """

    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    certificate_id: uuid.UUID | None = None


def foresee(*, type: CertificateType, candidates: Sequence[Candidate], now: datetime) -> list[Foreseen]:
    """What would become of each, in their order."""
    told: list[Foreseen] = []
    for start in range(0, len(candidates), CHUNK):
        told += _foresee(type, candidates[start : start + CHUNK], now)
    return told


def why(refusal: Refusal) -> dict[str, Any]:
    """A refusal as plain data."""
    with override(SOURCE):
        return {"message": str(refusal.message), **{name: _plain(value) for name, value in refusal.params.items()}}


def _foresee(type: CertificateType, some: Sequence[Candidate], now: datetime) -> list[Foreseen]:
    known = _known(type, some)
    barred = barred_ids({one.person_id for one in some}, timezone.localdate(now))
    open_ones = [one for one in some if (one.person_id, one.period) not in known]
    lacking = _lacking(type, [one for one in open_ones if one.person_id not in barred], now)
    return [known.get((one.person_id, one.period)) or _of(one, barred, lacking) for one in some]


def _of(one: Candidate, barred: set[uuid.UUID], lacking: Mapping[Key, Refusal]) -> Foreseen:
    """In the order in which issuing refuses: the evidence, the ban, the characters."""
    refusal = lacking.get((one.person_id, one.period))
    if refusal is None and one.person_id in barred:
        refusal = Conflict("barred", _("持证人在从业禁入名单中，不能签发证书。"))
    if refusal is None and (absent := missing_glyphs(one.name)):
        named = "、".join(f"{character} (U+{ord(character):04X})" for character in absent)
        refusal = Conflict("glyph_missing", _("字体中没有这些字，无法印制证书：%(characters)s。"), characters=named)
    return Foreseen(refusal.code, why(refusal)) if refusal else Foreseen()


def _known(type: CertificateType, some: Sequence[Candidate]) -> dict[Key, Foreseen]:
    """What was issued before for the same: held, unless it was revoked since."""
    of_these = Certificate.objects.filter(type=type, person__in={one.person_id for one in some})
    rows = of_these.filter(period__in={one.period for one in some}).with_state().order_by("edition")
    known: dict[Key, Foreseen] = {}
    revoked = Conflict("revoked_already", _("原证书已被撤销，不能重新签发；如需恢复，请在登记簿中办理。"))
    for row in rows.only("person_id", "period", "edition"):
        standing = getattr(row, "state", "") in {"issued", "reinstated"}
        foreseen = Foreseen(HELD, certificate_id=row.pk) if standing else Foreseen(revoked.code, why(revoked))
        known[row.person_id, row.period] = foreseen
    return known


def _lacking(type: CertificateType, some: Sequence[Candidate], now: datetime) -> dict[Key, Refusal]:
    """Those whose evidence is not enough, and why."""
    match type.rule:
        case Rule.ANNUAL_REQUIREMENT:
            return _lacking_hours(type, some, timezone.localdate(now))
        case Rule.COURSE_PASSED:
            return _lacking_pass(some)
        case _:
            return _lacking_grounds(type, some, now)


def _lacking_hours(type: CertificateType, some: Sequence[Candidate], on: date) -> dict[Key, Refusal]:
    found: dict[Key, Refusal] = {}
    for period in {one.period for one in some}:
        year, these = int(period), [one for one in some if one.period == period]
        regions = {one.person_id: one.region_code for one in these}
        day = min(max(on, date(year, 1, 1)), date(year, 12, 31))
        packs = packs_in_force(regions.values(), day)
        verdicts = standings_of(regions, year, on)
        issuers = {code: type.issuer or bureau_of(code) for code in {pack.region_code for pack in packs.values()}}
        for one in these:
            pack = packs.get(one.region_code)
            refusal = _lacking_year(type, pack, verdicts[one.person_id], year)
            if refusal is None and pack is not None and issuers[pack.region_code] is None:
                refusal = Conflict("no_issuer", _("当地主管部门尚未入驻平台，年度证书暂时不能签发。"))
            if refusal is not None:
                found[one.person_id, period] = refusal
    return found


def _lacking_year(type: CertificateType, pack: Pack | None, verdict: Standing, year: int) -> Refusal | None:
    if pack is None or not pack.annual_requirements or pack.region_code != type.region_code:
        return Conflict("no_requirement", _("当地政策没有规定年度学时，因此没有年度证书。"))
    if verdict.met:
        return None
    titles: dict[str, str] = {requirement.category: requirement.title for requirement in pack.annual_requirements}
    left = [[titles[line.category], f"{line.left_class_hours.normalize():f}"] for line in verdict.lines if not line.met]
    return Conflict("requirement_not_met", _("%(year)s 年度学时尚未达标：%(left)s。"), year=year, left=left)


def _lacking_pass(some: Sequence[Candidate]) -> dict[Key, Refusal]:
    keys = [uuid.UUID(one.period) for one in some]
    passed = Enrolment.objects.filter(pk__in=keys, state=EnrolmentStateName.PASSED, completion__isnull=False)
    good = {str(key) for key in passed.values_list("pk", flat=True)}
    return {
        (one.person_id, one.period): Conflict("course_not_passed", _("课程尚未通过，不能签发结业证书。"))
        for one in some
        if one.period not in good
    }


def _lacking_grounds(type: CertificateType, some: Iterable[Candidate], now: datetime) -> dict[Key, Refusal]:
    """One by one, as issuing itself would weigh them."""
    some = list(some)
    people = Person.objects.in_bulk({one.person_id for one in some})
    found: dict[Key, Refusal] = {}
    for one in some:
        try:
            grounds_of(person=people[one.person_id], type=type, period=one.period, now=now)
        except Refusal as refusal:
            found[one.person_id, one.period] = refusal
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | list) else str(value)
