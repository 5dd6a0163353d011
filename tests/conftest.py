"""Ground of the suite: tables that really are append-only, and files of each test apart."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from pytest_django import DjangoDbBlocker

from tests import migrated, order

# Emptying only what holds rows is many times faster than TRUNCATE of every table.
EMPTY_ON_POSTGRESQL = """
DO $$ DECLARE name text; filled boolean; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
END $$
"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several processes begin with what takes long."""
    given = getattr(config, "workerinput", None)
    if given:
        items[:] = order.dealt(items, given["workercount"])


@pytest.fixture(scope="session", autouse=True)
def _rare_sweeps() -> None:
    """What was imported stays: the collector need not walk over all of it again in the middle of every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Start from the copy of a migrated database where there is one."""
    return migrated.bring()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker) -> None:
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            migrated.keep()


@pytest.fixture(scope="session", autouse=True)
def _flush_lifts_the_law() -> Iterator[None]:
    """A transactional test empties the tables afterwards; only the suite may do so, for the length of that flush."""
    original = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "sqlite":
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
                for name, _sql in triggers:
                    cursor.execute(f'DROP TRIGGER "{name}"')
                original(self, sql_list)
                for _name, sql in triggers:
                    cursor.execute(sql)
            else:
                cursor.execute("SET session_replication_role = replica")
                cursor.execute(EMPTY_ON_POSTGRESQL)
                cursor.execute("SET session_replication_role = DEFAULT")

    BaseDatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
    yield
    BaseDatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _files_of_their_own(settings: object, tmp_path: Path) -> None:
    """Each test stores its files apart."""
    storages = {name: dict(value) for name, value in settings.STORAGES.items()}  # type: ignore[attr-defined]
    for area in ("default", "archive"):
        storages[area] = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / area), "base_url": "/media/"},
        }
    settings.STORAGES = storages  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture
def on_sqlite() -> bool:
    return connection.vendor == "sqlite"
