"""Where an institution's own software wants to hear of alerts. Its manager enters, tries and stops such addresses."""

import json
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import wake_on_commit
from lms.hiring import outbound
from lms.hiring.models import BanAlert, WebhookDelivery, WebhookEndpoint
from lms.people import vault
from lms.people.access import require
from lms.people.models import Organisation, OrganisationKind, OrganisationStatus, Role
from lms.rules import webhook_signatures
from lms.rules.refusals import Conflict, Invalid, NotFound

MOST_ENDPOINTS = 5
SECRET_BYTES = 32


def add_endpoint(*, organisation: Organisation, url: str, actor: Actor, now: datetime) -> tuple[WebhookEndpoint, str]:
    """Enter an address. Returns it with its secret, which can't be read again.

    Refuses whoever does not manage the organisation, addresses that ``lms.hiring.outbound`` would not go to, an address
    entered already (``endpoint_known``) and more than a handful.
    """
    _require_manager(organisation, actor)
    if organisation.kind != OrganisationKind.INSTITUTION or organisation.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("只有已准入的托育机构可以登记接收地址。"))
    address = url.strip()
    outbound.public_address(outbound.target_of(address))
    if organisation.webhooks.filter(disabled_at=None).count() >= MOST_ENDPOINTS:
        raise Conflict(
            "too_many_endpoints", _("最多登记 %(most)s 个接收地址，请先停用不再使用的。"), most=MOST_ENDPOINTS
        )
    secret = webhook_signatures.written(secrets.token_bytes(SECRET_BYTES))
    sealed = vault.seal(secret)
    try:
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.create(
                organisation=organisation,
                url=address,
                ciphertext=sealed.ciphertext,
                key_version=sealed.key_version,
                created_by=actor.label,
                created_at=now,
            )
            record(verb="webhook.added", actor=actor, now=now, subject=endpoint, changes={"url": address})
    except IntegrityError:
        raise Invalid("endpoint_known", _("这个地址已经登记过。"), field="url") from None
    return endpoint, secret


def disable_endpoint(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime, reason: str = "") -> WebhookEndpoint:
    """Nothing goes there any more; what was on its way is given up. Stopped twice, the first time stands."""
    _require_manager(endpoint.organisation, actor)
    with transaction.atomic():
        first = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(disabled_at=now)
        if first:
            waiting = endpoint.deliveries.filter(state=WebhookDelivery.State.PENDING)
            waiting.update(state=WebhookDelivery.State.GIVEN_UP, last_error="endpoint_disabled", taken_until=None)
            record(verb="webhook.disabled", actor=actor, now=now, subject=endpoint, reason=reason)
    endpoint.refresh_from_db()
    return endpoint


def ping(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime) -> WebhookDelivery:
    """Send a message that says nothing, to see whether it arrives. Refuses a stopped address."""
    _require_manager(endpoint.organisation, actor)
    _require_enabled(endpoint)
    body = {"type": WebhookDelivery.Kind.PING.value, "timestamp": timezone.localtime(now).isoformat(), "data": {}}
    with transaction.atomic():
        delivery = WebhookDelivery.objects.create(
            endpoint=endpoint,
            kind=WebhookDelivery.Kind.PING,
            body=json.dumps(body, ensure_ascii=False),
            next_attempt_at=now,
            created_at=now,
        )
        record(verb="webhook.pinged", actor=actor, now=now, subject=endpoint)
        wake_on_commit("lms.hiring.tasks.deliver_webhooks")
    return delivery


def resend(*, delivery: WebhookDelivery, actor: Actor, now: datetime) -> WebhookDelivery:
    """Send a message again under the id it has, now.

    Refuses a stopped address, what is on its way anyway, and an alert of a ban that was annulled since.
    """
    _require_manager(delivery.endpoint.organisation, actor)
    _require_enabled(delivery.endpoint)
    alert = BanAlert.objects.filter(deliveries=delivery)
    if delivery.kind == WebhookDelivery.Kind.ALERT and not alert.acting().exists():
        raise Conflict("ban_annulled", _("这项禁入已经撤销，原来的警报不再发送。"))
    with transaction.atomic():
        ended = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=WebhookDelivery.State.PENDING)
        waiting = WebhookDelivery.objects.filter(
            pk=delivery.pk, state=WebhookDelivery.State.PENDING, taken_until=None, next_attempt_at__gt=now
        )
        changed = ended.update(state=WebhookDelivery.State.PENDING, attempts=0, next_attempt_at=now, taken_until=None)
        if not changed and not waiting.update(next_attempt_at=now):
            raise Conflict("on_its_way", _("这条推送正在发送。"))
        record(
            verb="webhook.resent",
            actor=actor,
            now=now,
            subject=delivery.endpoint,
            changes={"delivery": delivery.pk},
        )
        wake_on_commit("lms.hiring.tasks.deliver_webhooks")
    delivery.refresh_from_db()
    return delivery


def _require_manager(organisation: Organisation, actor: Actor) -> None:
    require(actor, Role.INSTITUTION_MANAGER)
    if not actor.is_system and actor.organisation_id != organisation.pk:
        raise NotFound("endpoint_unknown", _("没有找到这个接收地址。"))


def _require_enabled(endpoint: WebhookEndpoint) -> None:
    if WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False).exists():
        raise Conflict("endpoint_disabled", _("这个接收地址已经停用。"))
