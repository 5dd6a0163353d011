"""Certificates that nobody holds, to look at a design before anybody does: names that try a sheet, facts of each rule.

They are never saved, never signed, and say so across the sheet.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from certificates.drawing import width, words_of
from certificates.models import Certificate, CertificateType, Rule, TemplatePicture
from certificates.services.designs import Design
from certificates.services.issuing import last_valid_day
from certificates.sheet import designed
from certificates.wording import title_of, values_of
from lms.people.models import Organisation
from lms.policy.models import Region
from lms.rules.named_fields import fill
from lms.rules.refusals import Invalid

# Twelve characters; one of Unicode's extension B; a name of two parts with a middle dot.
NAMES = (
    ("阿卜杜热合曼江·麦麦提明", _("十二个字的姓名")),
    ("陈𤩽", _("生僻字，扩展 B 区")),
    ("买买提·吐尔逊", _("带间隔号的姓名")),
)
SERIAL_NUMBER = "0000000-0"
# The address behind the code of a specimen: no certificate has it, and the page says so.
TOKEN = "specimen".ljust(43, "0")
_COURSE = ("婴幼儿安全睡眠照护与回应性喂养", "Safe Sleep and Responsive Feeding")
_COURSES = ("婴幼儿安全睡眠照护", "托育机构儿童保护与强制报告")


def sample(type: CertificateType, issuer: Organisation, number: int, now: datetime) -> Certificate:
    """A certificate of the type in the issuer's name, held by the sample name of this number."""
    holder, _why = NAMES[number]
    day = now.date()
    facts = _facts(type, issuer, day)
    certificate = Certificate(
        type=type,
        holder_name=holder,
        title=facts["type_title"],
        issuer=issuer,
        issuer_name=issuer.name,
        region_code=issuer.region_code,
        serial=f"{type.serial_prefix}-{day.year}-{issuer.region_code}-{SERIAL_NUMBER}",
        token=TOKEN,
        facts=facts,
        issued_at=now,
        valid_until=last_valid_day(day, type.validity_months or (12 if not type.is_staffs else None)),
    )
    certificate.title = title_of(certificate)
    return certificate


def specimen(
    *,
    type: CertificateType,
    issuer: Organisation,
    design: Design,
    number: int,
    now: datetime,
    address: Callable[[TemplatePicture], str] | None = None,
) -> dict[str, Any]:
    """The context of the sheet for one sample in a design."""
    return designed(sample(type, issuer, number, now), design, specimen=True, address=address)


def refuse_overfull(type: CertificateType, issuer: Organisation, design: Design, now: datetime) -> None:
    """Refuses words that stand on the sheet at no readable size, told with the longest sample."""
    chinese, english = values_of(sample(type, issuer, 0, now))
    texts = {name: fill(text, english if name.endswith("_en") else chinese) for name, text in design.texts.items()}
    if not words_of(texts, design).fits:
        count = width(texts.get("body", "")) + width(texts.get("body_en", ""))
        raise Invalid(
            "words_overfull",
            _("正文太长，纸面放不下（填入字段后约 %(count)d 个字宽）。请缩短，或去掉学时表，或改为竖版。"),
            field="body" if texts.get("body") else "body_en",
            count=count,
        )


def _facts(type: CertificateType, issuer: Organisation, day: date) -> dict[str, Any]:
    lines = [
        {"category": "skills", "earned": "72", "required": "72"},
        {"category": "ethics", "earned": "40", "required": "40"},
    ]
    facts: dict[str, Any] = {
        "type_title": type.title,
        "title_en": type.title_en,
        "issuer_en": issuer.name_en,
        "document": {"type": "resident_id", "masked": "310***********002X"},
        "passed_on": day.isoformat(),
        "year": day.year,
        "lines": lines,
    }
    match type.rule:
        case Rule.ANNUAL_REQUIREMENT:
            name, name_en = Region.objects.filter(code=type.region_code).values_list("name", "name_en").first() or (
                "",
                "",
            )
            return facts | {"region": {"code": type.region_code, "name": name, "name_en": name_en}}
        case Rule.COURSE_PASSED:
            return facts | {
                "course": _COURSE[0],
                "course_en": _COURSE[1],
                "lines": [{"category": "skills", "earned": "4"}],
            }
        case Rule.PROGRAMME:
            facts["programme"] = f"{day.year} 年度在岗培训计划"
        case Rule.POST:
            facts["post"] = type.requirements.get("post", "caregiver")
    return facts | {"courses": [{"title": title} for title in _COURSES]}
