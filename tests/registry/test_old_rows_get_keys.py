"""Whoever was listed before there were keys is found by them after the upgrade, under everything known of them."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lms.people.models import PreviousName
from lms.people.services import add_document
from lms.registry.models import BanMatchKey, BanSubject
from lms.registry.services import screening_candidates, verify_registry
from lms.registry.services.finding import gaps
from lms.rules import identity
from lms.rules.screening import Outcome, Query, screen
from tests.factories import people, registry

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = "0003_list_log"
TODAY = date(2026, 3, 10)
Migrate = Callable[[str], None]


@pytest.fixture
def migrate() -> Iterator[Migrate]:
    """Bring the registry's tables to one of its migrations; the newest again at the end, whatever happens."""

    def to(name: str) -> None:
        MigrationExecutor(connection).migrate([("registry", name)])

    newest = max(name for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes() if app == "registry")
    yield to
    to(newest)


def asked(name: str, number: str, kind: str = "resident_id", born: date | None = None) -> str:
    """What a check answers."""
    read = identity.parse(kind, number)
    found = screening_candidates(number=read, name=name, birth_date=born, holder=None, on=TODAY)
    return screen(Query(read.type, read.canonical, name, born), found).outcome


def test_old_rows_are_found_by_number_by_another_document_and_by_an_earlier_name(migrate: Migrate) -> None:
    number, passport = people.resident_number(), "E12345678"
    linked = people.person(name="欧阳峰", document_number=number)
    add_document(
        person=linked,
        document_type="passport",
        document_number=passport,
        valid_from=TODAY,
        actor=people.system(),
        now=registry.ENTERED,
    )
    PreviousName.objects.create(person=linked, name="欧阳明", until=date(2020, 1, 1))
    stranger = people.resident_number()
    registry.case_in_force(
        linked, unknown=[{"name": "王小明", "document_type": "resident_id", "document_number": stranger}]
    )
    wanted = set(BanMatchKey.objects.values_list("subject_id", "key"))

    migrate(BEFORE)
    migrate("0004_match_keys")
    assert set(BanMatchKey.objects.values_list("subject_id", "key")) >= wanted
    migrate("0007_exchange")

    assert not any(gap.keys or gap.indexes for gap in gaps(BanSubject.objects.all()))
    assert verify_registry() == []
    assert asked("欧阳峰", number) == Outcome.BARRED
    assert asked("欧阳明", passport, "passport") == Outcome.BARRED
    assert asked("王小明", stranger) == Outcome.BARRED
    assert asked("张大海", people.resident_number()) == Outcome.CLEAR
