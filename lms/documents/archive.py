"""The archive: bytes go in once, with their SHA-256, and come out only if they are still the same.

Names in the archive say kind and month, never whom a document is about.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from lms.audit.actors import Actor
from lms.audit.keys import new_id
from lms.audit.services import About, record, record_many
from lms.documents import pdf, signing
from lms.documents.models import ArchivedDocument
from lms.rules.refusals import Refusal

SUFFIXES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


ARCHIVED = "document.archived"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to be archived. ``file_name`` is what a browser offers when it is downloaded."""

    file_name: str
    content: bytes
    signed: bool = False


class Damaged(Refusal):
    """The archive can't give back what was stored."""

    default_status = 500


@transaction.atomic
def store(
    *,
    kind: str,
    file_name: str,
    content_type: str,
    content: bytes,
    signed: bool = False,
    now: datetime,
    actor: Actor,
) -> ArchivedDocument:
    """Archive ``content`` as it is. ``file_name`` is what a browser offers when it is downloaded."""
    document = _filed(kind, content_type, Paper(file_name, content, signed), now)
    document.save()
    if signed:
        signing.keep_certificate(now=now, actor=actor)
    record(verb=ARCHIVED, actor=actor, now=now, subject=document, changes=_facts(document))
    return document


def store_many(
    *, kind: str, content_type: str, papers: Iterable[Paper], now: datetime, actor: Actor
) -> list[ArchivedDocument]:
    """``store`` for many papers of one kind, in their order: their rows in one insert, all of them or none.

    Where the rows can't be kept, the files written for them are taken away again.
    """
    documents: list[ArchivedDocument] = []
    try:
        with transaction.atomic():
            documents.extend(_filed(kind, content_type, paper, now) for paper in papers)
            ArchivedDocument.objects.bulk_create(documents)
            if any(document.signed for document in documents):
                signing.keep_certificate(now=now, actor=actor)
            about = [About(document, changes=_facts(document)) for document in documents]
            record_many(verb=ARCHIVED, actor=actor, now=now, about=about)
    except BaseException:
        discard(documents)
        raise
    return documents


def discard(documents: Iterable[ArchivedDocument]) -> None:
    """Take away the files of documents whose rows were never committed."""
    for document in documents:
        document.file.delete(save=False)


def issue(
    *,
    kind: str,
    file_name: str,
    template: str,
    context: dict[str, Any],
    reason: str,
    language: str = "zh-hans",
    now: datetime,
    actor: Actor,
) -> ArchivedDocument:
    """Render ``template``, sign it with ``reason`` and archive it: the way of every paper the product issues."""
    page = pdf.render(template, {"created": now, **context}, language=language)
    content = signing.sign(page, reason=reason, now=now)
    return store(
        kind=kind,
        file_name=file_name,
        content_type="application/pdf",
        content=content,
        signed=signing.is_signed(content),
        now=now,
        actor=actor,
    )


def read(document: ArchivedDocument) -> bytes:
    """The bytes as archived. Refuses ``document_lost`` and ``document_altered`` (HTTP 500: something is very wrong)."""
    try:
        with document.file.open("rb") as handle:
            content: bytes = handle.read()
    except FileNotFoundError:
        raise Damaged("document_lost", _("存档中找不到这份文件，请联系管理员。")) from None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Damaged("document_altered", _("这份文件与存档时的内容不一致，已停止提供，请联系管理员。"))
    return content


def _filed(kind: str, content_type: str, paper: Paper, now: datetime) -> ArchivedDocument:
    """The row, not yet kept, of a file that lies in its place."""
    document = ArchivedDocument(
        id=new_id(),
        kind=kind,
        file_name=PurePath(paper.file_name).name[:150],
        content_type=content_type,
        size=len(paper.content),
        sha256=hashlib.sha256(paper.content).hexdigest(),
        signed=paper.signed,
        created_at=now,
    )
    place = f"{kind}/{localtime(now):%Y/%m}/{document.id}{SUFFIXES.get(content_type, '.bin')}"
    document.file.save(place, ContentFile(paper.content), save=False)
    return document


def _facts(document: ArchivedDocument) -> dict[str, Any]:
    return {name: getattr(document, name) for name in ("kind", "sha256", "size", "signed")}
