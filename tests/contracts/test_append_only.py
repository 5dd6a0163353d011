"""The first law, held by the database: no append-only table lets a row be rewritten or removed, on the engine in use."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from lms.audit.append_only import drop_statements
from lms.audit.protection import append_only_models, protect, unprotected

MODELS = append_only_models()
VALUES: dict[str, Any] = {
    "UUIDField": uuid.UUID(int=7),
    "DateTimeField": dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
    "DateField": dt.date(2026, 11, 21),
    "TimeField": dt.time(8),
    "JSONField": {},
    "BooleanField": False,
    "BinaryField": b"x",
}
NUMBERS = ("IntegerField", "AutoField", "DecimalField", "FloatField", "DurationField")


def value_of(field: models.Field[Any, Any]) -> Any:
    """Anything the column's type can hold; what it means is of no matter here."""
    column = field.target_field if isinstance(field, models.ForeignKey) else field
    kind = column.get_internal_type()
    given = VALUES.get(kind, 1 if kind.endswith(NUMBERS) else "x")
    return column.get_db_prep_save(given, connection)


def put_a_row_in(model: type[models.Model]) -> None:
    """A row of the right types, with the table's own checks lifted for this transaction."""
    quote, table = connection.ops.quote_name, model._meta.db_table
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            for name, facts in connection.introspection.get_constraints(cursor, table).items():
                if facts["check"]:
                    cursor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
        columns = ", ".join(quote(field.column) for field in fields)
        holes = ", ".join(["%s"] * len(fields))
        cursor.execute(f"INSERT INTO {quote(table)} ({columns}) VALUES ({holes})", [value_of(f) for f in fields])
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def refused(statement: str, table: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return f"{table} is append-only" in str(error)
    return False


def test_there_are_tables_to_protect() -> None:
    labels = {model._meta.label for model in MODELS}
    assert {"audit.AuditEvent", "audit.AuditLink", "documents.ArchivedDocument", "ledger.HourEntry"} <= labels


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_database_refuses_to_rewrite_history(model: type[models.Model]) -> None:
    quote, table = connection.ops.quote_name, model._meta.db_table
    key = quote(model._meta.pk.column)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            assert refused(f"TRUNCATE {quote(table)} CASCADE", table)
        put_a_row_in(model)
        assert refused(f"UPDATE {quote(table)} SET {key} = {key}", table)
        assert refused(f"DELETE FROM {quote(table)}", table)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_every_append_only_table_has_its_triggers() -> None:
    assert unprotected(connection, [model._meta.db_table for model in MODELS]) == []


@pytest.mark.django_db
def test_lost_triggers_are_put_back_and_absent_tables_passed_over() -> None:
    table = MODELS[0]._meta.db_table
    with connection.cursor() as cursor:
        for statement in drop_statements(connection.vendor, table):
            cursor.execute(statement)
    assert unprotected(connection, [table, "no_such_table"]) == [table]
    assert protect(connection, [table, "no_such_table"]) == [table]
    assert protect(connection, [table]) == []
