"""Puts back what keeps append-only tables append-only, where a migration lost it.

SQLite alters a table by making it anew, and the new one has no triggers. After each migration every append-only
table therefore gets the triggers it lacks, on both engines.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from lms.audit.append_only import AppendOnlyModel, drop_statements, trigger_statements

TRIGGERS = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}
NAMES = {"sqlite": ("no_update", "no_delete"), "postgresql": ("no_rewrite", "no_truncate")}


def append_only_models(app_config: AppConfig | None = None) -> list[type[models.Model]]:
    """Every noun whose rows are history, of one app or of all."""
    found: Iterable[type[models.Model]] = (app_config or apps).get_models()
    return [model for model in found if issubclass(model, AppendOnlyModel) and model._meta.managed]


def unprotected(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[str]:
    """Those of ``tables`` that exist and lack one of their triggers."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        present = {(table.strip('"'), name) for table, name in cursor.fetchall()}
        names = NAMES[connection.vendor]
        missing = [table for table in tables if any((table, f"{table}_{name}") not in present for name in names)]
        existing = set(connection.introspection.table_names(cursor)) if missing else set()
    return [table for table in missing if table in existing]


def protect(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> list[str]:
    """Install what is missing on ``tables``; return the tables that lacked something."""
    lacking = unprotected(connection, tables)
    for table in lacking:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            _install(cursor, connection.vendor, table)
    return lacking


def _install(cursor: CursorWrapper, vendor: str, table: str) -> None:
    for statement in (*drop_statements(vendor, table), *trigger_statements(vendor, table)):
        cursor.execute(statement)


def protect_after_migrate(*, app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``, which is sent for every app."""
    if tables := [model._meta.db_table for model in append_only_models(app_config)]:
        protect(connections[using], tables)
