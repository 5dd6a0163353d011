"""``print_many``: every missing PDF once, archived like one made by itself; two printers, or a killed one, leave one each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from certificates.models import Certificate, CertificateDocument
from certificates.services import Made, NotMade, by_file, print_many, printing_many, render_pending
from lms.audit.models import AuditEvent
from lms.documents import archive, pdf, press
from lms.documents.models import ArchivedDocument
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, TODAY, course_certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Certificate]:
    release = released_course(college=people.college(name="浦东开放大学"))
    return [course_certificate(people.person(name=name), release) for name in ("林小满", "古丽·买买提", "王㛃")]


def files_of_certificates() -> set[Path]:
    storage = ArchivedDocument._meta.get_field("file").storage  # type: ignore[union-attr]
    return set((Path(storage.location) / "certificate").rglob("*.pdf"))


def printed(certificates: list[Certificate]) -> list[Made | NotMade]:
    return list(print_many(certificate_ids=[one.pk for one in certificates], now=NOON))


def test_each_has_its_own_paper_in_the_order_asked_for(three: list[Certificate]) -> None:
    told = printed(three)
    assert [one.certificate_id for one in told] == [one.pk for one in three]
    for certificate, one in zip(three, told, strict=True):
        document = ArchivedDocument.objects.get(pk=one.document_id)  # type: ignore[union-attr]
        assert (document.kind, document.signed, document.file_name) == (
            "certificate",
            True,
            f"{certificate.serial}.pdf",
        )
        assert by_file(archive.read(document), TODAY).certificate == certificate
        assert document.size < 80_000


def test_the_same_events_as_one_by_one(three: list[Certificate]) -> None:
    render_pending(certificate_id=three[0].pk, now=NOON)
    printed(three[1:])
    events = AuditEvent.objects.filter(verb__in=["certificate.printed", "document.archived"])
    alone, *others = events.filter(verb="certificate.printed").order_by("pk")
    for event in others:
        assert (event.actor_label, event.subject_type) == (alone.actor_label, alone.subject_type)
        assert event.changes.keys() == alone.changes.keys()
    assert {event.person_id for event in (alone, *others)} == {one.person_id for one in three}
    assert [event.changes.keys() for event in events.filter(verb="document.archived")] == [
        {"kind", "sha256", "size", "signed"}
    ] * 3


def test_twice_is_once(three: list[Certificate]) -> None:
    assert len(printed(three)) == 3
    assert printed(three) == []
    assert CertificateDocument.objects.count() == 3


def test_what_somebody_else_printed_meanwhile_is_not_printed_twice(
    three: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = press.printed

    def draw_slowly(**more: Any) -> Iterator[bytes | press.Spoiled]:
        papers = list(draw(**more))
        render_pending(certificate_id=three[1].pk, now=NOON)
        yield from papers

    monkeypatch.setattr(press, "printed", draw_slowly)
    told = printed(three)
    assert [type(one) for one in told] == [Made] * 3
    assert CertificateDocument.objects.count() == ArchivedDocument.objects.filter(kind="certificate").count() == 3


def test_killed_before_the_rows_are_kept_leaves_no_file_and_all_the_work(
    three: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    before = files_of_certificates()
    with monkeypatch.context() as patch:
        patch.setattr(printing_many, "record_many", killed)
        with pytest.raises(SystemExit):
            printed(three)
    assert Certificate.objects.unrendered().count() == 3
    assert files_of_certificates() == before
    assert len(printed(three)) == 3


def test_one_that_can_not_be_printed_keeps_no_other(three: list[Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "pdf", Failing(three[1].serial))
    told = printed(three)
    assert [type(one) for one in told] == [Made, NotMade, Made]
    assert list(Certificate.objects.unrendered()) == [three[1]]


def test_one_whose_pictures_the_archive_lost_keeps_no_other(
    three: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = printing_many.sheet_of

    def without_pictures(certificate: Certificate) -> dict[str, Any]:
        if certificate == three[1]:
            raise archive.Damaged("document_lost", "lost")
        return draw(certificate)

    monkeypatch.setattr(printing_many, "sheet_of", without_pictures)
    told = printed(three)
    assert [type(one) for one in told] == [Made, NotMade, Made]
    assert told[1].error.code == "document_lost"  # type: ignore[union-attr]
    assert list(Certificate.objects.unrendered()) == [three[1]]
    monkeypatch.undo()
    assert [type(one) for one in printed(three)] == [Made]


def test_a_database_that_is_away_is_nobodys_fault(three: list[Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_certificate: Certificate) -> None:
        raise OperationalError

    monkeypatch.setattr(printing_many, "sheet_of", away)
    with pytest.raises(OperationalError):
        printed(three)


class Failing:
    """A renderer that breaks on one certificate."""

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def page(self, template: str, sheet: dict[str, Any], *, language: str) -> str:
        if sheet["certificate"].serial == self.serial:
            raise OSError("out of ink")
        return pdf.page(template, sheet, language=language)
