"""What kinds of certificate there are: one for a course, and one a city for its yearly requirement.

They follow from the policy packs; nobody types them in. Made when first needed, once however many need them at once.
"""

from datetime import datetime

from django.utils.translation import gettext_noop

from certificates.models import CertificateType, Rule
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Organisation, OrganisationKind
from lms.policy.pack import Pack
from lms.policy.services import packs

COURSE_KEY = "course"
COURSE_PREFIX, ANNUAL_PREFIX = "CRS", "ANN"
# Kept as facts of the certificate, in Chinese and in English.
COURSE_TITLE = (gettext_noop("课程结业证书"), "Certificate of Course Completion")
ANNUAL_TITLE = (gettext_noop("托育从业人员年度培训合格证书"), "Annual Training Certificate for Childcare Practitioners")


def ensure_types(*, actor: Actor, now: datetime) -> list[CertificateType]:
    """Every type the loaded packs call for: the course's, and one for each city that asks for yearly class-hours."""
    cities = {pack.region_code: pack for pack in packs() if pack.annual_requirements}
    return [
        course_type(actor=actor, now=now),
        *(annual_type(pack=pack, actor=actor, now=now) for pack in cities.values()),
    ]


def course_type(*, actor: Actor, now: datetime) -> CertificateType:
    """The certificate a college gives for a passed course."""
    facts = {"rule": Rule.COURSE_PASSED, "serial_prefix": COURSE_PREFIX}
    return _type(key=COURSE_KEY, facts={**facts, **_titles(COURSE_TITLE)}, actor=actor, now=now)


def annual_type(*, pack: Pack, actor: Actor, now: datetime) -> CertificateType:
    """The certificate of a city's yearly requirement; its validity is the pack's, as it is when one is issued."""
    facts = {
        "rule": Rule.ANNUAL_REQUIREMENT,
        "serial_prefix": ANNUAL_PREFIX,
        "region_code": pack.region_code,
        **_titles(ANNUAL_TITLE),
    }
    return _type(key=f"annual-{pack.region_code}", facts=facts, actor=actor, now=now)


def bureau_of(region_code: str) -> Organisation | None:
    """Whose name stands on a city's certificates: its health bureau, else its human-resources bureau."""
    bureaus = Organisation.objects.admitted().filter(region_code=region_code)
    for kind in (OrganisationKind.HEALTH_BUREAU, OrganisationKind.HR_BUREAU):
        if found := bureaus.filter(kind=kind).order_by("created_at", "pk").first():
            return found
    return None


def _titles(title: tuple[str, str]) -> dict[str, str]:
    return {"title": title[0], "title_en": title[1]}


def _type(*, key: str, facts: dict[str, str], actor: Actor, now: datetime) -> CertificateType:
    found, created = CertificateType.objects.get_or_create(key=key, defaults=facts)
    if created:
        record(verb="certificate_type.added", actor=actor, now=now, subject=found, changes={"key": key})
    return found
