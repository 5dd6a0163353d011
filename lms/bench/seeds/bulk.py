"""Millions of rows in minutes: past the verbs, into the tables, with every law of the database back before it is measured.

Rows are what the verbs would have written, hashes included; a test compares. PostgreSQL copies into tables without
their foreign keys and further indexes, which are made again afterwards and so hold for every row.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

BATCH = 5_000
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'u')
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)
"""


def load(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write ``rows``, each with a value for every one of ``names``; other fields get their default. How many there were."""
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    others = [field for name, field in by_name.items() if name not in names]
    defaults = [field.get_default() for field in others]
    columns = [*fields, *others]
    quoted = ", ".join(f'"{field.column}"' for field in columns)
    into = f'"{model._meta.db_table}" ({quoted})'
    whole = ([*row, *defaults] for row in rows)
    return _copy(into, whole) if connection.vendor == "postgresql" else _insert(into, columns, whole)


def _copy(into: str, rows: Iterable[Sequence[Any]]) -> int:
    loaded = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([json.dumps(value) if isinstance(value, dict | list) else value for value in row])
            loaded += 1
    return loaded


def _insert(into: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    loaded, remaining, marks = 0, iter(rows), ", ".join(["%s"] * len(columns))
    with transaction.atomic(), connection.cursor() as cursor:
        while batch := list(islice(remaining, BATCH)):
            prepared = [
                [field.get_db_prep_save(value, connection) for field, value in zip(columns, row, strict=True)]
                for row in batch
            ]
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", prepared)
            loaded += len(batch)
    return loaded


@contextmanager
def unburdened(*nouns: type[models.Model]) -> Iterator[None]:
    """Take foreign keys and indexes off the tables of PostgreSQL while they are filled, and put them back."""
    if connection.vendor != "postgresql":
        yield
        return
    tables = [noun._meta.db_table for noun in nouns]
    constraints = [(table, *row) for table in tables for row in _asked(CONSTRAINTS, table)]
    indexes = [row for table in tables for row in _asked(INDEXES, table, table)]
    with connection.cursor() as cursor:
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        # Keys that others point to come before what points to them.
        for table, name, definition in sorted(constraints, key=lambda row: row[2].startswith("FOREIGN")):
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        cursor.execute("RESET maintenance_work_mem")


def settled() -> None:
    """What a database does by itself in a quiet minute: look at its tables and tidy them up."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _asked(question: str, *about: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(question, about)
        return [(str(name), str(definition)) for name, definition in cursor.fetchall()]
