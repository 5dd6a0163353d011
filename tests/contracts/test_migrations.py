"""Migrations say what the models say, in one line per app, and protect every append-only table from its first day."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from lms.audit.append_only import ProtectAppendOnly
from lms.audit.protection import append_only_models

OURS = ("lms.", "courses.", "certificates", "cms")


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output, verbosity=1)
    except SystemExit:
        pytest.fail(output.getvalue())


def test_each_app_has_one_line_of_migrations(loader: MigrationLoader) -> None:
    assert loader.detect_conflicts() == {}


def test_every_append_only_model_is_protected_by_a_migration_of_its_app(loader: MigrationLoader) -> None:
    protected = {
        operation.label.lower()
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, ProtectAppendOnly)
    }
    assert {model._meta.label_lower for model in append_only_models()} == protected


def test_our_migrations_can_be_undone(loader: MigrationLoader) -> None:
    one_way = [
        f"{migration.app_label}.{migration.name}: {operation.describe()}"
        for migration in loader.disk_migrations.values()
        if type(migration).__module__.startswith(OURS)
        for operation in migration.operations
        if not operation.reversible
    ]
    assert one_way == []
