"""Files people hand in and papers the product keeps, as small as they can be."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from lms.audit.actors import Actor
from lms.documents import archive
from lms.documents.models import ArchivedDocument

HEADS = {
    "mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41",
    "mov": b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ",
    "webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
    "mkv": b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "m4a": b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00M4A isom",
    "mp3": b"\xff\xfb\x90\x64\x00\x00",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "exe": b"MZ\x90\x00\x03\x00\x00\x00",
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
}


def package(*parts: str) -> bytes:
    """A ZIP file with parts of these names."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as package:
        for part in parts:
            package.writestr(part, "<x/>")
    return output.getvalue()


def content_of(kind: str) -> bytes:
    """The first bytes of a file of ``kind`` (an ending), enough to be known by."""
    if kind == "xlsx":
        return package("[Content_Types].xml", "xl/workbook.xml")
    if kind == "zip":
        return package("index.html")
    if kind == "docx":
        return package("[Content_Types].xml", "word/document.xml")
    return HEADS[kind] + bytes(64)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def archived(content: bytes = b"%PDF-1.7 paper", kind: str = "proof", now: datetime | None = None) -> ArchivedDocument:
    return archive.store(
        kind=kind,
        file_name="paper.pdf",
        content_type="application/pdf",
        content=content,
        now=now or datetime(2026, 11, 21, 8, tzinfo=UTC),
        actor=Actor.system("test-archive"),
    )


def archived_files(kind: str) -> set[Path]:
    """What lies in the archive of this kind; other tests' files lie there too."""
    storage = ArchivedDocument._meta.get_field("file").storage  # type: ignore[union-attr]
    return {path for path in (Path(storage.location) / kind).rglob("*") if path.is_file()}
