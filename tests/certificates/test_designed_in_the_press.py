"""Issuers' own sheets in bulk: cast in a mould like the product's, and each as it would be printed by itself."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import ImageChops

from certificates.drawing import _data, design_by_id
from certificates.models import Certificate, CertificateDocument
from certificates.services import issue_certificate, print_many
from certificates.sheet import TEMPLATE, sheet_of
from lms.documents import archive, engine, pdf, press, signing
from lms.people.models import Organisation
from tests.documents.pdfa import faults
from tests.documents.test_press import looks_of, text_of, told_of
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import drawing, picture, post_type, published
from tests.factories.certificates import NOON, SYSTEM, passed_course
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
NAMES = [f"{surname}{given}" for given in ("秋月", "晓彤", "志远") for surname in "赵钱孙李周吴郑王冯"]
ODD = {4: "欧阳古丽米热·买买提明", 11: "王𠮷", 20: "Sofia Effie"}  # long, rare, set with ligatures


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    press.moulds.clear()
    yield
    design_by_id.cache_clear()
    _data.cache_clear()


@pytest.fixture
def college() -> Organisation:
    packs_loaded()
    return people.college(name="浦东开放大学")


LOOKS: dict[str, dict[str, Any]] = {
    "across, both languages, three pictures": {"orientation": "landscape", "language": "bilingual", "pictures": True},
    "upright, Chinese, without hours": {"orientation": "portrait", "language": "zh", "hours": False, "accent": "plum"},
    "upright, English": {"orientation": "portrait", "language": "en", "accent": "indigo"},
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_each_is_as_it_would_be_by_itself(
    look: dict[str, Any], college: Organisation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held = certificates(college, dict(look))
    laid_out: list[str] = []
    lay_out = engine.print_page
    monkeypatch.setattr(engine, "print_page", lambda page: laid_out.append(page) or lay_out(page))
    made = list(print_many(certificate_ids=[one.pk for one in held], now=NOON))
    assert [one.certificate_id for one in made] == [one.pk for one in held]
    if look["language"] != "en":  # there figures are set by a rule of the face that the press does not know
        assert len(laid_out) < len(held) * 2 // 3, "a mould was made, and most sheets were cast in it"
    for number in (0, 4, 11, 20, len(held) - 1):
        paper = archive.read(CertificateDocument.objects.get(certificate=held[number]).document)
        alone = signing.sign(
            lay_out(pdf.page(TEMPLATE, sheet_of(held[number]), language="zh-hans")), reason="-", now=NOON
        )
        assert told_of(paper) == told_of(alone)
        assert text_of(paper, tmp_path) == text_of(alone, tmp_path)
        seen = ImageChops.difference(looks_of(paper, tmp_path), looks_of(alone, tmp_path)).histogram()
        assert sum(seen[64:]) < 20
        assert faults(paper) == []
        assert signing.examine(paper).good
        with pikepdf.open(io.BytesIO(paper)) as file, pikepdf.open(io.BytesIO(alone)) as other:
            assert len(file.pages[0].get_images()) == len(other.pages[0].get_images())
        assert len(paper) < 80_000


def certificates(college: Organisation, look: dict[str, Any]) -> list[Certificate]:
    """A class whose certificates bear the college's own look."""
    release = released_course(college=college, title="安全睡眠")
    kind = post_type(college, release, title="岗位合格证书")
    if look.pop("pictures", False):
        look["seal"] = picture(college)
        look["logo"] = picture(college, drawing(size=(300, 90)))
        look["ground"] = picture(college, drawing("ground.jpg", size=(1200, 850), colour=(244, 248, 244)))
    published(kind, college, **look)
    held = []
    for number, name in enumerate(NAMES):
        someone = people.person(name=ODD.get(number, name))
        passed_course(someone, release)
        held.append(issue_certificate(person=someone, type=kind, period="once", actor=SYSTEM, now=NOON))
    return held
