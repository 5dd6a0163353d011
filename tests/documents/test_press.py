"""The press: every paper in its sheet's place, as it would be by itself; a spoiled sheet spoils nothing else."""

import io
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from lms.documents import engine, pdf, press, press_learning, qr, signing
from tests.factories.authority import Authority, key_file

pytestmark = pytest.mark.usefixtures("keys")

NOW = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
REASON = "签发（年度）"
PAGE = """{% extends "documents/base.html" %}{% block title %}证书 {{ name }} & {{ serial }}{% endblock %}
{% block meta %}<meta name="author" content="{{ body }}"><meta name="description" content="核验 {{ url }}">{% endblock %}
{% block style %}h1 { text-align: center } .holder { text-align: center; letter-spacing: .16em; text-indent: .16em;
font-size: 30pt } .serial { position: absolute; right: 0; top: 0 } td.number { text-align: right }{% endblock %}
{% block content %}<section class="certificate"><h1>年度培训合格证书</h1><p class="holder">{{ name }}</p>
<p class="serial">编号 No. <span class="number">{{ serial }}</span> 号</p>
<table><tr><th>学时</th><td class="number">{{ hours }}</td></tr></table>
<a href="{{ url }}"><svg class="qr" viewBox="0 0 {{ qr.size }} {{ qr.size }}" role="img" aria-label="核验 {{ serial }}">
<path fill="#1b2a2f" d="{{ qr.d }}"/></svg></a><p class="quiet">{{ body }}</p>{{ extra|safe }}</section>{% endblock %}"""
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", ("秋月", "晓彤", "志远")


@pytest.fixture(autouse=True)
def template(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_text(PAGE)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]
    press.moulds.clear()


def sheet(number: int, name: str = "", **more: Any) -> dict[str, Any]:
    url = f"https://lms.example.gov.cn/verify/{number:043d}/"
    return {
        "name": name or SURNAMES[number % 10] + GIVEN[number % 3],
        "serial": f"ANN-2026-310000-{number:07d}-K",
        "hours": str(72 + number % 40),
        "body": "上海市卫生健康委员会",
        "url": url,
        "qr": qr.svg_path(url),
        "created": NOW + timedelta(seconds=number),
        **more,
    }


def printed(sheets: list[dict[str, Any]]) -> list[bytes]:
    papers = list(press.printed(template="paper.html", sheets=sheets, reasons=REASON, now=NOW))
    for paper in papers:
        assert isinstance(paper, bytes), paper
    return papers  # type: ignore[return-value]


def alone(one: dict[str, Any]) -> bytes:
    return signing.sign(pdf.render("paper.html", one), reason=REASON, now=NOW)


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every page that was laid out."""
    seen: list[str] = []
    lay_out = engine.print_page

    def watched(page: str) -> bytes:
        seen.append(page)
        return lay_out(page)

    monkeypatch.setattr(engine, "print_page", watched)
    return seen


def of_poppler(command: str, content: bytes, tmp_path: Path, *options: str) -> Any:
    if shutil.which(command) is None:
        pytest.skip(f"{command} (poppler-utils) is not installed")
    (tmp_path / "paper.pdf").write_bytes(content)
    return subprocess.run([command, *options, tmp_path / "paper.pdf"], capture_output=True, check=True).stdout


def text_of(content: bytes, tmp_path: Path) -> str:
    (tmp_path / "paper.pdf").write_bytes(content)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    return subprocess.run(
        ["pdftotext", "-layout", tmp_path / "paper.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout


def looks_of(content: bytes, tmp_path: Path) -> Image.Image:
    of_poppler("pdftoppm", content, tmp_path, "-r", "96", "-gray", "-singlefile")
    drawn = of_poppler("pdftoppm", content, tmp_path, "-r", "96", "-gray")
    return Image.open(io.BytesIO(drawn))


def told_of(content: bytes) -> dict[str, Any]:
    """What a file says of itself, of its links and of its drawings."""
    with pikepdf.open(io.BytesIO(content)) as file:
        xmp = file.Root.Metadata.read_bytes().decode()
        return {
            "info": {
                key: str(value) for key, value in file.docinfo.items() if key in ("/Title", "/Author", "/Subject")
            },
            "created": str(file.docinfo["/CreationDate"]).rstrip("'"),
            "created in XMP": re.findall(r"2026-12-31T[0-9:+]+|2027-01-01T[0-9:+]+", xmp)[:1],
            "title in XMP": re.findall(r"<rdf:li xml:lang=\"x-default\">([^<]*)<", xmp),
            "links": [str(note.A.URI) for note in file.pages[0].Annots if "/A" in note],
            "marked": bool(file.Root.MarkInfo.Marked),
            "spoken": [
                str(each.Alt) for each in file.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
            ],
            "elements": sum(
                isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem" for each in file.objects
            ),
        }


def fonts_of(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as file:
        return [font.ToUnicode.read_bytes().decode() for font in file.pages[0].Resources.Font.values()]


def test_a_pressed_paper_is_the_one_printed_by_itself(layouts: list[str], tmp_path: Path) -> None:
    sheets = [sheet(number) for number in range(30)]
    sheets[7] = sheet(7, name="AVATAR Tove")  # set with kerning, and wide
    papers = printed(sheets)
    assert len(layouts) < 12, "a mould is made of a few prints, and no sheet is laid out afterwards"
    for number in (0, 7, 29):
        by_itself = alone(sheets[number])
        assert told_of(papers[number]) == told_of(by_itself)
        assert text_of(papers[number], tmp_path) == text_of(by_itself, tmp_path)
        differing = ImageChops.difference(looks_of(papers[number], tmp_path), looks_of(by_itself, tmp_path)).histogram()
        assert sum(differing[64:]) < 20
        assert len(papers[number]) < 80_000


def test_every_signature_is_good(tmp_path: Path) -> None:
    paper = printed([sheet(number) for number in range(24)])[11]
    assert "Signature is Valid" in (told := of_poppler("pdfsig", paper, tmp_path, "-nocert").decode())
    assert "Total document signed" in told
    [signature] = PdfFileReader(io.BytesIO(paper)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], moment=NOW)
    status = validate_pdf_signature(signature, context)
    assert (status.intact, status.valid, status.coverage.name) == (True, True, "ENTIRE_FILE")
    assert (signature.sig_object["/Reason"], signature.self_reported_timestamp) == (REASON, NOW)
    altered = paper.replace(b"/Producer (", b"/Producer  (", 1)[: len(paper)]
    [signature] = PdfFileReader(io.BytesIO(altered), strict=False).embedded_signatures
    assert not validate_pdf_signature(signature, context).intact


def test_nobodys_name_is_in_anybody_elses_file() -> None:
    papers = printed([sheet(number) for number in range(30)])
    for number, paper in enumerate(papers):
        in_it = "".join(fonts_of(paper)).lower()
        for other in SURNAMES:
            assert (f"{ord(other):04x}>" in in_it) == (other == SURNAMES[number % 10])
        assert "press" not in str(told_of(paper))


def test_what_fits_no_mould_is_printed_by_itself(layouts: list[str]) -> None:
    odd = {3: "Sofia Effie", 9: "王\u0301敏", 21: "名" * 40}  # ligatures, a mark on a letter, two lines
    sheets = [sheet(number, name=odd.get(number, "")) for number in range(30)]
    papers = printed(sheets)
    for number, name in odd.items():
        assert told_of(papers[number])["info"]["/Title"].startswith(f"证书 {name}")
        assert any(name in page for page in layouts)
    assert [told_of(paper)["info"]["/Title"][-9:-2] for paper in papers] == [f"{number:07d}" for number in range(30)]


def test_a_mould_that_does_not_prove_itself_is_not_used(monkeypatch: pytest.MonkeyPatch, layouts: list[str]) -> None:
    """Were names set a little too far to the right, nobody would be printed so."""
    monkeypatch.setattr(press_learning, "_even", lambda share: share * 1.2)
    sheets = [sheet(number, name="王敏" if number % 2 else "") for number in range(24)]
    papers = printed(sheets)
    assert layouts.count(pdf.page("paper.html", sheets[5])) == 1
    assert told_of(papers[5]) == told_of(alone(sheets[5]))


def test_a_mould_is_at_hand_for_the_next_ones(layouts: list[str]) -> None:
    printed([sheet(number) for number in range(24)])
    layouts.clear()
    assert len(printed([sheet(number) for number in range(100, 103)])) == 3
    assert layouts == []


def test_another_key_signs_with_another_mould(settings: Any, authority: Authority, tmp_path: Path) -> None:
    sheets = [sheet(number) for number in range(24)]
    before = printed(sheets)[0]
    settings.SIGNING_KEY_FILE = str(key_file(authority.signer("上海市托育人才培训中心"), tmp_path))
    after = printed(sheets)[0]
    names = [
        PdfFileReader(io.BytesIO(paper)).embedded_signatures[0].signer_cert.subject.native["common_name"]
        for paper in (before, after)
    ]
    assert names[1] == "上海市托育人才培训中心" != names[0]
    assert "Signature is Valid" in of_poppler("pdfsig", after, tmp_path, "-nocert").decode()


def test_without_a_key_papers_say_so_and_are_not_signed(settings: Any, tmp_path: Path) -> None:
    settings.LOCAL = False
    paper = printed([sheet(number) for number in range(24)])[5]
    assert not signing.is_signed(paper)
    assert "未经数字签名" in text_of(paper, tmp_path)
    assert "/AcroForm" not in pikepdf.open(io.BytesIO(paper)).Root


def test_a_spoiled_sheet_stays_in_its_place_and_stops_no_other() -> None:
    sheets = [sheet(number) for number in range(3)]
    sheets[1]["extra"] = '<img src="http://127.0.0.1:9/x.png" alt="">'
    papers = list(press.printed(template="paper.html", sheets=sheets, reasons=REASON, now=NOW))
    assert [isinstance(paper, press.Spoiled) for paper in papers] == [False, True, False]
    assert [told_of(paper)["info"]["/Title"][-3] for paper in papers if isinstance(paper, bytes)] == ["0", "2"]


def test_sheets_are_asked_for_as_papers_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(press, "READ_AHEAD", 5)

    def sheets() -> Any:
        for number in range(10_000):
            asked.append(number)
            yield sheet(number)

    papers = press.printed(template="paper.html", sheets=sheets(), reasons=REASON, now=NOW)
    assert signing.is_signed(next(papers))  # type: ignore[arg-type]
    assert len(asked) == 5
