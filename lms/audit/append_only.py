"""The first law: append, never rewrite.

``AppendOnlyModel`` marks a noun whose rows are history. ``ProtectAppendOnly`` puts the law into the database itself,
on SQLite and on PostgreSQL, so that no shell, script or careless verb can UPDATE or DELETE such a row.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from lms.audit.keys import new_id

REFUSE_REWRITE = """
CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


class UUIDModel(models.Model):
    """Every noun of the product has a UUID as its key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class RewriteRefused(Exception):
    """Raised when code tries to change or delete a row of an append-only table."""


class AppendOnlyModel(UUIDModel):
    """A row that is written once. A correction is a new row."""

    append_only: ClassVar[bool] = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RewriteRefused(f"{self._meta.label} is append-only")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise RewriteRefused(f"{self._meta.label} is append-only")


def trigger_statements(vendor: str, table: str) -> list[str]:
    """SQL that makes ``table`` refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL)."""
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = "EXECUTE FUNCTION refuse_rewrite()"
    return [
        REFUSE_REWRITE,
        f'CREATE TRIGGER "{table}_no_rewrite" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {refuse}',
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {refuse}',
    ]


def drop_statements(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"' for verb in ("update", "delete")]
    return [f'DROP TRIGGER IF EXISTS "{table}_no_{what}" ON "{table}"' for what in ("rewrite", "truncate")]


class ProtectAppendOnly(Operation):
    """Migration operation: ``ProtectAppendOnly("ledger.HourEntry")`` after the model's creation."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, label: str) -> None:
        self.label = label

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The triggers are no part of the models' state."""

    def _table(self, state: ProjectState) -> str:
        # Asked of the state itself: rendering every model anew for one name takes most of a migrate's time.
        app_label, model_name = self.label.lower().split(".")
        options = state.models[app_label, model_name].options
        return str(options.get("db_table") or f"{app_label}_{model_name}")

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in trigger_statements(schema_editor.connection.vendor, self._table(to_state)):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for statement in drop_statements(schema_editor.connection.vendor, self._table(from_state)):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE on {self.label}"

    @property
    def migration_name_fragment(self) -> str:
        return f"protect_{self.label.lower().replace('.', '_')}"
