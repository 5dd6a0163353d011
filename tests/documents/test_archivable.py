"""Papers as they leave the house, before validators that did not print them: PDF/A-3a and PDF/UA-1."""

import importlib.util
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from certificates.services import print_many, render_pending
from lms.documents import archive, engine, press
from lms.documents.models import ArchivedDocument
from lms.hiring import services
from tests.documents.pdfa import faults
from tests.factories import hiring, people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, annual_certificate, course_certificate
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db

# What one checker says that the standard does not: the field of an unseen signature lies outside the page, which
# ISO 14289-1, 7.18.1 excepts; and a heading in each row of a table of two rows is what they are.
NOT_IN_THE_STANDARD = {"FRM-003", "TBL-010"}


def annual() -> bytes:
    return archive.read(render_pending(certificate_id=annual_certificate().pk, now=NOON))


def course() -> bytes:
    return archive.read(render_pending(certificate_id=course_certificate().pk, now=NOON))


def receipt() -> bytes:
    packs_loaded()
    return archive.read(services.receipt_pdf(hiring.checked(people.institution(), people.person())))


@pytest.mark.parametrize("paper", [annual, course, receipt])
def test_every_paper_is_archivable_and_small(paper: Callable[[], bytes]) -> None:
    content = paper()
    assert faults(content) == []
    assert len(content) < 80_000


def test_papers_cast_in_a_mould_are_archivable_and_small(monkeypatch: pytest.MonkeyPatch) -> None:
    press.moulds.clear()
    layouts: list[str] = []
    lay_out = engine.print_page
    monkeypatch.setattr(engine, "print_page", lambda page: (layouts.append(page), lay_out(page))[1])
    release = released_course(college=people.college(name="浦东开放大学"))
    many = [course_certificate(people.person(), release) for _one in range(press.WORTH_A_MOULD + 4)]
    made = list(print_many(certificate_ids=[one.pk for one in many], now=NOON))
    assert len(layouts) < len(many), "a mould spares most layouts"
    for one in (*made[:2], made[-1]):
        content = archive.read(ArchivedDocument.objects.get(pk=one.document_id))  # type: ignore[union-attr]
        assert faults(content) == []
        assert len(content) < 80_000


def test_a_certificate_is_read_aloud_in_full(tmp_path: Path) -> None:
    """By a checker of PDF/UA-1 with rules of its own."""
    if importlib.util.find_spec("outloud") is None:
        pytest.skip("outloud is not installed")
    import outloud

    path = tmp_path / "annual.pdf"
    path.write_bytes(annual())
    found = [each for each in outloud.check(str(path)).findings if str(each.severity).lower().endswith("error")]
    assert [str(each) for each in found if each.rule not in NOT_IN_THE_STANDARD] == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_everything_on_a_certificate_can_be_searched_and_copied() -> None:
    text = subprocess.run(["pdftotext", "-", "-"], input=annual(), capture_output=True, check=True).stdout.decode()
    for words in ("年度培训合格证书", "This is to certify that", "综合技能培训", "职业道德教育"):
        assert words in text


SPOILS: dict[str, Callable[[pikepdf.Pdf], object]] = {
    "6.2.3": lambda file: file.Root.__delitem__("/OutputIntents"),
    "6.5.2": lambda file: file.Root.__setitem__("/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")),
    "6.7.2": lambda file: file.Root.__delitem__("/MarkInfo"),
    "6.7.4": lambda file: file.Root.__delitem__("/Lang"),
    "6.6.4": lambda file: file.Root.Metadata.write(file.Root.Metadata.read_bytes().replace(b'"3"', b'"2"')),
    "6.6.2.3.2": lambda file: file.Root.Metadata.write(
        file.Root.Metadata.read_bytes().replace(b"namespaceURI>", b"prefix>")
    ),
    "6.7.3.4": lambda file: [each.__delitem__("/Alt") for each in file.objects if _is(each, "/S", "/Figure")],
    "6.2.11.7.2": lambda file: [each.__delitem__("/ToUnicode") for each in file.objects if "/ToUnicode" in _keys(each)],
    "6.2.11.4.1": lambda file: [
        each.__delitem__(key) for each in file.objects for key in ("/FontFile2", "/FontFile3") if key in _keys(each)
    ],
    "6.2.11.8": lambda file: file.pages[0].contents_add(b"/Artifact BMC BT /F 9 Tf <7FFF> Tj ET EMC"),
    "6.3.1": lambda file: file.pages[0].obj.Annots[0].__setitem__("/Subtype", pikepdf.Name.Movie),
    "6.3.2": lambda file: file.pages[0].obj.Annots[0].__setitem__("/F", 2),
    "ISO 14289-1 7.1": lambda file: file.pages[0].contents_add(b"0 0 9 9 re f"),
    "ISO 14289-1 7.5": lambda file: [each.A.__delitem__("/Scope") for each in file.objects if _is(each, "/S", "/TH")],
}


def _keys(thing: object) -> set[str]:
    return set(thing.keys()) if isinstance(thing, pikepdf.Dictionary) else set()


def _is(thing: object, key: str, value: str) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get(key) == value


def test_the_second_opinion_finds_what_is_spoilt() -> None:
    """Each clause is broken once in a good paper; an opinion that finds nothing proves nothing."""
    content = annual()
    for clause, spoil in SPOILS.items():
        spoilt = io.BytesIO()
        with pikepdf.open(io.BytesIO(content)) as file:
            if clause == "6.2.11.8":
                fonts = file.pages[0].obj.Resources.Font
                fonts["/F"] = fonts[next(iter(fonts.keys()))]
            spoil(file)
            file.save(spoilt)
        assert [each for each in faults(spoilt.getvalue()) if each.startswith(clause)], clause
    with pikepdf.open(io.BytesIO(content)) as file:
        locked = io.BytesIO()
        file.save(locked, encryption=pikepdf.Encryption(owner="x", user=""))
    assert "6.1.3: encrypted" in faults(locked.getvalue())
