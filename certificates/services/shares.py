"""Links that a holder hands out: made, taken back, opened.

Only the holder makes one, and only of their own certificate. Opening it counts, and says nothing of who opened it.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, Share, ShareField
from certificates.querysets import Status
from certificates.services.validity import validity, weigh
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.rules.refusals import Conflict, Invalid, NotFound, Refusal

DAYS = (1, 7, 30, 90, 365)  # a link may last
OPEN_AT_ONCE = 20  # links to one certificate


class Gone(Refusal):
    """There was a link; there is nothing behind it any more, and it says no more than that."""

    default_status = 410


@transaction.atomic
def share_certificate(
    *, certificate: Certificate, fields: Sequence[str], days: int, actor: Actor, now: datetime
) -> Share:
    """Make a link that shows ``fields`` (of ``ShareField``) of the holder's own certificate for ``days``.

    Refuses somebody else's (as unknown), one that was revoked or superseded, a term or a field that is not offered,
    and more than ``OPEN_AT_ONCE`` links.
    """
    _require_holder(certificate, actor)
    chosen = [field for field in ShareField.values if field in set(fields)]
    if len(chosen) != len(set(fields)) or not chosen:
        raise Invalid("fields_unknown", _("请至少选择一项要展示的内容。"), field="fields")
    if days not in DAYS:
        raise Invalid("days_unknown", _("请选择链接的有效期。"), field="days")
    if validity(certificate, timezone.localdate(now)).status not in {Status.VALID, Status.EXPIRED}:
        raise Conflict("not_valid", _("已撤销或已被替换的证书不能分享。"))
    if certificate.shares.open(now).count() >= OPEN_AT_ONCE:
        raise Conflict("too_many_links", _("这份证书已有太多有效链接，请先收回不用的。"))
    share = Share.objects.create(
        certificate=certificate,
        token=secrets.token_urlsafe(32),
        fields=chosen,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    _note("certificate.shared", share, {"fields": chosen, "days": days}, actor, now)
    return share


@transaction.atomic
def withdraw_share(*, share: Share, actor: Actor, now: datetime) -> bool:
    """Take a link back, at once. Returns whether it was open until now; again it changes nothing."""
    _require_holder(share.certificate, actor)
    withdrawn = Share.objects.open(now).filter(pk=share.pk).update(withdrawn_at=now)
    if withdrawn:
        _note("certificate.share_withdrawn", share, {"opened": share.opened}, actor, now)
    return bool(withdrawn)


def open_share(*, token: str, now: datetime) -> Share:
    """The share behind a link with its certificate weighed as of now, counted. Refuses ``share_unknown``, ``share_gone``."""
    share = Share.objects.select_related("certificate").filter(token=token).first()
    if share is None:
        raise NotFound("share_unknown", _("没有找到这个链接。"))
    opened = Share.objects.open(now).filter(pk=share.pk).update(opened=F("opened") + 1, last_opened_at=now)
    if not opened:
        raise Gone("share_gone", _("这个链接已失效。"))
    weigh(share.certificate, timezone.localdate(now))
    return share


def _require_holder(certificate: Certificate, actor: Actor) -> None:
    if actor.is_system or actor.person_id != certificate.person_id:
        raise NotFound("certificate_unknown", _("没有找到这份证书。"))


def _note(verb: str, share: Share, changes: dict[str, object], actor: Actor, now: datetime) -> None:
    certificate = share.certificate
    record(
        verb=verb,
        actor=actor,
        now=now,
        subject=share,
        person_id=certificate.person_id,
        changes={"serial": certificate.serial, **changes},
    )
