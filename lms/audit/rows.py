"""Rows read and written in as few words to the database as there can be.

For what the product is asked all day long: its statements are put together once a process, out of the models' own
columns, and every value that is not plain text already goes through its model's field both ways, as a parameter.
Anybody else reads and saves rows as rows are read and saved everywhere.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import chain
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Field, Model, TextField
from django.db.models.expressions import Col

_TEXT = (CharField, TextField)


def names_of(model: type[Model], *some: str) -> tuple[str, ...]:
    """All fields of the model, or some of them, in the order in which rows are made."""
    return tuple(field.name for field in model._meta.concrete_fields if not some or field.name in some)


def read_one(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a question brings, or None.

    A kept connection is asked whether it still lives before it is used. A question that changes nothing is that question
    itself: where the connection is gone, it is asked again on a new one.
    """
    kept: Any = connection
    if kept.health_check_enabled and not kept.health_check_done and not kept.in_atomic_block:
        kept.health_check_done = True
        try:
            return _first(statement, parameters)
        except (OperationalError, InterfaceError):
            kept.close()
    return _first(statement, parameters)


def _first(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def write_together(*rows: Model | tuple[Model, Sequence[str]]) -> None:
    """Insert each row given by itself, update the named fields of each given with them and whose lock is held.

    All of it or nothing, also where no transaction is open; on PostgreSQL in one round trip.
    """
    statements, new = [], []
    for each in rows:
        if isinstance(each, Model):
            statements.append((_inserting(type(each)), _parameters(each, names_of(type(each)))))
            new.append(each)
        else:
            row, names = each
            statements.append((_updating(type(row), tuple(names)), _parameters(row, (*names, "id"))))
    if connection.vendor == "postgresql":
        # Sent as one and outside a transaction, they are one of their own.
        texts, parameters = zip(*statements, strict=True)
        with connection.cursor() as cursor:
            cursor.execute("; ".join(texts), list(chain.from_iterable(parameters)))
    else:
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            for text, own in statements:
                cursor.execute(text, own)
    for row in new:
        row._state.adding, row._state.db = False, connection.alias


def insert_many(rows: Sequence[Model]) -> None:
    """Insert many new rows of one model, inside the caller's transaction; PostgreSQL copies them."""
    if not rows:
        return
    model = type(rows[0])
    names = names_of(model)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = ", ".join(_column(model, name) for name in names)
            with cursor.copy(" ".join(["COPY", model._meta.db_table, f"({columns})", "FROM STDIN"])) as copy:
                for row in rows:
                    copy.write_row(_parameters(row, names))
        else:
            cursor.executemany(_inserting(model), [_parameters(row, names) for row in rows])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def undoable() -> AbstractContextManager[Any]:
    """Around ``write_together``, for whoever catches what goes wrong in it and goes on inside a transaction."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def prepared(model: type[Model], name: str, value: Any) -> Any:
    """The value as the column of the field takes it."""
    return field_of(model, name).get_db_prep_save(value, connection)


def made(model: type[Model], names: Sequence[str], values: Iterator[Any]) -> Any:
    """A row of the model out of its next values; whatever was not read is fetched when asked for."""
    fields = [field_of(model, name) for name in names]
    here = connections[DEFAULT_DB_ALIAS]
    read = [_converted(field, next(values), here) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], read)


@cache
def field_of(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


@cache
def _inserting(model: type[Model]) -> str:
    columns = [_column(model, name) for name in names_of(model)]
    marks = ["%s"] * len(columns)
    return " ".join(["INSERT INTO", model._meta.db_table, f"({', '.join(columns)}) VALUES ({', '.join(marks)})"])


@cache
def _updating(model: type[Model], names: tuple[str, ...]) -> str:
    columns = [f"{_column(model, name)} = %s" for name in names]
    return " ".join(["UPDATE", model._meta.db_table, "SET", ", ".join(columns), "WHERE id = %s"])


def _column(model: type[Model], name: str) -> str:
    return str(connection.ops.quote_name(str(field_of(model, name).column)))


def _parameters(row: Model, names: Sequence[str]) -> list[Any]:
    fields, here = _fields(type(row), tuple(names)), connections[DEFAULT_DB_ALIAS]
    return [_parameter(field, getattr(row, field.attname), here) for field in fields]


@cache
def _fields(model: type[Model], names: tuple[str, ...]) -> "tuple[Field[Any, Any], ...]":
    return tuple(field_of(model, name) for name in names)


# ``here`` is the connection itself: each question put to ``django.db.connection`` first looks for this thread's own.
def _parameter(field: "Field[Any, Any]", value: Any, here: BaseDatabaseWrapper) -> Any:
    # Nothing stays nothing, and text in a column of text is itself: most of what is written.
    if value is None or (type(value) is str and isinstance(field, _TEXT)):
        return value
    return field.get_db_prep_save(value, here)


def _converted(field: "Field[Any, Any]", value: Any, here: BaseDatabaseWrapper) -> Any:
    column, converters = _converters(field)
    for convert in converters:
        value = convert(value, column, here)
    return value


@cache
def _converters(field: "Field[Any, Any]") -> tuple[Col, tuple[Any, ...]]:
    column = field.get_col(field.model._meta.db_table)
    return column, (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
