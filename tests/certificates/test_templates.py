"""Versions of a sheet: who publishes, what is refused, what a certificate keeps for good, and that it stays on paper."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import weasyprint
from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from certificates.drawing import _data, design_by_id
from certificates.models import Certificate, CertificateType, TemplateVersion
from certificates.samples import NAMES, refuse_overfull, specimen
from certificates.services import ensure_types, issue_certificate, paper_of, print_many, supersede_certificate
from certificates.services.designs import tidied
from certificates.sheet import OWN_SHEET, TEMPLATE, VERSION_SHEET, sheet_of
from lms.audit.append_only import RewriteRefused
from lms.audit.models import AuditEvent
from lms.documents import archive, pdf
from lms.documents.fonts import missing_glyphs
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation, Person
from lms.rules.refusals import Refusal
from tests.documents.pdfa import faults
from tests.factories import people
from tests.factories.catalogue import released_course
from tests.factories.certificate_types import design, drawing, picture, post_type, published, publisher
from tests.factories.certificates import NOON, SYSTEM, bureau, course_certificate, passed_course, refused
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept_from_another_test() -> Iterator[None]:
    yield
    design_by_id.cache_clear()
    _data.cache_clear()


@pytest.fixture
def college() -> Organisation:
    packs_loaded()
    return people.college(name="浦东开放大学")


@pytest.fixture
def kind(college: Organisation) -> CertificateType:
    return post_type(college, released_course(college=college, title="安全睡眠"), title="岗位合格证书")


def issued(kind: CertificateType, someone: Person | None = None) -> Certificate:
    someone = someone or people.person(name="林小满")
    course = kind.requirements["courses"][0]
    from courses.catalogue.models import Release

    passed_course(someone, Release.objects.get(course=course))
    return issue_certificate(person=someone, type=kind, period="once", actor=SYSTEM, now=NOON)


def test_a_version_is_published_once_and_never_rewritten(kind: CertificateType, college: Organisation) -> None:
    actor = publisher(college)
    first = published(kind, college, accent="indigo", actor=actor, note="首版")
    assert (first.number, first.accent, first.by, first.note) == (1, "indigo", actor.label, "首版")
    event = AuditEvent.objects.get(verb="template.published")
    assert (event.subject_id, event.changes["accent"], event.reason) == (first.pk, "indigo", "首版")
    with refused("nothing_changed"):
        published(kind, college, accent="indigo", actor=actor)
    with refused("changed_meanwhile"):
        published(kind, college, accent="plum", actor=actor, after=0)
    assert published(kind, college, accent="plum", actor=actor).number == 2
    with pytest.raises(RewriteRefused):
        first.save()


def test_two_at_the_same_moment_publish_one(
    kind: CertificateType, college: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from certificates.services import designs

    look = designs.newest_template

    def other_first(**asked: Any) -> TemplateVersion | None:
        found = look(**asked)
        monkeypatch.setattr(designs, "newest_template", look)
        published(kind, college, accent="plum", after=0)
        return found

    monkeypatch.setattr(designs, "newest_template", other_first)
    with refused("changed_meanwhile"):
        designs.publish_template(
            type=kind, issuer=college, design=design(kind, accent="ink"), after=0, note="", actor=SYSTEM, now=NOON
        )
    assert TemplateVersion.objects.get().accent == "plum"


def test_who_may_not(kind: CertificateType, college: Organisation) -> None:
    for actor in (publisher(people.college()), people.acting(people.officer("bureau_approver"))):
        with pytest.raises(Refusal, match="没有找到"):
            published(kind, college, actor=actor)
    with pytest.raises(Refusal):
        published(kind, college, actor=people.acting(people.member(college, "college_author")))
    course, annual = ensure_types(actor=SYSTEM, now=NOON)
    with refused("not_issuer"):
        published(course, people.college(), actor=publisher(college))
    assert published(course, college, actor=publisher(college)).number == 1
    approver = people.acting(people.officer("bureau_approver"))
    assert published(annual, bureau(), actor=approver).issuer == bureau()
    with refused("not_issuer"):
        published(annual, bureau("110000"), actor=approver)


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        ("field_unknown", {"texts": {"body": "学完 {course}"}}, ("{course}", "{holder} 持证人姓名", "{post} 岗位")),
        ("field_unknown", {"texts": {"body": "{holder.__class__}"}}, ("{holder.__class__}",)),
        ("field_unknown", {"texts": {"heading": "{0}"}}, ("{0}",)),
        ("brace_alone", {"texts": {"body": "完成 {post"}}, ("花括号",)),
        ("brace_alone", {"texts": {"foot": "{{holder}}"}}, ("花括号",)),
        ("text_missing", {"texts": {"heading": "  "}}, ("标题",)),
        ("text_missing", {"language": "en", "texts": {"body_en": ""}}, ("英文正文",)),
        ("text_too_long", {"texts": {"foot": "页" * 37}}, ("36", "37")),
        ("glyph_missing", {"texts": {"body": "达到要求\U0003134a"}}, ("U+3134A",)),
        ("design_unknown", {"orientation": "diagonal"}, ()),
        ("design_unknown", {"accent": "#ff0000"}, ()),
    ],
)
def test_what_a_design_cannot_be(
    kind: CertificateType, college: Organisation, code: str, more: dict[str, Any], words: tuple[str, ...]
) -> None:
    with refused(code, *words):
        published(kind, college, **more)
    assert not TemplateVersion.objects.exists()


def test_a_language_that_is_not_shown_needs_no_words(kind: CertificateType, college: Organisation) -> None:
    version = published(kind, college, language="zh", texts={"body_en": "{nonsense}", "heading_en": ""})
    assert version.texts["body_en"] == ""
    assert "class-hours" not in render_to_string(TEMPLATE, sheet_of(issued(kind)))


def test_words_that_fill_the_sheet_are_refused(kind: CertificateType, college: Organisation) -> None:
    full = tidied(design(kind, texts={"body": "字" * 300, "body_en": "word " * 99}))
    with refused("words_overfull", "字宽"):
        refuse_overfull(kind, college, full, NOON)
    refuse_overfull(kind, college, replace(full, orientation="portrait"), NOON)


def test_a_certificate_keeps_the_version_it_was_issued_with(kind: CertificateType, college: Organisation) -> None:
    plain = issued(kind)
    assert plain.template is None
    assert sheet_of(plain)["sheet_template"] == OWN_SHEET
    first = published(kind, college, accent="indigo", texts={"body": "第一版：{holder}"})
    certificate = issued(kind)
    published(kind, college, accent="plum", texts={"body": "第二版：{holder}"})
    assert (certificate.template, sheet_of(certificate)["sheet_template"]) == (first, VERSION_SHEET)
    page = render_to_string(TEMPLATE, sheet_of(certificate))
    assert "第一版：林小满" in page
    assert "第二版" not in page
    assert "第二版" not in render_to_string(TEMPLATE, sheet_of(plain))
    before = pdf.render(TEMPLATE, sheet_of(certificate))
    type(kind).objects.filter(pk=kind.pk).update(title="改名", title_en="Renamed")
    again = Certificate.objects.get(pk=certificate.pk)
    assert pdf.render(TEMPLATE, sheet_of(again)) == before, "printed again it is the same, byte for byte"


def test_a_reissued_certificate_keeps_its_look(kind: CertificateType, college: Organisation) -> None:
    first = published(kind, college)
    certificate = issued(kind)
    published(kind, college, accent="plum")
    Person.objects.filter(pk=certificate.person_id).update(name="林小曼")
    certificate.person.refresh_from_db()
    edition = supersede_certificate(certificate=certificate, reason="更正", actor=SYSTEM, now=NOON)
    assert (edition.template, edition.holder_name) == (first, "林小曼")


def test_a_colleges_course_certificates_take_its_own_look_only(college: Organisation) -> None:
    course = ensure_types(actor=SYSTEM, now=NOON)[0]
    version = published(course, college)
    mine = course_certificate(release=released_course(college=college))
    other = course_certificate(release=released_course(college=people.college()))
    assert (mine.template, other.template) == (version, None)


def test_a_value_with_braces_or_tags_is_printed_as_it_is(college: Organisation) -> None:
    course = ensure_types(actor=SYSTEM, now=NOON)[0]
    published(course, college, texts={"body": "完成《{course}》<b>&{{% if %}}".replace("{{", "").replace("}}", "")})
    release = released_course(college=college, title="{holder}<script>alert(1)</script>")
    page = render_to_string(TEMPLATE, sheet_of(course_certificate(release=release)))
    assert "完成《{holder}&lt;script&gt;alert(1)&lt;/script&gt;》&lt;b&gt;&amp;% if %" in page
    assert "<script" not in page


def test_sheets_with_their_pictures_are_printed_one_by_one_and_in_bulk(
    kind: CertificateType, college: Organisation
) -> None:
    ground = picture(college, drawing("ground.jpg", size=(1200, 850), colour=(244, 248, 244)))
    published(kind, college, seal=picture(college), logo=picture(college, drawing(size=(300, 90))), ground=ground)
    alone, *rest = (issued(kind) for _each in range(3))
    content = archive.read(paper_of(certificate=alone, now=NOON))
    assert faults(content) == []
    with pikepdf.open(io.BytesIO(content)) as file:
        assert len(file.pages) == 1
        assert len(file.pages[0].get_images()) == 3
    made = list(print_many(certificate_ids=[one.pk for one in rest], now=NOON))
    assert len(made) == 2
    assert not Certificate.objects.unrendered().exists()


def test_a_picture_altered_in_the_archive_is_not_printed(kind: CertificateType, college: Organisation) -> None:
    seal = picture(college)
    published(kind, college, seal=seal)
    certificate = issued(kind)
    path = Path(seal.document.file.path)
    path.write_bytes(path.read_bytes() + b" ")
    with refused("document_altered"):
        paper_of(certificate=certificate, now=NOON)


# Pictures ------------------------------------------------------------------------------------------------------------


def test_a_picture_is_known_by_its_content(college: Organisation) -> None:
    first = picture(college, name="公章")
    assert picture(college, name="又一次") == first
    assert (first.width, first.height, first.document.kind) == (200, 200, "template-picture")
    assert first.sha256 == first.document.sha256
    assert AuditEvent.objects.filter(verb="template_picture.added").count() == 1
    other = picture(people.college())
    assert (other.pk != first.pk, other.document) == (True, first.document)
    assert ArchivedDocument.objects.filter(kind="template-picture").count() == 1


def test_what_a_camera_wrote_beside_it_is_left_out_and_size_is_cut(college: Organisation) -> None:
    from PIL import Image

    output = io.BytesIO()
    photo = Image.new("CMYK", (4000, 1000), (20, 10, 10, 0))
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    photo.save(output, "JPEG", exif=exif)
    kept = picture(college, ContentFile(output.getvalue(), name="photo.jpg"))
    content = archive.read(kept.document)
    assert b"secret place" not in content
    assert (kept.width, kept.height) == (1754, 439)
    assert Image.open(io.BytesIO(content)).mode == "RGB"


def _broken() -> Any:
    whole = drawing("broken.png").read()
    return ContentFile(whole[: len(whole) // 2], name="broken.png")


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("upload_wrong_kind", lambda: ContentFile(b"<svg onload='alert(1)'/>", name="seal.png")),
        ("upload_wrong_kind", lambda: ContentFile(b"%PDF-1.7 ...", name="seal.pdf")),
        ("upload_renamed", lambda: ContentFile(drawing("a.jpg").read(), name="seal.png")),
        ("upload_empty", lambda: ContentFile(b"", name="seal.png")),
        ("upload_too_large", lambda: ContentFile(b"\x89PNG\r\n\x1a\n" + b"0" * (5 * 1024 * 1024), name="seal.png")),
        ("picture_unreadable", _broken),
        ("picture_size", lambda: drawing(size=(20, 400))),
        ("picture_size", lambda: drawing(size=(6001, 40))),
    ],
)
def test_what_is_no_picture_for_a_sheet(college: Organisation, code: str, make: Any) -> None:
    with refused(code):
        picture(college, make())
    assert not ArchivedDocument.objects.exists()


def test_pictures_of_others(kind: CertificateType, college: Organisation) -> None:
    with refused("not_issuer"):
        picture(college, actor=publisher(people.college()))
    with refused("picture_unknown"):
        published(kind, college, seal=picture(people.college()))


# On paper ------------------------------------------------------------------------------------------------------------


def test_the_sample_names_try_the_sheet() -> None:
    twelve, rare, dotted = (name for name, _why in NAMES)
    assert len(twelve) == 12
    assert any(0x20000 <= ord(character) <= 0x2A6DF for character in rare)
    assert "·" in dotted
    assert not missing_glyphs("".join((twelve, rare, dotted)))


LONG_BODY = (
    "已通过{post}岗位规定的全部培训课程{courses}，计 {hours} 学时，考核合格，达到岗位培训要求，" * 2 + "特发此证。"
)
LONG_ENGLISH = "has passed every course required for the post of {post}, {hours} class-hours in all, {courses}. " * 2


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"language": "zh", "hours": False},
        {
            "language": "en",
            "texts": {"heading_en": "Annual Training Certificate for Childcare Practitioners in Shanghai"},
        },
        {"texts": {"body": LONG_BODY, "body_en": LONG_ENGLISH, "foot": "页" * 36, "foot_en": "foot " * 16}},
    ],
    ids=["first", "chinese", "english", "long"],
)
def test_everything_stays_on_the_sheet_and_apart(
    kind: CertificateType,
    college: Organisation,
    orientation: str,
    more: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = tidied(design(kind, orientation=orientation, **more))
    refuse_overfull(kind, college, look, NOON)
    wide, high = (297, 210) if orientation == "landscape" else (210, 297)
    texts = _laid_out(specimen(type=kind, issuer=college, design=look, number=0, now=NOON), monkeypatch)
    placed = [box for box in texts if "样张" not in box[0] and "SPECIMEN" not in box[0]]
    for text, left, top, right, bottom in placed:
        assert left >= 18, text
        assert right <= wide - 18, text
        assert 12 <= top < bottom <= high - 12, text
    seal_top = high - (62 if orientation == "landscape" else 69)
    flowing = [box for box in placed if box[2] < seal_top and box[4] > 40]
    assert max(box[4] for box in flowing) <= seal_top + 2, "words and table end above the seal"


def _laid_out(context: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float, float, float]]:
    """Every run of text with its edges in millimetres: left, top, right, bottom."""
    printed: list[Any] = []
    lay_out = weasyprint.HTML.render

    def watched(*args: Any, **more: Any) -> Any:
        printed.append(lay_out(*args, **more))
        return printed[-1]

    monkeypatch.setattr(weasyprint.HTML, "render", watched)
    pdf.render(TEMPLATE, context)
    (page,) = printed[0].pages
    found, stack = [], [page._page_box]
    while stack:
        box = stack.pop()
        if getattr(box, "text", "").strip():
            edges = (box.position_x, box.position_y, box.position_x + box.width, box.position_y + box.height)
            left, top, right, bottom = (edge / 96 * 25.4 for edge in edges)
            found.append((box.text, left, top, right, bottom))
        stack.extend(getattr(box, "children", ()))
    return found
