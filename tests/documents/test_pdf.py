"""Printing: Chinese, small, the same each time, tagged and archivable, and without a look outside."""

import io
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from weasyprint.urls import FatalURLFetchingError

from lms.documents import fonts, pdf, qr

CREATED = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
PAGE = """{% extends "documents/base.html" %}
{% block title %}年度培训合格证书{% endblock %}
{% block content %}<section class="certificate"><h1>年度培训合格证书</h1><p class="holder">{{ name }}</p>
<p>完成职业技能培训 <span class="number">72</span> 学时、职业道德培训 <span class="number">40</span> 学时，特发此证。</p>
<svg class="qr" viewBox="0 0 {{ qr.size }} {{ qr.size }}"><path fill="#1b2a2f" d="{{ qr.d }}"/></svg>
{{ extra|safe }}</section>{% endblock %}"""


@pytest.fixture(autouse=True)
def template(settings: object, tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_text(PAGE)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]  # type: ignore[attr-defined]


def printed(name: str = "王敏", extra: str = "") -> bytes:
    code = qr.svg_path("https://lms.example.gov.cn/verify/0123456789")
    return pdf.render("paper.html", {"name": name, "qr": code, "created": CREATED, "extra": extra})


def text_of(content: bytes) -> str:
    """What a reader can copy from the document, as another program sees it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def test_it_is_archivable_tagged_and_titled() -> None:
    with pikepdf.open(io.BytesIO(printed())) as document:
        assert len(document.pages) == 1
        meta = document.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "zh-hans"
        assert document.docinfo["/Title"] == "年度培训合格证书"
        assert "20261231" in str(document.docinfo["/CreationDate"])


def test_the_same_page_gives_the_same_bytes() -> None:
    assert printed() == printed()
    assert printed() != printed("李红")


@pytest.mark.parametrize("name", ["王㛃", "李𬭁", "古丽·买买提", "Ó Briain"])
def test_rare_characters_print(name: str) -> None:
    assert fonts.missing_glyphs(name) == ()
    assert name in text_of(printed(name))


def test_only_the_two_faces_are_in_it_whatever_the_machine_has() -> None:
    with pikepdf.open(io.BytesIO(printed())) as document:
        names = {
            str(thing.FontName).partition("+")[2]
            for thing in document.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"
        }
    assert names
    assert all(name.startswith("Document-S") for name in names)


@pytest.fixture
def without_rare_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "RARE_PLACES", ())


@pytest.mark.usefixtures("without_rare_faces")
def test_characters_no_face_has_are_named_once_in_order() -> None:
    assert fonts.missing_glyphs("张𠮷丽☐𠮷\u200b\n") == ("𠮷", "☐")


needs_a_rare_face = pytest.mark.skipif(not fonts.rare_faces(), reason="fonts-hanazono is not installed")


@needs_a_rare_face
def test_rare_ideographs_come_from_a_face_that_carries_them_alone() -> None:
    name = "王𠮷𣈶"  # extension B, in no face of Noto's
    assert fonts.missing_glyphs(name) == ()
    assert fonts.stand_ins(name) == {"rare-0": frozenset("𠮷𣈶")}
    content = printed(name)
    assert name in text_of(content)
    assert len(content) < len(printed("王敏")) + 12_000
    assert len(fonts.cut("rare-0", name)) < 12_000


@needs_a_rare_face
def test_what_no_face_at_all_has_is_still_named() -> None:
    assert fonts.missing_glyphs("王𠮷\U0003134a") == ("\U0003134a",)


def test_an_operators_face_is_asked_first(settings: object, tmp_path: Path) -> None:
    own = tmp_path / "own.otf"
    own.write_bytes(fonts.faces()["serif"].read_bytes())
    settings.RARE_FONT_FILES = [str(own)]  # type: ignore[attr-defined]
    assert fonts.rare_faces()["rare-0"] == own


@pytest.mark.parametrize("face", ["serif", "sans"])
def test_each_glyph_is_numbered_by_its_place(face: str) -> None:
    """PDF finds a glyph of such a face by its number, WeasyPrint writes its place: some readers showed empty pages."""
    font = TTFont(io.BytesIO(fonts.cut(face, "年度培训合格证书㛃𬭁")))
    names = font["CFF "].cff.topDictIndex[0].charset
    assert names[1:] == [f"cid{place:05d}" for place in range(1, len(names))]
    assert {chr(code) for code in font.getBestCmap()} >= set("年度培训合格证书㛃𬭁")


def test_a_certificate_is_small_and_quick() -> None:
    printed()
    started = time.perf_counter()
    content = printed()
    assert len(content) < 80_000
    assert time.perf_counter() - started < 1.5  # 0.05 s on a quiet machine


def test_without_harfbuzz_it_still_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "harfbuzz_subset", lambda: None)
    content = printed()
    assert "王" in text_of(content)
    assert len(content) < 300_000


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x.png", "https://example.org/x.png", "file:///etc/hostname", "ftp://127.0.0.1/x", "face:../x"],
)
def test_a_document_fetches_nothing(address: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        printed(extra=f'<img src="{address}" alt="">')


def test_a_font_of_somebody_else_is_not_fetched() -> None:
    style = "<style>@font-face { font-family: X; src: url(file:///etc/hostname) } p { font-family: X }</style>"
    with pytest.raises(FatalURLFetchingError):
        printed(extra=style)


def test_pictures_written_into_the_page_are_drawn() -> None:
    with pikepdf.open(io.BytesIO(printed(extra=f'<img src="{qr.png_data_uri("x")}" alt="">'))) as document:
        assert any("/XObject" in page.Resources for page in document.pages)


def test_names_are_never_markup() -> None:
    assert printed("<img src=http://127.0.0.1:9/>")
