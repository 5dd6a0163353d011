"""Types made and changed by an issuer's staff: a college's publisher in its own name, a bureau's approver in the name of a
bureau of the region.

What a change alters is what will be issued from then on. What was issued carries its own facts and stays as it is.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from certificates.models import STAFF_RULES, CertificateType, Rule
from certificates.querysets import BUREAUS
from certificates.services.earned import programmes_of
from certificates.services.evidence import plain
from certificates.services.printable import refuse_unprintable
from certificates.services.types import ANNUAL_PREFIX, COURSE_PREFIX
from courses.catalogue.models import Course, Topic
from lms.audit.actors import Actor
from lms.audit.keys import new_id
from lms.audit.services import record
from lms.people.access import require
from lms.people.models import Organisation, Post, Role
from lms.people.querysets import in_region
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from lms.rules.regions import covers

MANAGING_ROLES = (Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)
_PREFIX = re.compile(r"[A-Z]{2,4}")
LONGEST_MONTHS = 120
MOST_HOURS = Decimal(500)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a type of a rule asks for; what the rule has no use for stays empty.

    ``topics``: class-hours by topic; ``within_months``: how old a pass may be, None = any age.
    """

    programmes: tuple[uuid.UUID, ...] = ()
    post: str = ""
    courses: tuple[uuid.UUID, ...] = ()
    topics: dict[str, Decimal] = field(default_factory=dict)
    within_months: int | None = None


def issuers_for(actor: Actor) -> list[Organisation]:
    """In whose name the actor may certify, their own body first."""
    if actor.role == Role.COLLEGE_PUBLISHER and actor.organisation_id:
        return list(Organisation.objects.admitted().filter(pk=actor.organisation_id))
    if actor.role == Role.BUREAU_APPROVER:
        rows = Organisation.objects.admitted().filter(in_region("region_code", actor.region_code), kind__in=BUREAUS)
        return sorted(rows.order_by("region_code", "kind", "pk"), key=lambda row: row.pk != actor.organisation_id)
    return []


def create_type(
    *,
    rule: str,
    issuer: Organisation,
    title: str,
    title_en: str,
    serial_prefix: str,
    validity_months: int | None,
    wanted: Wanted,
    automatic: bool,
    actor: Actor,
    now: datetime,
) -> CertificateType:
    """Make a type. Refuses ``type_exists`` (the issuer has one of this title), what it can't be, and other bodies' staff."""
    require_manager(actor, issuer)
    if rule not in STAFF_RULES:
        raise Invalid("rule_of_policy", _("这一类证书由当地政策决定，不能自行设立。"), field="rule")
    key = new_id()
    kind = CertificateType(id=key, key=f"{rule}-{key.hex}"[:50], rule=rule, issuer=issuer, automatic=automatic)
    kind.region_code = issuer.region_code if issuer.kind in BUREAUS else ""
    _name(kind, title, title_en)
    _number(kind, serial_prefix, validity_months)
    kind.requirements = _checked(kind, wanted)
    with transaction.atomic():
        _save(kind)
        record(verb="certificate_type.added", actor=actor, now=now, subject=kind, changes=_said(kind))
    return kind


def change_type(
    *,
    type: CertificateType,
    title: str,
    title_en: str,
    serial_prefix: str,
    validity_months: int | None,
    wanted: Wanted,
    automatic: bool,
    retired: bool,
    actor: Actor,
    now: datetime,
) -> CertificateType:
    """Change what will be issued from now on; nothing issued changes. ``retired`` stops issuing, and lets it begin again."""
    issuer = _own(type, actor)
    _name(type, title, title_en)
    _number(type, serial_prefix, validity_months)
    type.requirements, type.automatic = _checked(type, wanted), automatic
    if retired != (type.retired_at is not None):
        type.retired_at = now if retired else None
    with transaction.atomic():
        before = _said(CertificateType.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=type.pk))
        _save(type)
        after = _said(type)
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changed:
            changes = {"issuer": issuer.name, **changed}
            record(verb="certificate_type.changed", actor=actor, now=now, subject=type, changes=changes)
    return type


def require_manager(actor: Actor, issuer: Organisation) -> None:
    """A college's publisher for the college, a bureau's approver for a bureau of the region; nobody else's is theirs."""
    require(actor, *MANAGING_ROLES)
    if actor.is_system or actor.organisation_id == issuer.pk:
        return
    in_region_of = actor.role == Role.BUREAU_APPROVER and issuer.kind in BUREAUS and actor.region_code
    if not (in_region_of and covers(actor.region_code, issuer.region_code)):
        raise NotAllowed("not_issuer", _("只能管理本单位（或本地区主管部门）的证书。"))


def courses_for(issuer: Organisation) -> Any:
    """Courses a type of this issuer may name: a college's own; for a bureau, those of the colleges of its region."""
    if issuer.kind in BUREAUS:
        return Course.objects.filter(in_region("college__region_code", issuer.region_code))
    return Course.objects.filter(college=issuer)


def _own(type: CertificateType, actor: Actor) -> Organisation:
    if not CertificateType.objects.managed_by(actor).filter(pk=type.pk).exists():
        raise NotFound("type_unknown", _("没有找到这种证书。"))
    if not type.is_staffs or type.issuer is None:
        raise Conflict("type_of_policy", _("这种证书由当地政策决定，不能修改，只能设计它的版式。"))
    require_manager(actor, type.issuer)
    return type.issuer


def _name(type: CertificateType, title: str, title_en: str) -> None:
    type.title, type.title_en = title.strip(), title_en.strip()
    if not type.title or not type.title_en:
        raise Invalid("title_missing", _("请填写中文和英文名称。"), field="title_en" if type.title else "title")
    refuse_unprintable(type.title, field="title")
    refuse_unprintable(type.title_en, field="title_en")


def _number(type: CertificateType, serial_prefix: str, validity_months: int | None) -> None:
    type.serial_prefix, type.validity_months = _prefix(serial_prefix), validity_months
    if validity_months is not None and not 1 <= validity_months <= LONGEST_MONTHS:
        raise Invalid(
            "validity_out_of_range",
            _("有效期应为 1 到 %(most)d 个月；长期有效请留空。"),
            field="validity_months",
            most=LONGEST_MONTHS,
        )


def _prefix(serial_prefix: str) -> str:
    prefix = serial_prefix.strip().upper()
    if not _PREFIX.fullmatch(prefix):
        raise Invalid("prefix_malformed", _("编号前缀为 2 到 4 个英文字母。"), field="serial_prefix")
    if prefix in {COURSE_PREFIX, ANNUAL_PREFIX}:
        raise Invalid(
            "prefix_reserved",
            _("%(prefix)s 是课程结业和年度证书的编号前缀，请换一个。"),
            field="serial_prefix",
            prefix=prefix,
        )
    return prefix


def _checked(type: CertificateType, wanted: Wanted) -> dict[str, Any]:
    """The requirements as they are kept, after looking at everything they name."""
    if type.rule == Rule.PROGRAMME:
        return {"programmes": _programmes(type, wanted.programmes)}
    assert type.issuer is not None
    courses = [str(key) for key in dict.fromkeys(wanted.courses)]
    if courses_for(type.issuer).filter(pk__in=courses).count() != len(courses):
        raise NotFound("course_unknown", _("没有找到所选的课程。"), field="courses")
    asked: dict[str, Any] = {"courses": courses, "within_months": _age(wanted.within_months)}
    if type.rule == Rule.POST:
        if wanted.post not in Post.values:
            raise Invalid("post_unknown", _("请选择岗位。"), field="post")
        asked |= {"post": wanted.post, "topics": _topics(wanted.topics.items())}
    if not courses and not asked.get("topics"):
        raise Invalid("requirements_empty", _("请至少指定一门课程或一类课程的学时。"), field="courses")
    return asked


def _programmes(type: CertificateType, keys: Iterable[uuid.UUID]) -> list[str]:
    named = [str(key) for key in dict.fromkeys(keys)]
    any_of = CertificateType(rule=type.rule, issuer=type.issuer)
    if programmes_of(any_of).filter(pk__in=named).count() != len(named):
        raise NotFound("programme_unknown", _("没有找到这个培训计划。"), field="programmes")
    return named


def _topics(topics: Iterable[tuple[str, Any]]) -> dict[str, str]:
    kept = {}
    for topic, hours in topics:
        try:
            least = Decimal(hours)
        except InvalidOperation:
            least = Decimal(-1)
        if topic not in Topic.values or not 0 < least <= MOST_HOURS:
            raise Invalid(
                "topic_hours", _("每类课程的学时应大于 0，不超过 %(most)s。"), field=f"topic_{topic}", most=MOST_HOURS
            )
        kept[topic] = plain(least)
    return kept


def _age(months: int | None) -> int | None:
    if months is not None and not 1 <= months <= LONGEST_MONTHS:
        raise Invalid(
            "age_out_of_range",
            _("课程通过的时间范围应为 1 到 %(most)d 个月；不限请留空。"),
            field="within_months",
            most=LONGEST_MONTHS,
        )
    return months


def _save(type: CertificateType) -> None:
    try:
        with transaction.atomic():
            type.save()
    except IntegrityError:
        raise Conflict("type_exists", _("该发证单位已有同名的证书类型。"), field="title") from None


def _said(type: CertificateType) -> dict[str, Any]:
    """What the audit trail keeps of a type."""
    names = ("key", "rule", "title", "title_en", "serial_prefix", "validity_months", "requirements", "automatic")
    kept = {name: getattr(type, name) for name in names}
    return {**kept, "issuer_id": str(type.issuer_id), "retired": type.retired_at is not None}


def wanted_of(type: CertificateType) -> Wanted:
    """A type's requirements, as the verbs take them."""
    asked = type.requirements
    return Wanted(
        programmes=tuple(uuid.UUID(key) for key in asked.get("programmes", ())),
        post=asked.get("post", ""),
        courses=tuple(uuid.UUID(key) for key in asked.get("courses", ())),
        topics={topic: Decimal(hours) for topic, hours in asked.get("topics", {}).items()},
        within_months=asked.get("within_months"),
    )
