"""The PDF: made once, whoever is first, signed and archived; what stands on it, and that it stays on the sheet."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import weasyprint
from django.template.loader import render_to_string

from certificates import tasks
from certificates.models import Certificate, CertificateDocument, CertificateType
from certificates.seal import seal
from certificates.services import by_file, paper_of, printing_many, render_pending
from certificates.services import papers as papers_module
from certificates.sheet import TEMPLATE, sheet_of
from lms.audit import work
from lms.documents import archive, engine, pdf, press, signing
from lms.documents.models import ArchivedDocument
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificates import NOON, TODAY, annual_certificate, course_certificate, holder, refused

pytestmark = pytest.mark.django_db
LONGEST_COURSE = "婴幼儿回应性照护与家园沟通的理论、方法与案例研习（含医教结合、特殊需要儿童早期识别与转介专题）第二版"
LONGEST_BODY = "浦东新区托育服务职业技能培训实训基地（东校区）国际合作中心"


def test_made_once_signed_and_archived() -> None:
    certificate = course_certificate()
    document = render_pending(certificate_id=certificate.pk, now=NOON)
    assert render_pending(certificate_id=certificate.pk, now=NOON) == document
    assert paper_of(certificate=certificate, now=NOON) == document
    assert (document.kind, document.signed, document.file_name) == ("certificate", True, f"{certificate.serial}.pdf")
    assert certificate.holder_name not in document.file.name
    content = archive.read(document)
    assert signing.is_signed(content)
    assert len(content) < 120_000


def test_killed_between_row_and_file_leaves_work_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = course_certificate()

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(papers_module.CertificateDocument.objects, "create", killed)
        with pytest.raises(SystemExit):
            render_pending(certificate_id=certificate.pk, now=NOON)
    assert not ArchivedDocument.objects.filter(kind="certificate").exists()
    assert list(Certificate.objects.unrendered()) == [certificate]
    assert tasks.sweep() == 1
    assert tasks.sweep() == 0
    assert CertificateDocument.objects.get().certificate == certificate


def test_one_that_fails_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = course_certificate(), course_certificate()
    draw = printing_many.sheet_of

    def fail_first(certificate: Certificate) -> Any:
        if certificate == first:
            raise OSError("disk full")
        return draw(certificate)

    monkeypatch.setattr(printing_many, "sheet_of", fail_first)
    assert tasks.sweep() == 1
    assert CertificateDocument.objects.get().certificate == second
    assert str(first.pk) in caplog.text


def test_many_that_were_lost_are_printed_by_the_press(monkeypatch: pytest.MonkeyPatch) -> None:
    release = released_course()
    lost = [course_certificate(people.person(name=f"{name}小满"), release) for name in "赵钱孙李周吴郑王冯陈" * 3]
    press.moulds.clear()
    laid_out: list[str] = []
    lay_out = engine.print_page
    monkeypatch.setattr(engine, "print_page", lambda page: laid_out.append(page) or lay_out(page))
    assert tasks.sweep() == len(lost)
    assert len(laid_out) < len(lost)
    assert not Certificate.objects.unrendered().exists()


def test_two_printers_keep_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one archives while this one is still drawing."""
    certificate = course_certificate()
    draw = pdf.render

    def draw_slowly(*args: Any, **more: Any) -> bytes:
        monkeypatch.setattr(pdf, "render", draw)
        render_pending(certificate_id=certificate.pk, now=NOON)
        return draw(*args, **more)

    monkeypatch.setattr(pdf, "render", draw_slowly)
    document = render_pending(certificate_id=certificate.pk, now=NOON)
    assert CertificateDocument.objects.get().document == document


def test_a_worker_is_woken_on_commit_and_a_dead_queue_loses_nothing(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(work.current_app, "send_task", lambda name, args: sent.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        certificate = course_certificate()
    assert sent == [("certificates.tasks.render", [str(certificate.pk)])]

    def dead(*_: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(work.current_app, "send_task", dead)
    with django_capture_on_commit_callbacks(execute=True):
        course_certificate()
    assert Certificate.objects.unrendered().count() == 2


def test_a_file_changed_in_the_archive_is_not_handed_out() -> None:
    certificate = course_certificate()
    document = paper_of(certificate=certificate, now=NOON)
    path = Path(document.file.path)
    path.write_bytes(path.read_bytes().replace(b"%%EOF", b"%%EOF ", 1))
    with refused("document_altered"):
        archive.read(paper_of(certificate=certificate, now=NOON))


def test_exactly_these_bytes_or_known_as_altered_or_unknown() -> None:
    certificate = course_certificate()
    content = archive.read(paper_of(certificate=certificate, now=NOON))
    assert by_file(content, TODAY).untouched
    assert by_file(content, TODAY).certificate == certificate
    altered = by_file(content + b" ", TODAY)
    assert (altered.untouched, altered.certificate) == (False, certificate)
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        file.save(output)
    assert by_file(output.getvalue(), TODAY).certificate == certificate
    for other in (b"", b"%PDF-1.7 nonsense", b"\x00" * 64):
        assert by_file(other, TODAY).certificate is None


@dataclass(frozen=True)
class Box:
    """One run of text on the sheet; places in millimetres."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def laid_out(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> list[Box]:
    """Where every run of text lies, as the document is really printed."""
    printed: list[Any] = []
    lay_out = weasyprint.HTML.render

    def watched(*args: Any, **more: Any) -> Any:
        printed.append(lay_out(*args, **more))
        return printed[-1]

    monkeypatch.setattr(weasyprint.HTML, "render", watched)
    pdf.render(TEMPLATE, sheet_of(certificate))
    (page,) = printed[0].pages
    found, stack = [], [page._page_box]
    while stack:
        box = stack.pop()
        if getattr(box, "text", "").strip():
            edges = (box.position_x, box.position_y, box.position_x + box.width, box.position_y + box.height)
            found.append(Box(box.text, *(edge / 96 * 25.4 for edge in edges)))
        stack.extend(getattr(box, "children", ()))
    return found


def unsaved(name: str, *, course: str = "", body: str = "浦东开放大学") -> Certificate:
    rule, title = (
        ("course_passed", "课程结业证书") if course else ("annual_requirement", "托育从业人员年度培训合格证书")
    )
    lines = [
        {"category": key, "title": "综合技能培训", "earned": "111.5", "required": "72"} for key in ("skills", "ethics")
    ]
    facts = {
        "title_en": "Annual Training Certificate for Childcare Practitioners",
        "document": {"type": "hk_macau_taiwan_residence", "masked": "810***********123X"},
        "lines": lines[:1] if course else lines,
        "year": 2026,
        "region": {"name": "宁波市余姚市", "name_en": "Yuyao, Ningbo"},
        "course": course,
        "course_en": "Responsive Care and Working with Families: Theory, Method, Cases" if course else "",
        "passed_on": "2026-12-31",
    }
    return Certificate(
        type=CertificateType(rule=rule, title=title),
        holder_name=name,
        title=title,
        issuer_name=body,
        serial="ANN-2026-310000-9999999-K",
        token="A" * 43,
        facts=facts,
        issued_at=NOON,
        valid_until=TODAY,
    )


@pytest.mark.parametrize(
    "certificate",
    [
        unsaved("林小满"),
        unsaved("阿依古丽·买买提"),
        unsaved("阿卜杜勒艾则孜·阿卜杜热合曼"),
        unsaved("王㛃"),
        unsaved("Alexandra Konstantinova-Montgomery de la Vega", body=LONGEST_BODY),
        unsaved("阿依古丽·买买提", course="婴幼儿安全睡眠照护"),
        unsaved("阿卜杜勒艾则孜·阿卜杜热合曼", course=LONGEST_COURSE, body=LONGEST_BODY),
        unsaved("名" * 64, course=LONGEST_COURSE, body=LONGEST_BODY),
    ],
    ids=lambda certificate: certificate.holder_name[:12],
)
def test_everything_stays_on_the_sheet_and_apart(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = laid_out(certificate, monkeypatch)
    for box in texts:
        assert box.left >= 25, box
        assert box.right <= 297 - 25, box
        assert 12 <= box.top < box.bottom <= 210 - 12, box
    foot = min(box.top for box in texts if "扫码核验" in box.text)
    body = [box for box in texts if box.bottom < foot and box.text not in certificate.issuer_name]
    assert max(box.bottom for box in body) < 151, "words and table end above the seal"
    assert certificate.holder_name in "".join(box.text for box in sorted(texts, key=lambda box: (box.top, box.left)))


@pytest.mark.parametrize("name", ["", "校", "上海市卫生健康委员会", LONGEST_BODY, "名" * 60])
def test_the_seal_holds_any_name(name: str) -> None:
    drawn = seal(name)
    assert [glyph.character for glyph in drawn.glyphs] == list(name)
    for glyph in drawn.glyphs:
        distance = ((float(glyph.x) - 60) ** 2 + (float(glyph.y) - 60) ** 2) ** 0.5
        assert distance + float(drawn.font_size) < 53.4
        assert abs(float(glyph.angle)) <= 125.5


def test_the_sheet_says_what_was_frozen() -> None:
    certificate = annual_certificate(holder(name="阿依古丽·买买提"))
    page = render_to_string(TEMPLATE, sheet_of(certificate))
    for word in (
        "阿依古丽·买买提",
        certificate.serial,
        "上海市",
        "2026 年度",
        "72",
        "40",
        f"/verify/{certificate.token}/",
    ):
        assert word in page
    assert "Professional ethics" in page


def test_a_course_certificate_names_its_course_in_both_languages() -> None:
    release = released_course(college=people.college(name="浦东开放大学"), title="安全睡眠", title_en="Safe Sleep")
    page = render_to_string(TEMPLATE, sheet_of(course_certificate(release=release)))
    for word in ("《安全睡眠》", "“Safe Sleep”", "浦东开放大学", "2026年11月21日", "21 November 2026"):
        assert word in page
