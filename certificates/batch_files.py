"""What is taken away from an order: every PDF in one archive, sheets to print at one go, and the index of both.

A certificate that was revoked or replaced since is told in the index and handed to nobody. File names carry the row's
number and the serial, so that people of one name never share one; never an identity number. Files are read and sent one
after the other: the memory is that of some, however many there are.
"""

import logging
import uuid
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.batch_showing import outcome_of, reason_of
from certificates.models import Certificate, CertificateDocument, IssueBatch, IssueBatchRow
from certificates.querysets import BUREAUS, IssueBatchRowQuerySet, Status
from certificates.services.papers import paper_of
from certificates.showing import WORDS, address_of
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, merging, workbooks
from lms.documents.models import ArchivedDocument
from lms.people.models import Employment, IdentityDocument

log = logging.getLogger(__name__)

CHUNK = 200
VOLUME = 200  # certificates in one file to print
HANDED_OUT = (Status.VALID, Status.EXPIRED)
FORBIDDEN = frozenset('<>:"/\\|?*')  # in a file name, on one system or another


@dataclass(frozen=True, slots=True)
class Line:
    """One row, with its certificate as it stands today and the newest PDF of it."""

    row: IssueBatchRow
    certificate: Certificate | None
    document: ArchivedDocument | None
    masked: str
    workplace: str

    @property
    def handed_out(self) -> bool:
        return self.certificate is not None and getattr(self.certificate, "status", "") in HANDED_OUT

    @property
    def file_name(self) -> str:
        """``00012 王芳 ANN-2026-310115-0000012-3.pdf``; empty for what is not handed out."""
        if self.certificate is None or not self.handed_out:
            return ""
        name = "".join(one for one in self.certificate.holder_name if one.isprintable() and one not in FORBIDDEN)
        return f"{self.row.number:05d} {name[:60].strip(' .')} {self.certificate.serial}.pdf"


def lines_of(rows: IssueBatchRowQuerySet, now: datetime) -> Iterator[Line]:
    """Rows with all that belongs to them, in their order, in a fixed number of queries for every two hundred."""
    remaining = iter(rows.select_related("person").order_by("number").iterator(chunk_size=CHUNK))
    while some := list(islice(remaining, CHUNK)):
        yield from _lines(some, now)


def volumes_of(batch: IssueBatch) -> int:
    """In how many files the certificates are printed."""
    return -(-_certified(batch).count() // VOLUME)


def zip_of(*, batch: IssueBatch, now: datetime) -> Iterator[bytes]:
    """The archive, piece by piece as it grows. The index comes last and names what the archive could not give back."""
    pipe = _Pipe()
    lost: set[int] = set()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w") as package:
        for line in lines_of(_certified(batch), now):
            if not line.handed_out:
                continue
            content = _content(line, now)
            if content is None:
                lost.add(line.row.number)
                continue
            package.writestr(_entry(line.file_name, now), content, compresslevel=1)
            yield pipe.taken()
        index = index_of(batch=batch, rows=batch.rows.all(), now=now, lost=lost)
        package.writestr(_entry(f"{_('目录')}.xlsx", now), index)
    yield pipe.taken()


def print_of(*, batch: IssueBatch, volume: int, now: datetime) -> bytes:
    """The certificates of one volume (from 1) in one file, in the order of the index."""
    first = (volume - 1) * VOLUME
    numbers = list(_certified(batch).order_by("number").values_list("number", flat=True)[first : first + VOLUME])
    rows = _certified(batch).filter(number__in=numbers)
    papers = (_content(line, now) for line in lines_of(rows, now) if line.handed_out)
    title = _("打印件 %(volume)d（签名以单份文件为准）") % {"volume": volume}
    return merging.merged((paper for paper in papers if paper is not None), title=title)


def index_of(*, batch: IssueBatch, rows: IssueBatchRowQuerySet, now: datetime, lost: Collection[int] = ()) -> bytes:
    """The workbook: who got which certificate, what it is worth today, and why the others got none."""
    columns = [
        *(_("序号"), _("姓名"), _("证件号（掩码）"), _("用人单位"), _("结果"), _("原因"), _("证书编号"), _("证书")),
        *(_("发证日期"), _("有效期至"), _("当前状态"), _("文件名"), _("核验网址")),
    ]
    employers = batch.organisation.kind in BUREAUS
    lines = lines_of(rows.filter(batch=batch), now)
    cells = (_cells(line, line.row.number in lost, employers) for line in lines)
    return workbooks.write(sheets=[workbooks.Sheet(_("批量签发目录"), columns, cells)], created=now)


@transaction.atomic
def note_export(*, batch: IssueBatch, kind: str, actor: Actor, now: datetime) -> None:
    """Who took what away is on record."""
    record(verb="issue_batch.exported", actor=actor, now=now, subject=batch, changes={"kind": kind})


class _Pipe:
    """A file that is only written to; what was written is taken out and forgotten."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)


def _certified(batch: IssueBatch) -> IssueBatchRowQuerySet:
    return batch.rows.exclude(certificate=None)


def _lines(some: list[IssueBatchRow], now: datetime) -> Iterator[Line]:
    keys = [row.certificate_id for row in some if row.certificate_id]
    people = {row.person_id for row in some}
    certificates = Certificate.objects.with_status(timezone.localdate(now)).in_bulk(keys)
    papers = CertificateDocument.objects.filter(certificate__in=keys).select_related("document").order_by("number")
    newest = {paper.certificate_id: paper.document for paper in papers}
    masked, works = _masked(people), _workplaces(people)
    for row in some:
        key = row.certificate_id
        yield Line(
            row=row,
            certificate=certificates[key] if key else None,
            document=newest.get(key) if key else None,
            masked=masked.get(row.person_id, ""),
            workplace=works.get(row.person_id, ""),
        )


def _masked(people: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """A masked document each, a resident's card before any other: what tells people of one name apart."""
    rows = IdentityDocument.objects.filter(person__in=people, valid_to=None).order_by("-valid_from", "pk")
    by_rank = sorted(rows.values_list("person", "masked", "type"), key=lambda row: row[2] == "resident_id")
    return {person: masked for person, masked, _type in by_rank}


def _workplaces(people: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = Employment.objects.filter(person__in=people, to_date=None).order_by("-from_date", "-pk")
    return dict(rows.values_list("person", "institution__name"))


def _content(line: Line, now: datetime) -> bytes | None:
    """The PDF as archived, made now when no worker has made it; None when neither can be had, which is on the log."""
    assert line.certificate is not None
    try:
        return archive.read(line.document or paper_of(certificate=line.certificate, now=now))
    except Exception:
        log.exception("the PDF of certificate %s can not be handed out", line.certificate.pk)
        return None


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=timezone.localtime(now).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _cells(line: Line, lost: bool, employers: bool) -> tuple[Any, ...]:
    row, certificate = line.row, line.certificate
    reason = _("存档中的文件缺失或损坏，请联系管理员") if lost else reason_of(row)
    workplace = line.workplace if employers else ""
    head = (row.number, row.person.name, line.masked, workplace, str(outcome_of(row)[0]), reason)
    if certificate is None:
        return head
    status = Status(getattr(certificate, "status", Status.UNKNOWN))
    return (
        *head,
        certificate.serial,
        certificate.title,
        timezone.localdate(certificate.issued_at),
        certificate.valid_until,
        str(WORDS[status][0]),
        "" if lost else line.file_name,
        address_of(certificate.token),
    )
