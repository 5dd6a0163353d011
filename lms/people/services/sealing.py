"""Rotation of the identity keys: what was sealed under an older key is sealed again under the newest.

Each batch is a transaction of its own: killed half-way, the next run goes on with what is left.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.apps import apps
from django.db import transaction
from django.db.models import Count, Model

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people import vault
from lms.people.models import IdentityDocument
from lms.rules.identity import DocumentType, IdentityNumber

_SECRETS = ("secret", "seed")


def reseal_documents(*, size: int, actor: Actor, now: datetime) -> int:
    """Encrypt and index one batch of documents under the newest key. Returns how many; 0 at the end."""
    newest = vault.newest_version()
    with transaction.atomic():
        rows = IdentityDocument.objects.select_for_update().filter(key_version__lt=newest).order_by("pk")
        batch = list(rows[:size])
        for row in batch:
            number = IdentityNumber(DocumentType(row.type), vault.unseal(row.ciphertext, row.key_version))
            sealed = vault.seal(number.canonical)
            row.ciphertext, row.key_version = sealed.ciphertext, sealed.key_version
            row.blind_index = vault.blind_index(number)
        if batch:
            IdentityDocument.objects.bulk_update(batch, ["ciphertext", "key_version", "blind_index"])
            changes = {"documents": len(batch), "key_version": newest}
            record(verb="identity_document.resealed", actor=actor, now=now, subject=batch[-1], changes=changes)
    return len(batch)


def sealed_under() -> dict[int, dict[str, int]]:
    """How many rows of which tables can be read by which key only: a key that is named here may not be dropped.

    Rows of history (hiring checks) are never sealed anew. Reads every such table once.
    """
    found: dict[int, dict[str, int]] = {}
    for model in sealed_models():
        rows = model._default_manager.exclude(key_version=None).order_by().values_list("key_version")
        for version, count in rows.annotate(Count("pk")):
            found.setdefault(version, {})[model._meta.label_lower] = count
    return found


def sealed_models() -> list[type[Model]]:
    """Tables with numbers or secrets sealed by the vault."""
    return [model for model in apps.get_models() if any(one.name == "key_version" for one in model._meta.fields)]


def reseal_second_factors(*, actor: Actor, now: datetime) -> int:
    """Encrypt the secrets of second factors under the newest key. Returns how many rows changed."""
    current = f"{vault.newest_version()}:"
    changed = []
    with transaction.atomic():
        for row in Authenticator.objects.select_for_update().order_by("pk"):
            old = {key: row.data[key] for key in _SECRETS if not row.data.get(key, current).startswith(current)}
            if old:
                row.data |= {key: encrypt(decrypt(secret)) for key, secret in old.items()}
                row.save(update_fields=["data"])
                changed.append(row)
        if changed:
            changes = {"second_factors": len(changed)}
            record(verb="second_factor.resealed", actor=actor, now=now, subject=changed[-1], changes=changes)
    return len(changed)
