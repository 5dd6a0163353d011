"""What a college keeps in stock for its lessons: packages, terms, reusable texts."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cms.drafts import files_of_body, refuse_foreign_files
from cms.models import CoursePackage, GlossaryTerm, ReusableText
from cms.services.common import require_writer
from cms.unpacking import keep, look_through, open_package
from courses.catalogue.files import sha256_of
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import uploads
from lms.people.models import Organisation
from lms.rules.refusals import Conflict, Invalid

Offered = TypeVar("Offered", CoursePackage, ReusableText)


def add_package(
    *, college: Organisation, title: str, file: "File[bytes]", actor: Actor, now: datetime
) -> CoursePackage:
    """Unpack courseware and keep it under its hash. The same file again is the same package, offered again.

    Refuses what is no ZIP file, holds too much or too many, leads out of its folder, is locked, holds what no browser
    shows, or doesn't say where to begin.
    """
    require_writer(actor, college)
    uploads.check(file, kind="package")
    sha256 = sha256_of(file)
    with open_package(file) as archive:
        contents = look_through(archive)
        # Files first: a row whose files are not there yet would be chosen and shown.
        folder = keep(archive, contents, sha256)
    found = {"kind": contents.kind, "folder": folder, "entry": contents.entry}
    counted = {"files": len(contents.members), "size": contents.size, "created_at": now}
    with transaction.atomic():
        package, made = CoursePackage.objects.get_or_create(
            college=college, sha256=sha256, defaults={"title": title.strip(), **found, **counted}
        )
        if package.retired_at:
            CoursePackage.objects.filter(pk=package.pk).update(retired_at=None)
            package.retired_at = None
        if made:
            changes = {"title": package.title, "sha256": sha256, "files": package.files}
            record(verb="package.added", actor=actor, now=now, subject=package, changes=changes)
    return package


@transaction.atomic
def retire_package(*, package: CoursePackage, actor: Actor, now: datetime) -> CoursePackage:
    """Offer the package no longer. Courses that use it keep it."""
    return _retire(package, "package.retired", actor, now)


@transaction.atomic
def retire_text(*, text: ReusableText, actor: Actor, now: datetime) -> ReusableText:
    """Offer the text no longer. Readings that hold it keep it."""
    return _retire(text, "text.retired", actor, now)


@transaction.atomic
def save_text(*, text: ReusableText, college: Organisation, actor: Actor, now: datetime) -> ReusableText:
    """Keep a text as it was filled in. Drafts that hold it show it as it is now; releases stay.

    Refuses another college's files, and a second text of the same title.
    """
    require_writer(actor, college)
    refuse_foreign_files(files_of_body(text.body), college)
    text.college, text.changed_at, text.retired_at = college, now, None
    _save(text, "text_exists", _("已经有同名的常用文字，请换一个名称。"), "title")
    record(verb="text.saved", actor=actor, now=now, subject=text, changes={"title": text.title})
    return text


@transaction.atomic
def save_term(
    *, college: Organisation, term: str, text: str, actor: Actor, now: datetime, existing: GlossaryTerm | None = None
) -> GlossaryTerm:
    """Explain a term, or explain it anew. Releases keep the explanation they were published with."""
    require_writer(actor, college)
    row = existing or GlossaryTerm(college=college)
    row.term, row.text = term.strip(), text.strip()
    if not row.term or not row.text:
        raise Invalid("term_empty", _("请填写术语和解释。"), field="text" if row.term else "term")
    _save(row, "term_exists", _("这个术语已经有解释，请直接修改那一条。"), "term")
    record(verb="term.saved", actor=actor, now=now, subject=row, changes={"term": row.term})
    return row


@transaction.atomic
def remove_term(*, term: GlossaryTerm, actor: Actor, now: datetime) -> None:
    """Explain a term no longer. Releases keep what they were published with."""
    require_writer(actor, term.college)
    record(verb="term.removed", actor=actor, now=now, subject=term, changes={"term": term.term})
    term.delete()


def _retire(row: Offered, verb: str, actor: Actor, now: datetime) -> Offered:
    require_writer(actor, row.college)
    if type(row)._default_manager.filter(pk=row.pk, retired_at=None).update(retired_at=now):
        row.retired_at = now
        record(verb=verb, actor=actor, now=now, subject=row, changes={"title": row.title})
    return row


def _save(row: Any, code: str, sentence: Any, field: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(code, sentence, field=field) from error
