"""Says before the start what could not be read later: rows sealed under an identity key that is not held any more."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connections


def check_identity_keys(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """``people.E001``: a key is missing in ``IDENTITY_KEYS``. Asked where the database is: ``migrate``, ``check --database``."""
    from lms.people.services.sealing import sealed_models

    if not databases or "default" not in databases:
        return []
    held, tables = list(settings.IDENTITY_KEYS), set(connections["default"].introspection.table_names())
    lost: dict[int, list[str]] = {}
    for model in sealed_models():
        if model._meta.db_table not in tables:
            continue
        rows = model._default_manager.exclude(key_version=None).exclude(key_version__in=held).order_by()
        try:
            versions = list(rows.values_list("key_version", flat=True).distinct())
        except DatabaseError:  # a table that is about to be changed
            continue
        for version in versions:
            lost.setdefault(version, []).append(model._meta.label_lower)
    return [
        checks.Error(
            f"IDENTITY_KEYS lacks key {version}, under which rows are sealed: {', '.join(sorted(labels))}.",
            hint="Put the key back; rotate_identity_keys names the keys that are needed.",
            id="people.E001",
        )
        for version, labels in sorted(lost.items())
    ]
