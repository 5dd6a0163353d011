"""Keys for an organisation's own software. A key is shown once, when it is made; only its hash is kept."""

import hashlib
import secrets
from datetime import datetime
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import ApiKey, ApiScope, Organisation, OrganisationStatus, Role
from lms.people.services.organisations import regions_cover
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

# Keys found in force a moment ago, by their hash.
_RECENT: dict[str, tuple[ApiKey, float]] = {}
RECENT_SECONDS, MOST_RECENT = 2.0, 10_000


def create_api_key(*, organisation: Organisation, scope: str, actor: Actor, now: datetime) -> str:
    """Make a key (256 random bits) for one scope and return it; it can't be read again.

    Refuses unknown scopes, organisations not admitted, and whoever does not manage the organisation.
    """
    _require_authority(organisation, actor)
    if scope not in ApiScope.values:
        raise Invalid("scope_unknown", _("没有这种用途的密钥。"), field="scope")
    if organisation.status != OrganisationStatus.ADMITTED:
        raise Conflict("not_admitted", _("机构尚未准入，不能使用接口。"))
    token = f"lms_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            organisation=organisation,
            scope=scope,
            prefix=token[:12],
            sha256=_digest(token),
            created_by=actor.label,
            created_at=now,
        )
        record(
            verb="api_key.created", actor=actor, now=now, subject=key, changes={"scope": scope, "prefix": key.prefix}
        )
    return token


def revoke_api_key(*, key: ApiKey, actor: Actor, now: datetime) -> ApiKey:
    """Stop a key at once. Revoked twice, the first time stands."""
    _require_authority(key.organisation, actor)
    with transaction.atomic():
        first = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        key.refresh_from_db()
        if first:
            record(verb="api_key.revoked", actor=actor, now=now, subject=key, changes={"prefix": key.prefix})
    _RECENT.pop(key.sha256, None)
    return key


def key_in_force(token: str) -> ApiKey | None:
    """The key behind a token, with its organisation, as it was at most ``RECENT_SECONDS`` ago.

    Who asks often is not looked up each time. A key that is revoked, or whose organisation is closed, opens nothing
    that long after, and nothing at once in the process that revokes it. What was not found is looked up each time.
    """
    digest = _digest(token)
    known = _RECENT.get(digest)
    if known and known[1] > monotonic():
        return known[0]
    asked_at = monotonic()
    key = (
        ApiKey.objects.select_related("organisation")
        .filter(sha256=digest, revoked_at=None, organisation__status=OrganisationStatus.ADMITTED)
        .first()
    )
    if key is not None:
        if len(_RECENT) >= MOST_RECENT:
            _RECENT.clear()
        _RECENT[digest] = key, asked_at + RECENT_SECONDS
    return key


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _require_authority(organisation: Organisation, actor: Actor) -> None:
    if actor.is_system or (actor.role == Role.INSTITUTION_MANAGER and actor.organisation_id == organisation.pk):
        return
    if actor.role != Role.ADMINISTRATOR:
        raise NotAllowed("role_required", _("只有机构负责人或平台管理员可以管理接口密钥。"))
    if not regions_cover(actor, organisation.region_code):
        raise NotFound("organisation_unknown", _("没有找到这家机构。"))
