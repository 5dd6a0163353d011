"""What a certificate rests on, looked up and weighed when it is issued, and frozen in its facts.

The evidence decides, never the one who asks: a passed course with its completion, a year whose class-hours are met, a
programme completed in its year, or what a type names by course and topic.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateType, Rule
from certificates.services.earned import of_programme, of_requirements
from certificates.services.evidence import Grounds, common_facts, document_facts, documents_facts, plain
from certificates.services.types import bureau_of
from courses.learning.models import Enrolment, EnrolmentStateName
from lms.ledger.services import standings_of
from lms.people.models import Person
from lms.policy.models import Region
from lms.policy.services import packs_in_force
from lms.rules.refusals import Conflict, Invalid, NotFound, Refusal
from lms.rules.standing import Line

__all__ = ["Grounds", "document_facts", "grounds_of", "grounds_of_year"]


def grounds_of(*, person: Person, type: CertificateType, period: str, now: datetime) -> Grounds:
    """Weigh the evidence. Refuses what is not passed or not met, saying what is left."""
    on = timezone.localdate(now)
    if type.retired_at:
        raise Conflict("type_retired", _("这种证书已停止签发。"))
    match type.rule:
        case Rule.ANNUAL_REQUIREMENT:
            return _of_year(person, type, period, on)
        case Rule.PROGRAMME:
            return of_programme(person, type, period)
        case Rule.POST | Rule.TRAINERS:
            return of_requirements(person, type, period, now)
        case _:
            return _of_course(person, type, period, on)


def grounds_of_year(
    *, persons: Sequence[Person], type: CertificateType, period: str, now: datetime
) -> dict[uuid.UUID, Grounds | Refusal]:
    """The grounds of many for one year, or why there are none for somebody; in a fixed number of queries."""
    on = timezone.localdate(now)
    if type.retired_at:
        raise Conflict("type_retired", _("这种证书已停止签发。"))
    year = _year(period)
    asked = _Year(type, year, persons, on)
    return {person.pk: _weighed(asked, person) for person in persons}


class _Year:
    """What the certificates of one type and year rest on, looked up for many persons at once."""

    def __init__(self, type: CertificateType, year: int, persons: Sequence[Person], on: date) -> None:
        self.type, self.year = type, year
        regions = {person.pk: person.region_code for person in persons}
        self.packs = packs_in_force(regions.values(), min(max(on, date(year, 1, 1)), date(year, 12, 31)))
        self.verdicts = standings_of(regions, year, on)
        self.documents = documents_facts(list(regions))
        self.issuer = type.issuer or bureau_of(type.region_code)
        place = Region.objects.filter(code=type.region_code).values_list("name", "name_en").first() or ("", "")
        self.place = {"code": type.region_code, "name": place[0], "name_en": place[1]}

    def of(self, person: Person) -> Grounds:
        pack = self.packs.get(person.region_code)
        if pack is None or not pack.annual_requirements or pack.region_code != self.type.region_code:
            raise Conflict("no_requirement", _("当地政策没有规定年度学时，因此没有年度证书。"))
        verdict = self.verdicts[person.pk]
        titles: dict[str, str] = {requirement.category: requirement.title for requirement in pack.annual_requirements}
        if not verdict.met:
            raise Conflict(
                "requirement_not_met",
                _("%(year)s 年度学时尚未达标：%(left)s。"),
                year=self.year,
                left=_left(verdict.lines, titles),
            )
        if self.issuer is None:
            raise Conflict("no_issuer", _("当地主管部门尚未入驻平台，年度证书暂时不能签发。"))
        return Grounds(
            title=f"{self.year}年度{self.type.title}",
            issuer=self.issuer,
            region_code=pack.region_code,
            validity_months=self.type.validity_months or pack.certificates.annual_validity_months,
            facts={
                "year": self.year,
                "region": self.place,
                "lines": [_line(line, titles[line.category]) for line in verdict.lines],
                **common_facts(person, self.type, self.issuer, pack, self.documents[person.pk]),
            },
        )


def _weighed(asked: _Year, person: Person) -> Grounds | Refusal:
    try:
        return asked.of(person)
    except Refusal as refusal:
        return refusal


def _year(period: str) -> int:
    if not (period.isascii() and period.isdigit() and len(period) == 4):
        raise Invalid("year_unknown", _("请给出四位数的年度。"), field="year")
    return int(period)


def _of_year(person: Person, type: CertificateType, period: str, on: date) -> Grounds:
    return _Year(type, _year(period), [person], on).of(person)


def _of_course(person: Person, type: CertificateType, period: str, on: date) -> Grounds:
    try:
        enrolment_id = uuid.UUID(period)
    except ValueError:
        raise NotFound("enrolment_unknown", _("没有找到这次学习。")) from None
    enrolment = (
        Enrolment.objects.select_related("release__course__college", "completion")
        .filter(pk=enrolment_id, person=person)
        .first()
    )
    if enrolment is None:
        raise NotFound("enrolment_unknown", _("没有找到这次学习。"))
    if enrolment.state != EnrolmentStateName.PASSED or not hasattr(enrolment, "completion"):
        raise Conflict("course_not_passed", _("课程尚未通过，不能签发结业证书。"))
    release = enrolment.release
    issuer = type.issuer or release.course.college
    pack = packs_in_force([person.region_code], on).get(person.region_code)
    return Grounds(
        title=f"《{release.title}》{type.title}",
        issuer=issuer,
        region_code=issuer.region_code,
        validity_months=type.validity_months or (pack.certificates.course_validity_months if pack else None),
        enrolment_id=enrolment.pk,
        facts={
            "course": release.title,
            "course_en": release.title_en,
            "release": str(release.pk),
            "passed_on": timezone.localdate(enrolment.completion.at).isoformat(),
            "year": enrolment.year,
            "lines": [{"category": release.category, "earned": plain(release.class_hours)}],
            **common_facts(person, type, issuer, pack),
        },
    )


def _line(line: Line, title: str) -> dict[str, str]:
    return {
        "category": line.category,
        "title": title,
        "earned": plain(line.earned_class_hours),
        "required": plain(line.required_class_hours),
    }


def _left(lines: Sequence[Line], titles: dict[str, str]) -> str:
    """What is left of each category, in class-hours."""
    short = [line for line in lines if not line.met]
    sentence = str(_("%(title)s还差 %(left)s 学时"))
    return gettext("；").join(
        sentence % {"title": gettext(titles[line.category]), "left": plain(line.left_class_hours)} for line in short
    )
