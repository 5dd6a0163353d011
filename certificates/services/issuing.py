"""Issuing: what the evidence says, once, under a serial of its own.

Two workers at once make one certificate: the database holds it (one a type, person, period and edition), and the one
who comes second is given the first one's.
"""

import calendar
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateState, CertificateType, SerialCounter, TemplateVersion
from certificates.services.designs import newest_template
from certificates.services.grounds import Grounds, grounds_of
from certificates.services.printable import refuse_unprintable
from certificates.services.types import annual_type, course_type
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.audit.services import About, record_many
from lms.audit.work import wake_on_commit
from lms.people.access import require
from lms.people.models import Person, Role
from lms.people.services import News, tell_persons
from lms.policy.services import packs_in_force
from lms.registry.services import is_barred
from lms.rules import serials
from lms.rules.refusals import Conflict, NotAllowed
from lms.xapi.services import Fact, record_statements


def issue_certificate(
    *,
    person: Person,
    type: CertificateType,
    period: str,
    actor: Actor,
    now: datetime,
    enrolment_id: uuid.UUID | None = None,
) -> Certificate:
    """Issue what ``person`` has earned, or return what was issued before for this type and period.

    ``period`` is the year (annual), the enrolment's id (course; ``enrolment_id`` may be given instead), the programme's
    id, or for posts and teachers the year of the last pass (``once`` where the type never runs out). Refuses
    ``barred``, ``glyph_missing`` (naming the character), ``course_not_passed``, ``requirement_not_met``,
    ``programme_incomplete`` and ``requirements_missing`` (with what is left), ``no_requirement`` where the city asks for
    no yearly class-hours, ``type_retired``, and actors who may not ask for it.
    """
    period = period or str(enrolment_id or "")
    if existing := newest(person=person, type=type, period=period):
        require_issuer(actor, person, existing.issuer_id)
        return existing
    grounds = grounds_of(person=person, type=type, period=period, now=now)
    require_issuer(actor, person, grounds.issuer.pk)
    refuse_barred(person, timezone.localdate(now))
    refuse_unprintable(*words_of(person, grounds))
    draft = drafted(person, type, period, grounds, now)
    try:
        with transaction.atomic():
            write(draft, prefix=type.serial_prefix, actor=actor, now=now)
    except IntegrityError:
        # Another worker was first; if not, something else is wrong and says so.
        if existing := newest(person=person, type=type, period=period):
            return existing
        raise
    return draft


def issue_course_certificate(*, enrolment: Enrolment, actor: Actor, now: datetime) -> Certificate:
    """The certificate of a passed course, in the name of its college."""
    kind = course_type(actor=Actor.system("certificate-types"), now=now)
    return issue_certificate(person=enrolment.person, type=kind, period=str(enrolment.pk), actor=actor, now=now)


def issue_annual_certificate(*, person: Person, year: int, actor: Actor, now: datetime) -> Certificate:
    """The certificate of a year whose class-hours are met, by the policy of the person's city in that year."""
    day = min(max(timezone.localdate(now), date(year, 1, 1)), date(year, 12, 31))
    pack = packs_in_force([person.region_code], day).get(person.region_code)
    if pack is None or not pack.annual_requirements:
        raise Conflict("no_requirement", gettext_lazy("当地政策没有规定年度学时，因此没有年度证书。"))
    kind = annual_type(pack=pack, actor=Actor.system("certificate-types"), now=now)
    return issue_certificate(person=person, type=kind, period=str(year), actor=actor, now=now)


def newest(*, person: Person, type: CertificateType, period: str) -> Certificate | None:
    """The newest edition of what was issued for a period, whatever became of it."""
    found = Certificate.objects.filter(type=type, person=person, period=period)
    return found.select_related("person", "type").order_by("-edition").first()


def refuse_barred(person: Person, on: date) -> None:
    """A barred person gets no certificate."""
    if is_barred(person, on):
        raise barred_refusal()


def barred_refusal() -> Conflict:
    """How a barred person is refused."""
    return Conflict("barred", gettext_lazy("持证人在从业禁入名单中，不能签发证书。"))


def words_of(person: Person, grounds: Grounds) -> tuple[str, ...]:
    """What the sheet would say in words of others: each of them must be printable."""
    named = (each["title"] for each in grounds.facts.get("courses", ()))
    return (person.name, grounds.issuer.name, grounds.title, *named)


def write(draft: Certificate, *, prefix: str, actor: Actor, now: datetime) -> None:
    """Give ``draft`` its serial and keep it, with its first state, its event, its fact and its message."""
    write_many([draft], prefix=prefix, actor=actor, now=now)
    wake_on_commit("certificates.tasks.render", str(draft.pk))


def write_many(drafts: Sequence[Certificate], *, prefix: str, actor: Actor, now: datetime) -> None:
    """``write`` for many drafts of one region, in their order; whoever calls it has them printed."""
    year = timezone.localdate(now).year
    region_code = drafts[0].region_code
    last = _last_number(prefix, year, region_code, len(drafts))
    for number, draft in enumerate(drafts, start=last - len(drafts) + 1):
        draft.serial = serials.make(prefix, year, region_code, number)
        draft.token = secrets.token_urlsafe(32)
    Certificate.objects.bulk_create(drafts)
    CertificateState.objects.bulk_create(
        CertificateState(certificate=draft, number=1, state=CertificateState.Name.ISSUED, by=actor.label, at=now)
        for draft in drafts
    )
    record_many(verb="certificate.issued", actor=actor, now=now, about=[_about(draft) for draft in drafts])
    record_statements(facts=[_earned(draft) for draft in drafts], now=now)
    tell_persons(
        code="certificate_issued",
        news=[
            News(
                person_id=draft.person_id,
                title=_("您获得了“%(title)s”") % {"title": draft.title},
                body=_("证书编号 %(serial)s。可在“证书”中下载，扫描证书上的二维码可核验真伪。")
                % {"serial": draft.serial},
                dedupe_key=f"certificate_issued:{draft.pk}",
            )
            for draft in drafts
        ],
        url=reverse("certificates:mine"),
        now=now,
    )


def _about(draft: Certificate) -> About:
    changes = {"serial": draft.serial, "type": draft.type.key, "period": draft.period, "edition": draft.edition}
    return About(draft, draft.person_id, changes)


def _earned(draft: Certificate) -> Fact:
    return Fact(
        verb="earned",
        person=draft.person,
        activity_id=f"/certificates/{draft.pk}",
        activity_name=draft.title,
        registration=draft.enrolment_id,
        key=f"earned:{draft.pk}",
    )


def last_valid_day(issued_on: date, months: int | None) -> date | None:
    """The last day (inclusive) of so many whole months that begin on ``issued_on``.

    12 months from 2026-12-31 end on 2027-12-30, from 2028-02-29 on 2029-02-28.
    """
    if months is None:
        return None
    year, month = divmod(issued_on.year * 12 + issued_on.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    if issued_on.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, issued_on.day) - timedelta(days=1)


def drafted(
    person: Person,
    type: CertificateType,
    period: str,
    grounds: Grounds,
    now: datetime,
    *,
    look: Callable[..., TemplateVersion | None] = newest_template,
) -> Certificate:
    """A certificate on these grounds, not kept yet and without a serial; ``look`` finds the template of its sheet."""
    return Certificate(
        type=type,
        person=person,
        period=period,
        holder_name=person.name,
        title=grounds.title,
        issuer=grounds.issuer,
        template=look(type=type, issuer=grounds.issuer),
        issuer_name=grounds.issuer.name,
        region_code=grounds.region_code,
        enrolment_id=grounds.enrolment_id,
        facts=grounds.facts,
        issued_at=now,
        valid_until=last_valid_day(timezone.localdate(now), grounds.validity_months),
    )


def require_issuer(actor: Actor, person: Person, issuer_id: uuid.UUID) -> None:
    """The holder may ask, since the evidence decides; else the issuer's publisher or an approver of the region."""
    if actor.is_system or actor.person_id == person.pk:
        return
    require(actor, Role.COLLEGE_PUBLISHER, Role.BUREAU_APPROVER)
    own = actor.organisation_id == issuer_id
    if not own and not Person.objects.visible_to(actor).filter(pk=person.pk).exists():
        raise NotAllowed("not_issuer", gettext_lazy("只有发证单位可以签发这份证书。"))


def _last_number(prefix: str, year: int, region_code: str, count: int) -> int:
    """The last of ``count`` running numbers of a series, taken together. The row stays locked until the transaction ends."""
    series: dict[str, Any] = {"prefix": prefix, "year": year, "region_code": region_code}
    SerialCounter.objects.get_or_create(**series)
    SerialCounter.objects.filter(**series).update(last=F("last") + count)
    return SerialCounter.objects.values_list("last", flat=True).get(**series)
