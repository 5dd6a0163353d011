"""People and bodies for tests, in the words of the field. Everything goes through the verbs, so every law applies.

Officers have a second factor from the start, as the product demands of them; ``officer(…, second_factor=False)`` has not.
"""

import itertools
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from lms.audit.actors import Actor
from lms.people import services
from lms.people.access import STAFF_ROLES, actor_of
from lms.people.models import Employment, Membership, Organisation, OrganisationKind, Person, Post, Role, User
from lms.people.services.memberships import KINDS_OF_ROLE
from lms.rules.credit_code import check_character
from lms.rules.identity import check_digit

SHANGHAI = "310000"
PUDONG = "310115"
HUANGPU = "310101"
BEIJING = "110000"
# Everything the factories make has been there since then.
LONG_AGO = datetime(2024, 1, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "a quiet nap room 42"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_GIVEN = "秋月 晓彤 志远 静怡 文博 思敏 海燕 佳宁 雨桐 国强"
_SURNAMES = "赵 钱 孙 李 周 吴 郑 王 冯 陈"
_numbers = itertools.count(1)


def system() -> Actor:
    """The named job that sets a test up."""
    return Actor.system("tests")


def resident_number(*, region: str = HUANGPU, born: date | None = None) -> str:
    """A fresh valid resident number (GB 11643)."""
    n = next(_numbers)
    day = born or date(1980 + n // 990 % 20, 1 + n // 990 // 20 % 12, 1 + n // 990 // 240 % 28)
    first17 = f"{region}{day:%Y%m%d}{n % 990 + 1:03d}"
    return first17 + check_digit(first17)


def credit_code(*, region: str = HUANGPU) -> str:
    """A fresh valid unified social credit code (GB 32100)."""
    first17 = f"52{region}{next(_numbers):09d}"
    return first17 + check_character(first17)


def full_name() -> str:
    n = next(_numbers)
    surnames, given = _SURNAMES.split(), _GIVEN.split()
    return surnames[n % len(surnames)] + given[n // len(surnames) % len(given)]


def person(
    *,
    name: str = "",
    document_type: str = "resident_id",
    document_number: str = "",
    region: str = PUDONG,
    now: datetime = LONG_AGO,
    **more: Any,
) -> Person:
    """A human being without an account."""
    return services.register_person(
        name=name or full_name(),
        document_type=document_type,
        document_number=document_number or resident_number(),
        region_code=region,
        actor=system(),
        now=now,
        **more,
    )


_someone = person


def practitioner(
    *,
    name: str = "",
    document_type: str = "resident_id",
    document_number: str = "",
    region: str = PUDONG,
    username: str = "",
    phone: str = "",
    now: datetime = LONG_AGO,
) -> User:
    """Someone who registered themselves; ``.person`` is the human being."""
    n = next(_numbers)
    return services.register_practitioner(
        name=name or full_name(),
        document_type=document_type,
        document_number=document_number or resident_number(),
        region_code=region,
        username=username or f"practitioner{n}",
        phone=phone or f"139{n:08d}",
        password=PASSWORD,
        now=now,
    )


def applicant(
    *, kind: str = OrganisationKind.INSTITUTION, name: str = "", region: str = PUDONG, now: datetime = LONG_AGO
) -> Organisation:
    """An organisation that has applied and waits."""
    n = next(_numbers)
    words = {OrganisationKind.INSTITUTION: "托育中心", OrganisationKind.COLLEGE: "职业学院"}
    return services.apply_organisation(
        kind=kind,
        name=name or f"第{n}{words.get(OrganisationKind(kind), '实训基地')}",
        credit_code=credit_code(),
        region_code=region,
        contact_name=full_name(),
        contact_phone=f"137{n:08d}",
        username=f"applicant{n}",
        password=PASSWORD,
        now=now,
    )


def institution(*, name: str = "", region: str = PUDONG) -> Organisation:
    """An admitted institution (employer)."""
    waiting = applicant(kind=OrganisationKind.INSTITUTION, name=name, region=region)
    return services.decide_admission(organisation=waiting, admit=True, reason="", actor=system(), now=LONG_AGO)


def college(*, name: str = "", region: str = SHANGHAI) -> Organisation:
    """An admitted training college."""
    waiting = applicant(kind=OrganisationKind.COLLEGE, name=name, region=region)
    return services.decide_admission(organisation=waiting, admit=True, reason="", actor=system(), now=LONG_AGO)


def bureau(*, kind: str = OrganisationKind.HEALTH_BUREAU, region: str = SHANGHAI) -> Organisation:
    """The bureau of this kind in the region; there is one."""
    known = Organisation.objects.filter(kind=kind, region_code=region).first()
    name = f"{region} {OrganisationKind(kind).label}"
    return known or services.found_bureau(kind=kind, name=name, region_code=region, actor=system(), now=LONG_AGO)


def member(organisation: Organisation, role: str, *, username: str = "", second_factor: bool = True) -> User:
    """A user with a role in the organisation."""
    membership = services.add_member(
        organisation=organisation,
        role=role,
        username=username or f"member{next(_numbers)}",
        name=full_name(),
        phone="",
        password=PASSWORD,
        actor=system(),
        now=LONG_AGO,
    )
    if second_factor and role in STAFF_ROLES:
        with_second_factor(membership.user)
    return membership.user


def officer(role: str = Role.REGISTRAR, region: str = SHANGHAI, *, second_factor: bool = True) -> User:
    """Somebody of a bureau: bureau_auditor, bureau_approver, registrar, confirming_registrar, administrator."""
    return member(bureau(kind=KINDS_OF_ROLE[role][0], region=region), role, second_factor=second_factor)


def manager_of(organisation: Organisation) -> User:
    """The account that applied for the organisation: its manager (institution) or publisher (college)."""
    membership = organisation.memberships.order_by("from_at", "pk").select_related("user").first()
    assert membership is not None
    return membership.user


def employed(
    *,
    institution: Organisation,
    person: Person | None = None,
    post: str = Post.CAREGIVER,
    from_date: date = date(2024, 2, 1),
    manager: Person | None = None,
) -> Employment:
    """An open employment; a person is made when none is given."""
    return services.record_employment(
        person=person or _someone(),
        institution=institution,
        post=post,
        from_date=from_date,
        manager=manager,
        check_id=None,
        actor=system(),
        now=LONG_AGO,
    )


def acting(user: User, role: str = "") -> Actor:
    """The actor behind this user, in the given role or in their first one."""
    rows = Membership.objects.filter(user=user, to_at=None).select_related("organisation")
    return actor_of(user, (rows.filter(role=role) if role else rows).order_by("from_at", "pk").first())


def with_second_factor(user: User) -> User:
    """Give the user a TOTP with a known secret."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, TOTP_SECRET)
    return user
