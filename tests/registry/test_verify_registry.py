"""The list proves itself, and a change behind its back shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from lms.audit.append_only import drop_statements
from lms.registry import services
from lms.registry.models import BanState, BanSubject, BanSubjectIndex, ListLeaf, ListNode, ListVersion
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


@contextmanager
def behind_its_back(model: Any) -> Iterator[Any]:
    """What somebody with the database in their hands can do: the triggers are gone."""
    with connection.cursor() as cursor:
        for statement in drop_statements(connection.vendor, model._meta.db_table):
            cursor.execute(statement)
    yield model.objects


@pytest.fixture
def three_versions() -> None:
    registry.case_in_force(people.person(), people.person())
    registry.annulled(registry.case_in_force(people.person()))
    assert codes() == []


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, {"root": "ab" * 32}),
        (1, {"entries": 1}),
        (2, {"size": 2}),
        (2, {"hash": "cd" * 32}),
        (3, {"at": registry.ENTERED}),
    ],
)
def test_a_version_changed_shows_as_the_first_that_fails(
    three_versions: None, number: int, change: dict[str, Any]
) -> None:
    with behind_its_back(ListVersion) as rows:
        rows.filter(number=number).update(**change)
    assert services.verify_registry() == [services.Finding("version_hash", str(number))]


def test_a_signature_changed_or_taken_away_shows(three_versions: None) -> None:
    with behind_its_back(ListVersion) as rows:
        other = rows.get(number=3).signature
        rows.filter(number=2).update(signature=other)
        assert services.verify_registry() == [services.Finding("version_signature", "2")]
        rows.filter(number=2).update(signature="")
        assert services.verify_registry() == [services.Finding("not_signed", "2")]


def test_a_version_taken_out_shows(three_versions: None) -> None:
    with behind_its_back(ListVersion) as rows:
        rows.filter(number=2).delete()
    assert services.verify_registry()[0] == services.Finding("version_gap", "2")


def test_a_line_taken_out_or_exchanged_shows(three_versions: None) -> None:
    with behind_its_back(ListLeaf) as rows:
        first, second = rows.get(position=1), rows.get(position=2)
        subjects = (first.subject_id, second.subject_id)
        rows.filter(position=1).delete()
        assert services.verify_registry()[0] == services.Finding("version_hash", "1")
        rows.create(position=1, act="entered", subject_id=subjects[0], state=first.state)
        assert codes() == []
        rows.filter(position=2).delete()
        rows.filter(position=1).update(subject_id=subjects[1])
        assert services.verify_registry()[0] == services.Finding("version_hash", "1")


def test_a_hash_of_the_tree_changed_shows(three_versions: None) -> None:
    with behind_its_back(ListNode) as rows:
        rows.filter(level=1, place=0).update(hash="00" * 32)
    assert services.verify_registry() == [services.Finding("node_changed", "1:0")]


def test_a_ban_slipped_in_without_a_version_shows(three_versions: None) -> None:
    case = registry.submitted_case(people.person())
    officer = registry.confirming()
    BanState.objects.create(case=case, number=3, state="in_force", officer=officer, at=registry.ENTERED)
    assert [finding.code for finding in services.verify_registry()] == ["version_missing"]


def test_one_officer_for_both_words_shows(three_versions: None) -> None:
    case = registry.case_in_force(people.person())
    drafted = case.states.get(number=1)
    with behind_its_back(BanState) as rows:
        rows.filter(case=case, state="in_force").update(officer=drafted.officer)
    assert [finding.code for finding in services.verify_registry()] == ["same_officer"]
