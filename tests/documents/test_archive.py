"""The archive: the same bytes come out or nothing does, and no name in it tells whom a file is about."""

import hashlib
import re
from datetime import UTC, datetime

import pytest

from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.documents import archive
from lms.documents.archive import Damaged
from lms.documents.models import ArchivedDocument
from tests.factories.documents import archived

pytestmark = pytest.mark.django_db


def test_what_is_stored_comes_back() -> None:
    document = archived(b"%PDF- paper")
    document.refresh_from_db()
    assert archive.read(document) == b"%PDF- paper"
    assert (document.size, document.sha256) == (11, hashlib.sha256(b"%PDF- paper").hexdigest())
    assert document.signed is False


def test_its_place_says_kind_and_month_there_and_nothing_of_a_person() -> None:
    new_year_there = datetime(2026, 12, 31, 16, tzinfo=UTC)
    document = archived(kind="certificate", now=new_year_there)
    assert re.fullmatch(rf"certificate/2027/01/{document.id}\.pdf", document.file.name)


def test_storing_leaves_an_event_without_the_file_name() -> None:
    document = archived()
    event = AuditEvent.objects.get(verb="document.archived")
    assert event.subject_id == document.id
    assert event.changes == {"kind": "proof", "sha256": document.sha256, "size": document.size, "signed": False}


def test_twice_the_same_bytes_are_two_documents() -> None:
    first, second = archived(), archived()
    assert first.file.name != second.file.name
    assert first.sha256 == second.sha256


def test_altered_bytes_are_not_given_out() -> None:
    document = archived()
    with document.file.storage.open(document.file.name, "wb") as handle:
        handle.write(b"%PDF-1.7 forged")
    with pytest.raises(Damaged) as refusal:
        archive.read(ArchivedDocument.objects.get())
    assert (refusal.value.code, refusal.value.status) == ("document_altered", 500)


def test_a_lost_file_is_told() -> None:
    document = archived()
    document.file.storage.delete(document.file.name)
    with pytest.raises(Damaged) as refusal:
        archive.read(ArchivedDocument.objects.get())
    assert refusal.value.code == "document_lost"


def test_nothing_is_archived_without_an_actor() -> None:
    with pytest.raises(TypeError):
        archive.store(
            kind="proof",
            file_name="a.pdf",
            content_type="application/pdf",
            content=b"x",
            now=datetime(2026, 11, 21, tzinfo=UTC),
            actor=None,  # type: ignore[arg-type]
        )
    assert not ArchivedDocument.objects.exists()


def test_a_file_name_is_a_name_and_no_path() -> None:
    document = archive.store(
        kind="proof",
        file_name="../../etc/证明.pdf",
        content_type="application/x-unknown",
        content=b"x",
        now=datetime(2026, 11, 21, tzinfo=UTC),
        actor=Actor.system("test-archive"),
    )
    assert document.file_name == "证明.pdf"
    assert document.file.name.endswith(".bin")
