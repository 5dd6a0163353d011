"""A new document for the same fact: lost or damaged paper, a new template, a new key.

The serial, the address behind the QR and the dates stay; documents issued before stay verifiable and say that a newer
one took their place. The file is made by a worker, like the first one.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, Reissue, ReissueCause
from certificates.querysets import Status
from certificates.services.states import require_decider
from certificates.services.validity import validity
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import wake_on_commit
from lms.people.services import tell_person
from lms.rules.refusals import Conflict, Invalid, TooMany

# What a holder may give as the cause; a new template or key is the issuer's affair.
HOLDER_CAUSES = (ReissueCause.LOST, ReissueCause.DAMAGED)
WITHIN = timedelta(days=365)
BY_HOLDER, BY_ANYBODY = 2, 10  # new documents of one certificate within that time


def reissue_document(*, certificate: Certificate, cause: str, reason: str, actor: Actor, now: datetime) -> Reissue:
    """Order the next document of ``certificate``; asked for by its holder or by who decides over it.

    Refuses a certificate that is not valid, one whose last document is still being made (``document_pending``: two
    clicks order one), and more than ``BY_HOLDER`` (a holder) or ``BY_ANYBODY`` within a year.
    """
    own = not actor.is_system and actor.person_id == certificate.person_id
    if not own:
        require_decider(certificate, actor)
    if cause not in (HOLDER_CAUSES if own else ReissueCause.values):
        raise Invalid("cause_unknown", gettext_lazy("请选择补发原因。"), field="cause")
    if validity(certificate, timezone.localdate(now)).status is not Status.VALID:
        raise Conflict("not_valid", gettext_lazy("只有有效的证书可以补发。"))
    try:
        with transaction.atomic():
            order = Reissue.objects.create(
                certificate=certificate,
                number=_next(certificate, own, now),
                cause=cause,
                reason=reason.strip()[:300],
                by_holder=own,
                by=actor.label,
                at=now,
            )
            _announce(order, actor, now)
    except IntegrityError:
        raise _pending() from None
    wake_on_commit("certificates.tasks.render", str(certificate.pk))
    return order


def _next(certificate: Certificate, own: bool, now: datetime) -> int:
    """The number of the next document, if it may be ordered."""
    made = certificate.documents.order_by("-number").values_list("number", flat=True).first()
    orders = list(certificate.reissues.order_by("number"))
    ordered = orders[-1].number if orders else 1
    if made is None or made < ordered:
        raise _pending()
    recent = [order for order in orders if order.at > now - WITHIN]
    if len(recent) >= BY_ANYBODY or (own and sum(order.by_holder for order in recent) >= BY_HOLDER):
        raise TooMany(
            "reissued_often", gettext_lazy("这份证书一年内补发次数已满。电子文件可随时下载，内容和效力不变。")
        )
    return ordered + 1


def _pending() -> Conflict:
    return Conflict("document_pending", gettext_lazy("证书文件正在制作，完成后即可下载，不需要再次补发。"))


def _announce(order: Reissue, actor: Actor, now: datetime) -> None:
    certificate = order.certificate
    record(
        verb="certificate.reissued",
        actor=actor,
        now=now,
        subject=certificate,
        person_id=certificate.person_id,
        changes={"serial": certificate.serial, "number": order.number, "cause": order.cause},
        reason=order.reason,
    )
    if not order.by_holder:
        tell_person(
            person=certificate.person,
            code="certificate_reissued",
            title=_("您的“%(title)s”已补发新的证书文件") % {"title": certificate.title},
            body=_("原因：%(cause)s。编号、内容和有效期不变，请下载新文件；以前的文件仍可核验，会注明已有新文件。")
            % {"cause": ReissueCause(order.cause).label},
            url=reverse("certificates:detail", args=[certificate.pk]),
            dedupe_key=f"certificate_reissued:{order.pk}",
            now=now,
        )
