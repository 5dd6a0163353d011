"""What certificates say, as texts with named fields: the fields there are, their values, and the texts of each rule that
stand where nobody wrote others.

Values come from the facts frozen at issue and from nowhere else. Both languages stand here whatever language the page that
asked for the sheet is read in.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Rule
from lms.people.models import Post
from lms.people.models.persons import DocumentTypeChoices

DOCUMENTS_EN = {
    DocumentTypeChoices.RESIDENT_ID: ("居民身份证", "Resident ID"),
    DocumentTypeChoices.PASSPORT: ("护照", "Passport"),
    DocumentTypeChoices.HK_MACAU_PERMIT: ("港澳居民来往内地通行证", "HK/Macau permit"),
    DocumentTypeChoices.TAIWAN_PERMIT: ("台湾居民来往大陆通行证", "Taiwan permit"),
    DocumentTypeChoices.HK_MACAU_TAIWAN_RESIDENCE: ("港澳台居民居住证", "Residence permit"),
    DocumentTypeChoices.FOREIGN_PERMANENT_RESIDENCE: ("外国人永久居留身份证", "Permanent residence ID"),
}
POSTS: Mapping[str, tuple[str, str]] = {
    Post.INSTITUTION_HEAD: ("机构负责人", "head of institution"),
    Post.CAREGIVER: ("保育人员", "caregiver"),
    Post.HEALTH_STAFF: ("卫生保健人员", "health worker"),
    Post.COOK: ("炊事人员", "cook"),
    Post.GUARD: ("保安人员", "security guard"),
}
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
# Field → what it stands for, as whoever writes a template reads it. The order is the one they are offered in.
FIELDS: dict[str, Any] = {
    "holder": _("持证人姓名"),
    "document": _("证件种类和掩码号码"),
    "title": _("证书名称"),
    "course": _("课程名称"),
    "programme": _("培训计划名称"),
    "post": _("岗位"),
    "courses": _("所含课程"),
    "region": _("地区"),
    "year": _("年度"),
    "hours": _("学时合计"),
    "passed_on": _("通过日期"),
    "issued_on": _("发证日期"),
    "valid_until": _("有效期至"),
    "issuer": _("发证单位"),
    "serial": _("证书编号"),
}
_EVERYWHERE = frozenset(
    {"holder", "document", "title", "year", "hours", "issued_on", "valid_until", "issuer", "serial"}
)
_OF_RULE: dict[str, frozenset[str]] = {
    Rule.COURSE_PASSED: frozenset({"course", "passed_on"}),
    Rule.ANNUAL_REQUIREMENT: frozenset({"region"}),
    Rule.PROGRAMME: frozenset({"programme", "courses", "passed_on"}),
    Rule.POST: frozenset({"post", "courses", "passed_on"}),
    Rule.TRAINERS: frozenset({"courses", "passed_on"}),
}
# Rule → the words below the name, in Chinese and in English.
BODIES: dict[str, tuple[str, str]] = {
    Rule.COURSE_PASSED: (
        "于 {passed_on} 学完《{course}》全部课程，\n考核合格，准予结业，特发此证。",
        "has completed the course “{course}” and passed its assessment on {passed_on}.",
    ),
    Rule.ANNUAL_REQUIREMENT: (
        "于 {year} 年度完成规定的培训学时，达到{region}托育从业人员年度培训要求，特发此证。",
        "has completed in {year} the class-hours {region} requires each year of those who care for children under three.",
    ),
    Rule.PROGRAMME: (
        "于 {year} 年度完成培训计划《{programme}》的全部课程，\n计 {hours} 学时，考核合格，准予结业，特发此证。",
        "has completed in {year} every course of the programme “{programme}”, {hours} class-hours in all.",
    ),
    Rule.POST: (
        "已通过{post}岗位规定的全部培训课程，计 {hours} 学时，\n考核合格，达到岗位培训要求，特发此证。",
        "has passed every course required for the post of {post}, {hours} class-hours in all.",
    ),
    Rule.TRAINERS: (
        "已通过师资培训规定的全部课程，计 {hours} 学时，\n考核合格，可承担托育从业人员培训的教学工作，特发此证。",
        "has passed every course required of those who train childcare practitioners, {hours} class-hours in all.",
    ),
}


def fields_of(rule: str) -> dict[str, Any]:
    """The fields a text of this rule may name, with what each stands for."""
    known = _EVERYWHERE | _OF_RULE[rule]
    return {name: label for name, label in FIELDS.items() if name in known}


def values_of(certificate: Certificate) -> tuple[dict[str, str], dict[str, str]]:
    """The value of every field there is, in Chinese and in English; empty where the certificate has none."""
    facts = certificate.facts
    issued_on, passed_on = timezone.localdate(certificate.issued_at), facts.get("passed_on")
    document, post = document_of(facts.get("document") or {}), POSTS.get(facts.get("post", ""), ("", ""))
    titles = [each["title"] for each in facts.get("courses", ())]
    common = {
        "holder": certificate.holder_name,
        "programme": facts.get("programme", ""),
        "year": str(facts.get("year", "")),
        "hours": total_hours(facts),
        "serial": certificate.serial,
    }
    chinese = {
        "document": f"{document['name']} {document['masked']}" if document else "",
        "title": title_of(certificate),
        "course": facts.get("course", ""),
        "post": post[0],
        "courses": "、".join(f"《{title}》" for title in titles),
        "region": (facts.get("region") or {}).get("name", ""),
        "passed_on": chinese_day(date.fromisoformat(passed_on)) if passed_on else "",
        "issued_on": chinese_day(issued_on),
        "valid_until": chinese_day(certificate.valid_until) if certificate.valid_until else "长期",
        "issuer": certificate.issuer_name,
    }
    english = {
        "document": f"{document['name_en']} {document['masked']}" if document else "",
        "title": facts.get("title_en", ""),
        "course": facts.get("course_en") or facts.get("course", ""),
        "post": post[1],
        "courses": ", ".join(f"“{title}”" for title in titles),
        "region": (facts.get("region") or {}).get("name_en", ""),
        "passed_on": english_day(date.fromisoformat(passed_on)) if passed_on else "",
        "issued_on": english_day(issued_on),
        "valid_until": english_day(certificate.valid_until) if certificate.valid_until else "no end date",
        "issuer": facts.get("issuer_en") or certificate.issuer_name,
    }
    return common | chinese, common | english


def title_of(certificate: Certificate) -> str:
    """The large title of the sheet: the type's as it was called when the certificate was issued."""
    return str(certificate.facts.get("type_title") or certificate.type.title)


def total_hours(facts: Mapping[str, Any]) -> str:
    """Class-hours of all categories, without trailing zeros."""
    total = sum((Decimal(line["earned"]) for line in facts.get("lines", ())), start=Decimal(0))
    return f"{total.normalize():f}"


def document_of(document: Mapping[str, str]) -> dict[str, str] | None:
    """Kind of document in both languages and its masked number; None where the holder has none."""
    if not document.get("masked"):
        return None
    name, name_en = DOCUMENTS_EN.get(DocumentTypeChoices(document["type"]), ("", ""))
    return {"name": name, "name_en": name_en, "masked": document["masked"]}


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def english_day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
