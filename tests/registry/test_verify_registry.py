"""The list proves itself, and a change behind its back shows."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from lms.registry import services
from lms.registry.models import BanSubject, BanSubjectIndex, ListVersion
from tests.factories import people, registry

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [finding.code for finding in services.verify_registry()]


def test_holds_through_entries_and_annulments() -> None:
    registry.case_in_force(people.person(), people.person())
    registry.annulled(registry.case_in_force(people.person(), until=date(2030, 1, 1)))
    assert codes() == []
    out = StringIO()
    call_command("verify_registry", stdout=out)
    assert "list version 3 holds, 2 entries" in out.getvalue()


def test_the_empty_list_is_version_zero() -> None:
    assert services.current_list_version().number == 0
    assert services.current_list_version().pk == services.current_list_version().pk
    assert codes() == []


def test_a_ban_shortened_behind_its_back_shows() -> None:
    case = registry.case_in_force(people.person(), until=date(2030, 1, 1))
    case.subjects.update(until=date(2027, 1, 1))
    assert codes() == ["version_hash"]
    with pytest.raises(CommandError):
        call_command("verify_registry", stdout=StringIO(), stderr=StringIO())


def test_an_index_taken_away_shows_and_is_put_back() -> None:
    person = registry.banned()
    BanSubjectIndex.objects.all().delete()
    assert codes() == ["not_indexed"]
    assert services.reindex_subjects(actor=people.system(), now=registry.ENTERED) == 1
    assert services.reindex_subjects(actor=people.system(), now=registry.ENTERED) == 0
    assert codes() == []
    assert services.is_barred(person, date(2026, 4, 1)) is not None


def test_a_number_exchanged_shows() -> None:
    one, other = registry.case_in_force(people.person()), registry.case_in_force(people.person())
    stranger = other.subjects.get()
    one.subjects.update(ciphertext=stranger.ciphertext, key_version=stranger.key_version)
    assert "number_changed" in codes()


def test_a_file_changed_in_the_archive_shows() -> None:
    document = registry.case_in_force(people.person()).documents.get().document
    with document.file.storage.open(document.file.name, "wb") as handle:
        handle.write(b"%PDF-1.4 something else")
    assert codes() == ["file_changed"]


def test_found_under_a_new_identity_key(settings: object) -> None:
    import os

    person = registry.banned()
    settings.IDENTITY_KEYS = {**settings.IDENTITY_KEYS, 2: os.urandom(32)}  # type: ignore[attr-defined]
    assert services.is_barred(person, date(2026, 4, 1)) is not None
    assert codes() == ["not_indexed"]
    services.reindex_subjects(actor=people.system(), now=registry.ENTERED)
    assert codes() == []


def test_list_versions_can_not_be_rewritten() -> None:
    registry.banned()
    version = ListVersion.objects.get(number=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_listversion SET entries = 0 WHERE number = 1")
    assert version.entries == BanSubject.objects.count()
