"""Pictures for certificates: a logo, a seal, a ground. Judged by their content, drawn anew, and archived by their hash.

What is kept is never the file that came in but the picture that was in it: without what a camera wrote beside it, in the
colours a document may have, and not larger than print has a use for.
"""

import hashlib
import io
from datetime import datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from certificates.models import TemplatePicture
from certificates.services.type_editing import require_manager
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument
from lms.people.models import Organisation
from lms.rules.refusals import Conflict, Invalid

KIND = "template-picture"
# Pixels of a side: what is smaller prints as a blot, what is larger is refused unread. A4 at 150 a inch is 1754 long.
SMALLEST, LARGEST, PRINTED = 32, 6000, 1754
MOST_PIXELS = 24_000_000
PICTURES_AT_MOST = 60
# The last bytes of a PNG and of a JPEG; some programs write a little behind them.
TAIL, ENDS = 4096, (b"IEND\xaeB`\x82", b"\xff\xd9")
UNREADABLE = (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError)


def add_picture(
    *, issuer: Organisation, name: str, file: "File[bytes]", actor: Actor, now: datetime
) -> TemplatePicture:
    """Keep a PNG or JPEG for the issuer's sheets; the same picture again is the one that is there.

    Refuses what ``uploads.check`` refuses, ``picture_size`` (pixels), ``picture_unreadable``, ``pictures_full``.
    """
    require_manager(actor, issuer)
    uploads.check(file, kind="picture")
    content, content_type, (width, height) = redrawn(file)
    digest = hashlib.sha256(content).hexdigest()
    own = TemplatePicture.objects.filter(issuer=issuer)
    if known := own.filter(sha256=digest).first():
        return known
    if own.count() >= PICTURES_AT_MOST:
        raise Conflict("pictures_full", _("每个单位最多保存 %(most)d 张图片。"), most=PICTURES_AT_MOST)
    try:
        with transaction.atomic():
            kept = TemplatePicture.objects.create(
                issuer=issuer,
                name=name.strip()[:60] or str(_("未命名")),
                document=_archived(content, content_type, digest, actor, now),
                sha256=digest,
                width=width,
                height=height,
                by=actor.label,
                at=now,
            )
            changes = {"issuer": issuer.name, "sha256": digest, "width": width, "height": height}
            record(verb="template_picture.added", actor=actor, now=now, subject=kept, changes=changes)
    except IntegrityError:
        if known := own.filter(sha256=digest).first():
            return known
        raise
    return kept


def redrawn(file: "File[bytes]") -> tuple[bytes, str, tuple[int, int]]:
    """The picture in a file as bytes of its own, their content type and size: RGB as JPEG, or PNG where it is see-through."""
    _refuse_cut_off(file)
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as opened:
            _refuse_size(opened.size)
            picture: Image.Image = ImageOps.exif_transpose(opened)
            see_through = picture.has_transparency_data
            picture = picture.convert("RGBA" if see_through else "RGB")
    except UNREADABLE:
        raise _unreadable() from None
    picture.thumbnail((PRINTED, PRINTED))
    output = io.BytesIO()
    if see_through:
        picture.save(output, "PNG", optimize=True)
    else:
        picture.save(output, "JPEG", quality=88, optimize=True)
    return output.getvalue(), "image/png" if see_through else "image/jpeg", picture.size


def _refuse_cut_off(file: "File[bytes]") -> None:
    """Pillow draws half a picture without a word once WeasyPrint is loaded: whether the end is there is looked at here."""
    file.seek(max(file.size - TAIL, 0))
    tail = file.read(TAIL)
    file.seek(0)
    if not any(end in tail for end in ENDS):
        raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid("picture_unreadable", _("这张图片不完整或已损坏，请另存后再上传。"), field="file")


def _refuse_size(size: tuple[int, int]) -> None:
    """Told by the head of the file, before a pixel of it is read."""
    if min(size) < SMALLEST or max(size) > LARGEST or size[0] * size[1] > MOST_PIXELS:
        raise Invalid(
            "picture_size",
            _("图片是 %(width)d × %(height)d 像素；每边应在 %(least)d 到 %(most)d 像素之间。"),
            field="file",
            width=size[0],
            height=size[1],
            least=SMALLEST,
            most=LARGEST,
        )


def _archived(content: bytes, content_type: str, digest: str, actor: Actor, now: datetime) -> ArchivedDocument:
    """The bytes in the archive: those that are there, whoever brought them, else as a new document."""
    known = ArchivedDocument.objects.filter(kind=KIND, sha256=digest).first()
    suffix = archive.SUFFIXES[content_type]
    return known or archive.store(
        kind=KIND, file_name=f"{digest[:16]}{suffix}", content_type=content_type, content=content, now=now, actor=actor
    )
