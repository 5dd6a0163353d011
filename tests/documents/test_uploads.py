"""Uploads: what each place takes, and the sentence for what it does not."""

import io

import pytest
from django.core.files.base import File

from lms.documents import uploads
from lms.rules.refusals import Invalid
from tests.factories.documents import content_of, package, upload


@pytest.mark.parametrize(
    ("kind", "name", "of", "content_type"),
    [
        ("video", "睡眠安全.mp4", "mp4", "video/mp4"),
        ("video", "a.M4V", "mp4", "video/mp4"),
        ("video", "a.mov", "mov", "video/quicktime"),
        ("video", "a.webm", "webm", "video/webm"),
        ("audio", "访谈.mp3", "mp3", "audio/mpeg"),
        ("audio", "访谈.m4a", "m4a", "audio/mp4"),
        ("audio", "访谈.m4a", "mp4", "video/mp4"),
        ("package", "课件.zip", "zip", uploads.ZIP),
        ("document", "处罚决定书.PDF", "pdf", "application/pdf"),
        ("document", "a.png", "png", "image/png"),
        ("document", "a.jpeg", "jpg", "image/jpeg"),
        ("workbook", "名单.xlsx", "xlsx", uploads.XLSX),
    ],
)
def test_what_is_taken(kind: str, name: str, of: str, content_type: str) -> None:
    file = upload(name, content_of(of))
    assert uploads.check(file, kind=kind) == content_type
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("kind", "name", "of", "code"),
    [
        ("video", "course.mp4", "exe", "upload_wrong_kind"),
        ("video", "course.mp4", "pdf", "upload_wrong_kind"),
        ("video", "course.webm", "mkv", "upload_wrong_kind"),
        ("video", "photo.mp4", "heic", "upload_wrong_kind"),
        ("video", "course.mp4", "m4a", "upload_wrong_kind"),
        ("audio", "course.mp3", "jpg", "upload_wrong_kind"),
        ("audio", "course.mp3", "m4a", "upload_renamed"),
        ("package", "course.zip", "pdf", "upload_wrong_kind"),
        ("document", "decision.pdf", "html", "upload_wrong_kind"),
        ("document", "decision.pdf", "docx", "upload_wrong_kind"),
        ("workbook", "roster.xlsx", "docx", "upload_wrong_kind"),
        ("workbook", "roster.xlsx", "pdf", "upload_wrong_kind"),
        ("document", "decision.pdf", "png", "upload_renamed"),
        ("document", "decision.pdf.exe", "pdf", "upload_renamed"),
        ("video", "course", "mp4", "upload_renamed"),
        ("video", "course.mp4", "webm", "upload_renamed"),
    ],
)
def test_a_name_does_not_make_a_file(kind: str, name: str, of: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        uploads.check(upload(name, content_of(of)), kind=kind)
    assert refusal.value.code == code
    assert name in str(refusal.value)


def test_the_sentence_says_what_is_taken_and_what_it_is() -> None:
    with pytest.raises(Invalid, match="mp4、m4v、mov、webm"):
        uploads.check(upload("a.mp4", content_of("exe")), kind="video")
    with pytest.raises(Invalid, match="内容是 png 文件"):
        uploads.check(upload("a.pdf", content_of("png")), kind="document")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        uploads.check(upload("a.pdf", b""), kind="document")
    assert refusal.value.code == "upload_empty"


def test_a_broken_package_is_no_workbook() -> None:
    with pytest.raises(Invalid) as refusal:
        uploads.check(upload("a.xlsx", package("xl/workbook.xml")[:40]), kind="workbook")
    assert refusal.value.code == "upload_wrong_kind"


class Unread(io.BytesIO):
    """Fails the test when somebody reads it."""

    def read(self, *args: object) -> bytes:
        raise AssertionError("a file that is too large is not read")


@pytest.mark.parametrize("kind", ["video", "document", "workbook"])
def test_two_gigabytes_are_refused_unread(kind: str) -> None:
    file = File(Unread(), name="huge.mp4")
    file.size = 2 * 1024**3
    with pytest.raises(Invalid) as refusal:
        uploads.check(file, kind=kind)
    assert (refusal.value.code, refusal.value.status) == ("upload_too_large", 413)
    assert "2.0\xa0GB" in str(refusal.value)


def test_the_limit_itself_is_taken(settings: object) -> None:
    content = content_of("pdf")
    settings.UPLOAD_LIMITS = {"document": len(content)}  # type: ignore[attr-defined]
    assert uploads.check(upload("a.pdf", content), kind="document") == "application/pdf"
    with pytest.raises(Invalid):
        uploads.check(upload("a.pdf", content + b"x"), kind="document")
