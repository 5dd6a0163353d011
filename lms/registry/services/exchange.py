"""The list between regions: files that one installation signs and seals for another.

A file is a JWS over who sends it to whom, up to which version, and the decisions, sealed for the receiver (HPKE): names
and numbers are read by nobody on the way. Taking it in makes a batch that two officers answer for (``intake``); taken
in twice, it changes nothing. Annulments travel the same way. What came from elsewhere is not sent on.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import archive, keyrings
from lms.documents.keyrings import NotSealed, NotSigned
from lms.documents.models import ArchivedDocument
from lms.people import vault
from lms.people.access import require
from lms.people.models import Role
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.registry.models import BanCase, BanSubject, Intake, IntakeRow, ListAct, ListLeaf, ListVersion, Peer
from lms.registry.services import intake as intakes
from lms.registry.services.intake import IntakeReport
from lms.registry.services.intake_sheet import Read
from lms.registry.services.known import number_of
from lms.registry.services.peers import own_ring
from lms.registry.services.versions import current_list_version
from lms.rules import chain, names
from lms.rules.identity import mask
from lms.rules.refusals import Conflict, Invalid, NotFound, Refusal

FORMAT = "ban-exchange/1"
TYP = "ban-exchange+jws"
KIND = "ban-exchange"  # of the archived file
ABOUT = b"lms/ban-exchange/1"
MAX_FILE = 50 * 1024 * 1024  # bytes


class Envelope(BaseModel):
    """The file as it lies on a disk."""

    format: Literal["ban-exchange/1"]
    jws: str


class Entry(BaseModel):
    """One subject of one decision, as it travels inside the sealed part."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    act: Literal["entered", "annulled"]
    authority: str = Field(min_length=1, max_length=200)
    case_number: str = Field(min_length=1, max_length=100)
    decided_on: date
    facts_on: date
    facts_category: Literal["abuse", "sexual", "neglect", "concealment"]
    legal_basis: str = Field(min_length=1, max_length=300)
    region_code: str = Field(pattern="^[0-9]{6}$")
    name: str
    birth_date: date | None
    document_type: str
    document_number: str
    role: Literal["perpetrator", "manager"]
    kind: Literal["lifetime", "dated"]
    from_date: date
    until: date | None


def export_to(*, peer: Peer, since: int, actor: Actor, now: datetime) -> bytes:
    """What changed in the officer's region after version ``since`` (0: everything), sealed for a trusted peer.

    Refuses a peer that is not trusted, a version there is not, and ``nothing_new``.
    """
    require(actor, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
    if peer.state != Peer.State.TRUSTED:
        raise Conflict("peer_not_trusted", _("对方系统的密钥还没有经两人核对，不能交换。"))
    start = ListVersion.objects.filter(number=since).first() if since else None
    if since and start is None:
        raise NotFound("version_unknown", _("没有这个名单版本。"), field="since")
    version, keys = current_list_version(), own_ring()
    entries = list(_entries(actor, start.size if start else 0, version.size))
    if not entries:
        raise Conflict("nothing_new", _("从这个版本以来，本地区没有变动。"), field="since")
    said = {
        "from": keys.kid,
        "to": peer.kid,
        "at": now,
        "since": since,
        "version": version.number,
        "list": version.signature,
        "entries": len(entries),
        "sealed": keyrings.seal(chain.canonical(entries).encode(), to=peer.seal_key, about=ABOUT),
    }
    content = json.dumps({"format": FORMAT, "jws": keyrings.sign(said, by=keys, typ=TYP)}).encode()
    changes = {"peer": peer.kid, "since": since, "version": version.number, "entries": len(entries)}
    record(verb="ban_list.exported", actor=actor, now=now, subject=peer, changes=changes)
    return content


def take_file(*, file: "File[bytes]", actor: Actor, now: datetime, dry_run: bool = False) -> IntakeReport:
    """Hand in a file of another region. It acts when a second officer has confirmed the batch it makes.

    Refuses what is no such file, a key that is not trusted (``key_unknown``), a file that was changed
    (``file_changed``) or is for somebody else (``other_receiver``), and one that changes nothing (``nobody_new``).
    """
    intakes.require_proposer(actor)
    if file.size > MAX_FILE:
        raise Invalid("upload_too_large", _("文件太大，请拆分后再上传。"), status=413, field="file")
    content = file.read()
    peer, said = _opened(content)
    rows, errors = _rows(_decisions(said), timezone.localdate(now))
    intakes.mark_listed(rows)
    listed = tuple(row for row in rows if row.outcome)
    fresh, undated = len(rows) - len(listed), intakes.undated(rows)
    report = IntakeReport(None, len(rows) + len(errors), tuple(errors), listed, fresh, undated)
    if dry_run or errors:
        return report
    with transaction.atomic():
        document = archive.store(
            kind=KIND,
            file_name="exchange.json",
            content_type="application/json",
            content=content,
            now=now,
            actor=actor,
        )
        kept = intakes.keep(
            kind=Intake.Kind.EXCHANGE,
            source=f"{peer.name} #{said['version']}",
            document=document,
            sha256=hashlib.sha256(content).hexdigest(),
            rows=rows,
            actor=actor,
            now=now,
        )
    return replace(report, intake=kept)


def came_from_sender_of(document: ArchivedDocument, *, case: BanCase) -> bool:
    """Whether a decision was taken in from a file of the same installation that has signed ``document``.

    A key that was replaced is known by its name: each was trusted by two officers.
    """
    theirs = _sender(document)
    lists = case.documents.filter(purpose="list", document__kind=KIND).select_related("document")
    return theirs is not None and any(_sender(row.document) == theirs for row in lists)


def _sender(document: ArchivedDocument) -> str | None:
    """The name of the installation whose key signed an archived file; it was proved when the file was taken."""
    try:
        told = Envelope.model_validate_json(archive.read(document))
    except ValidationError:
        return None
    return Peer.objects.filter(kid=keyrings.signer_of(told.jws)).values_list("name", flat=True).first()


def _entries(actor: Actor, after: int, up_to: int) -> Iterator[dict[str, Any]]:
    """Lines of the log between two sizes, of cases decided in the officer's region and not come from elsewhere.

    When a ban begins or ends follows from its dates: whoever takes it in sees to that.
    """
    foreign = Intake.objects.filter(kind=Intake.Kind.EXCHANGE).values("document")
    own = BanCase.objects.visible_to(actor).exclude(documents__document__in=foreign, documents__purpose="list")
    acts = [ListAct.ENTERED, ListAct.ANNULLED]
    leaves = ListLeaf.objects.filter(act__in=acts, position__gt=after, position__lte=up_to)
    leaves = leaves.filter(subject__case__in=own.values("pk"))
    for leaf in leaves.select_related("subject__case").order_by("position").iterator(chunk_size=1000):
        yield _entry(leaf.act, leaf.subject)


def _entry(act: str, subject: BanSubject) -> dict[str, Any]:
    case, number = subject.case, number_of(subject)
    return {
        "act": act,
        "authority": case.authority,
        "case_number": case.number,
        "decided_on": case.decided_on,
        "facts_on": case.facts_on,
        "facts_category": case.facts_category,
        "legal_basis": case.legal_basis,
        "region_code": case.region_code,
        "name": subject.name,
        "birth_date": subject.birth_date,
        "document_type": number.type.value,
        "document_number": number.canonical,
        "role": subject.role,
        "kind": subject.kind,
        "from_date": subject.from_date,
        "until": subject.until,
    }


def _opened(content: bytes) -> tuple[Peer, dict[str, Any]]:
    """Who sent it, and what the signature covers."""
    try:
        told = Envelope.model_validate_json(content)
    except ValidationError as error:
        raise Invalid("not_exchange", _("这不是地区交换文件。"), field="file") from error
    peer = Peer.objects.filter(kid=keyrings.signer_of(told.jws), state=Peer.State.TRUSTED).first()
    if peer is None:
        raise Conflict(
            "key_unknown",
            _("签发这份文件的系统不在可信名单中。请先由管理员登记对方名片，并经另一人核对指纹。"),
            field="file",
        )
    try:
        said = keyrings.opened(told.jws, keys={peer.kid: peer.sign_key}, typ=TYP)
    except NotSigned as error:
        raise Invalid("file_changed", _("签名不符：文件在途中被改动过，没有导入任何内容。"), field="file") from error
    if said.get("to") != own_ring().kid:
        raise Conflict("other_receiver", _("这份文件不是发给本系统的，请对方重新导出。"), field="file")
    return peer, said


def _decisions(said: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        entries = json.loads(keyrings.unseal(str(said["sealed"]), keys=own_ring(), about=ABOUT))
    except (NotSealed, ValueError, KeyError) as error:
        raise Invalid(
            "file_sealed", _("打不开文件的加密部分，请对方按本系统现在的名片重新导出。"), field="file"
        ) from error
    if not isinstance(entries, list):
        raise Invalid("not_exchange", _("这不是地区交换文件。"), field="file")
    return entries


def _rows(entries: list[dict[str, Any]], on: date) -> tuple[list[IntakeRow], list[Read]]:
    rows, errors = [], []
    for number, told in enumerate(entries, start=1):
        try:
            rows.append(_row(number, Entry.model_validate(told), on))
        except ValidationError as error:
            where = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
            errors.append(Read(number, "", column=where, code="entry_unreadable", error=str(_("这一项无法识别。"))))
        except Refusal as refusal:
            errors.append(Read(number, "", column=refusal.field or "", code=refusal.code, error=sentence(refusal)))
    return rows, errors


def _row(number: int, entry: Entry, on: date) -> IntakeRow:
    """One entry as a row of a batch, the number sealed under our own key."""
    said = entry.model_dump()
    identity = read_number(said.pop("document_type"), said.pop("document_number"), on)
    said["name"] = names.validate(said["name"])
    sealed = vault.seal(identity.canonical)
    return IntakeRow(
        number=number,
        act=ListAct(said.pop("act")),
        document_type=identity.type.value,
        ciphertext=sealed.ciphertext,
        key_version=sealed.key_version,
        masked=mask(identity.type, identity.canonical),
        **said,
    )
