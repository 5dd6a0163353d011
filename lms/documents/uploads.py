"""What people hand in: a file is judged by its content and its size, never by its name alone.

The size is asked first, so that a file that is too large is not read. What may never happen: a file whose name says
one thing and whose bytes say another goes on into the product.
"""

import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import Invalid

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
# Content type → the endings its files have. The order is the order in which people are told of them.
KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "video": {"video/mp4": (".mp4", ".m4v"), "video/quicktime": (".mov",), "video/webm": (".webm",)},
    "audio": {"audio/mpeg": (".mp3",), "audio/mp4": (".m4a",), "video/mp4": (".m4a",)},
    "package": {ZIP: (".zip",)},
    "document": {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")},
    "certificate": {"application/pdf": (".pdf",)},
    "workbook": {XLSX: (".xlsx",)},
    "picture": {"image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")},
}
SOUND_BRANDS = (b"M4A ", b"M4B ")
PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"crx ")
HEAD = 4096
# What reading a ZIP file that is broken, locked or packed in a strange way comes to.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,  # places outside the file, names that are no text
)


def check(file: "File[bytes]", *, kind: str) -> str:
    """Return the content type of ``file``, which is of ``kind`` (a key of ``KINDS``), or refuse it.

    Refuses ``upload_too_large`` (``UPLOAD_LIMITS``), ``upload_empty``, ``upload_wrong_kind`` (the content is nothing
    this place takes) and ``upload_renamed`` (the content is fine, the name's ending is another's).
    """
    name = PurePath(file.name or "").name
    _check_size(file, kind, name)
    content_type = _sniff(file)
    endings = KINDS[kind].get(content_type)
    if endings is None:
        known = dict.fromkeys(ending.removeprefix(".") for each in KINDS[kind].values() for ending in each)
        allowed = gettext("、").join(known)
        raise Invalid(
            "upload_wrong_kind",
            _("“%(name)s”的内容不是可接受的文件。请上传以下格式：%(allowed)s。改文件名不会改变内容。"),
            name=name,
            allowed=allowed,
        )
    if not name.lower().endswith(endings):
        raise Invalid(
            "upload_renamed",
            _("“%(name)s”的扩展名与内容不符：内容是 %(actual)s 文件。请改回正确的扩展名后再上传。"),
            name=name,
            actual=endings[0].removeprefix("."),
        )
    return content_type


def _check_size(file: "File[bytes]", kind: str, name: str) -> None:
    limit = settings.UPLOAD_LIMITS[kind]
    if file.size > limit:
        raise Invalid(
            "upload_too_large",
            _("“%(name)s”太大：%(size)s，最多 %(limit)s。请压缩或拆分后再上传。"),
            status=413,
            name=name,
            size=filesizeformat(file.size),
            limit=filesizeformat(limit),
        )
    if not file.size:
        raise Invalid("upload_empty", _("“%(name)s”是空文件，请检查后重新上传。"), name=name)


def _sniff(file: "File[bytes]") -> str:
    """The content type the first bytes tell, or an empty text; the file is left at its beginning."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        if head.startswith(b"PK\x03\x04"):
            return XLSX if _is_workbook(file) else ZIP
        return _sniff_head(head)
    finally:
        file.seek(0)


def _sniff_head(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in SOUND_BRANDS:
        return "audio/mp4"
    if head[4:8] == b"ftyp" and head[8:12] not in PICTURE_BRANDS:
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else ""
    # A tag, or the eleven set bits an MP3 frame begins with; its layer bits are not those of an AAC stream.
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    for signature, content_type in (
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ):
        if head.startswith(signature):
            return content_type
    return ""


def _is_workbook(file: "File[bytes]") -> bool:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            return "xl/workbook.xml" in package.namelist()
    except BROKEN:
        return False
