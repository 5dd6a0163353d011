"""What one heartbeat reads, and what it writes: each goes to the database once.

Heartbeats are most of what the product is asked for, so their statements are put together once a process, out of the
models' own columns, and every value still goes through its model's field both ways, as a parameter. Anybody else
reads and saves rows as rows are read and saved everywhere.
"""

import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import F, Field, Model

from courses.catalogue.models import Lesson, Release
from courses.learning.models import Enrolment, Lease, LessonProgress


def _names(model: type[Model], *some: str) -> tuple[str, ...]:
    """All fields of the model, or some of them, in the order in which rows are made."""
    return tuple(field.name for field in model._meta.concrete_fields if not some or field.name in some)


# Where each noun stands as seen from the lease, and what of it is read: a lesson has pages of text, a release more.
_READ: tuple[tuple[str, type[Model], tuple[str, ...]], ...] = (
    ("", Lease, _names(Lease)),
    ("enrolment__progress__", LessonProgress, _names(LessonProgress)),
    ("enrolment__", Enrolment, _names(Enrolment, "id", "state")),
    ("lesson__", Lesson, _names(Lesson, "id", "release", "kind", "title", "seconds")),
    ("lesson__release__", Release, _names(Release, "id", "coverage_share")),
)


def read_locked(lease_id: uuid.UUID, person_id: uuid.UUID) -> tuple[Lease, LessonProgress] | None:
    """This person's lease and how far its lesson is, both rows locked; None for anybody else's.

    Who had to wait for the locks reads both rows as they are after the wait.
    """
    wanted = [_prepared(Lease, "id", lease_id), _prepared(Lease, "person", person_id)]
    with connection.cursor() as cursor:
        cursor.execute(_reading(), wanted)
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    lease, progress, lease.enrolment, lease.lesson, lease.lesson.release = (
        _made(model, names, values) for _path, model, names in _READ
    )
    return lease, progress


def write_together(new: Model, *changed: tuple[Model, Sequence[str]]) -> None:
    """Insert ``new`` and update the named fields of rows whose lock is held; on PostgreSQL in one round trip."""
    statements = [(_inserting(type(new)), _parameters(new, _names(type(new))))]
    for row, names in changed:
        statements.append((_updating(type(row), tuple(names)), _parameters(row, (*names, "id"))))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            texts, parameters = zip(*statements, strict=True)
            cursor.execute("; ".join(texts), list(chain.from_iterable(parameters)))
        else:
            for text, own in statements:
                cursor.execute(text, own)
    new._state.adding, new._state.db = False, connection.alias


@cache
def _reading() -> str:
    """The query as the ORM puts it, asked for by lease and person, in that order."""
    nobody = uuid.UUID(int=0)
    leases = Lease.objects.filter(pk=nobody).filter(person=nobody).filter(enrolment__progress__lesson=F("lesson"))
    text, _nobody = leases.values_list(
        *(path + name for path, _m, names in _READ for name in names)
    ).query.sql_with_params()
    if not connection.features.has_select_for_update:
        return str(text)
    # The lease first, as everywhere; the ORM can't name the rows of a relation to many.
    return f"{text} FOR NO KEY UPDATE OF {Lease._meta.db_table}, {LessonProgress._meta.db_table}"


@cache
def _inserting(model: type[Model]) -> str:
    columns = [_column(model, name) for name in _names(model)]
    marks = ["%s"] * len(columns)
    return " ".join(["INSERT INTO", model._meta.db_table, f"({', '.join(columns)}) VALUES ({', '.join(marks)})"])


@cache
def _updating(model: type[Model], names: tuple[str, ...]) -> str:
    columns = [f"{_column(model, name)} = %s" for name in names]
    return " ".join(["UPDATE", model._meta.db_table, "SET", ", ".join(columns), "WHERE id = %s"])


def _column(model: type[Model], name: str) -> str:
    return str(connection.ops.quote_name(str(_field(model, name).column)))


@cache
def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _prepared(model: type[Model], name: str, value: Any) -> Any:
    return _field(model, name).get_db_prep_save(value, connection)


def _parameters(row: Model, names: Sequence[str]) -> list[Any]:
    return [_prepared(type(row), name, getattr(row, _field(type(row), name).attname)) for name in names]


def _made(model: type[Model], names: Sequence[str], values: Iterator[Any]) -> Any:
    """A row of the model out of its next values; whatever was not read is fetched when asked for."""
    fields = [_field(model, name) for name in names]
    read = [_converted(field, next(values)) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], read)


def _converted(field: "Field[Any, Any]", value: Any) -> Any:
    column = field.get_col(field.model._meta.db_table)
    for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
        value = convert(value, column, connection)
    return value
