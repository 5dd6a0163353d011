"""Whose files are taken. A card is another installation's public keys, signed by itself; trust takes two officers.

The fingerprint is compared by other means (by telephone, on paper): a card that came by mail proves nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import keyrings
from lms.documents.keyrings import NotSigned, Ring
from lms.people.access import require
from lms.people.models import Role
from lms.registry.models import Peer
from lms.registry.services.versions import ring
from lms.rules import chain
from lms.rules.refusals import Conflict, Invalid, NotAllowed

CARD = "ban-exchange-card+jws"
MAX_CARD = 20_000  # bytes
TRUSTING = (Role.ADMINISTRATOR, Role.CONFIRMING_REGISTRAR)


@dataclass(frozen=True, slots=True)
class Card:
    """What an installation says of itself. ``fingerprint`` is the SHA-256 of both keys."""

    name: str
    kid: str
    sign_key: dict[str, str]
    seal_key: dict[str, str]

    @property
    def fingerprint(self) -> str:
        return chain.digest({"sign": self.sign_key, "seal": self.seal_key})


def own_ring() -> Ring:
    """The keys of this installation. Refuses ``no_key`` where production has none."""
    keys = ring()
    if keys is None:
        raise Conflict("no_key", _("本系统没有配置名单签名密钥（REGISTRY_KEY_FILE），不能与其他地区交换。"))
    return keys


def own_card() -> Card:
    """This installation as others know it."""
    keys = own_ring()
    name = urlsplit(settings.PUBLIC_BASE_URL).netloc
    return Card(name, keys.kid, keys.published[keys.kid], keyrings.seal_jwk(keys))


def card_file() -> bytes:
    """The card as a file to hand to others, signed by the key it names."""
    card = own_card()
    said = {"name": card.name, "sign": card.sign_key, "seal": card.seal_key}
    return json.dumps({"card": keyrings.sign(said, by=own_ring(), typ=CARD)}, indent=1).encode()


def read_card(content: bytes) -> Card:
    """A card as handed in. Refuses ``card_unreadable``: no card, or not signed by its own key."""
    try:
        token = json.loads(content)["card"]
        told = json.loads(keyrings.from_base64url(token.split(".")[1]))
        kid = keyrings.name_of(told["sign"])
        said = keyrings.opened(token, keys={kid: told["sign"]}, typ=CARD)
        sign_key, seal_key = ({name: str(said[use][name]) for name in ("kty", "crv", "x")} for use in ("sign", "seal"))
        if seal_key["crv"] != "X25519" or len(keyrings.from_base64url(seal_key["x"])) != 32:
            raise NotSigned("no key to seal with")
        return Card(str(said["name"])[:200], kid, sign_key, seal_key)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Invalid("card_unreadable", _("这不是对方系统的名片文件，或内容已被改动。"), field="file") from error


def propose_peer(*, file: "File[bytes]", actor: Actor, now: datetime) -> Peer:
    """Hand in another installation's card. Nothing is taken from it before a second officer has compared it."""
    require(actor, Role.ADMINISTRATOR)
    _require_user(actor)
    if file.size > MAX_CARD:
        raise Invalid("card_unreadable", _("这不是对方系统的名片文件，或内容已被改动。"), field="file")
    assert actor.id is not None, "_require_user asked"
    card = read_card(file.read())
    if card.kid == own_ring().kid:
        raise Conflict("own_card", _("这是本系统自己的名片。"), field="file")
    facts: dict[str, Any] = {"name": card.name, "kid": card.kid, "fingerprint": card.fingerprint}
    try:
        with transaction.atomic():
            peer = Peer.objects.create(
                **facts, sign_key=card.sign_key, seal_key=card.seal_key, proposed_by_id=actor.id, proposed_at=now
            )
            record(verb="ban_peer.proposed", actor=actor, now=now, subject=peer, changes=facts)
    except IntegrityError:
        raise Conflict("peer_known", _("这把密钥已经登记过。"), field="file") from None
    return peer


def trust_peer(*, peer: Peer, fingerprint: str, actor: Actor, now: datetime) -> Peer:
    """A second officer has compared the ``fingerprint`` with the other side by other means.

    Refuses who handed the card in (``same_officer``) and a fingerprint that is not this card's.
    """
    require(actor, *TRUSTING)
    _require_user(actor)
    if peer.proposed_by_id == actor.id:
        raise NotAllowed("same_officer", _("须由另一位工作人员核对指纹。"))
    if fingerprint != peer.fingerprint:
        raise Conflict("shown_changed", _("指纹与页面显示的不一致，请重新核对。"))
    return _step(peer, Peer.State.TRUSTED, Peer.State.PROPOSED, actor, now)


def withdraw_peer(*, peer: Peer, actor: Actor, now: datetime) -> Peer:
    """Take nothing from this key any more; what was taken stays. One officer is enough to be careful."""
    require(actor, *TRUSTING)
    _require_user(actor)
    return _step(peer, Peer.State.WITHDRAWN, peer.state, actor, now)


def _step(peer: Peer, state: str, before: str, actor: Actor, now: datetime) -> Peer:
    with transaction.atomic():
        rows = Peer.objects.filter(pk=peer.pk, state=before).exclude(state=Peer.State.WITHDRAWN)
        if not rows.update(state=state, decided_by_id=actor.id, decided_at=now):
            raise Conflict("decided_already", _("这张名片刚刚被处理过，请刷新后再看。"))
        changes = {"kid": peer.kid, "fingerprint": peer.fingerprint}
        record(verb=f"ban_peer.{state}", actor=actor, now=now, subject=peer, changes=changes)
    peer.refresh_from_db()
    return peer


def _require_user(actor: Actor) -> None:
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("officer_required", _("只能由登记在册的工作人员办理。"))
