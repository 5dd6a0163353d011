"""Hours learned elsewhere: handed in with a proof, examined by a worker, decided by a bureau, then hour entries.

The rows are the work. A worker takes a batch, does some rows and lets it go; killed half-way, or two at once, no row is
examined or credited twice: persons are locked, and the evidence of an entry is its row.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.audit.work import taken, wake_on_commit
from lms.documents import archive, uploads
from lms.documents.models import ArchivedDocument
from lms.ledger.models import OutsideBatch, OutsideDecision, OutsideRow
from lms.ledger.services import outside_sheets
from lms.ledger.services.outside_examining import check_learning, match, wrong
from lms.ledger.services.outside_settling import settle
from lms.ledger.services.outside_sheets import Learned
from lms.people import vault
from lms.people.access import require
from lms.people.models import Organisation, Person, Role, User
from lms.people.services import tell
from lms.people.services.persons import read_number
from lms.rules.identity import mask
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound

AT_A_TIME = 250
HOLD = timedelta(minutes=2)
CHUNK = 2000
JOB = "outside-hours"


@dataclass(frozen=True, slots=True)
class OutsideReport:
    """What became of an upload: ``batch`` is None after a dry run. ``errors`` are rows that can't be taken (yet)."""

    batch: OutsideBatch | None
    total: int
    errors: tuple[OutsideRow, ...]


def submit_outside(
    *,
    institution: Organisation,
    file: "File[bytes]",
    proof: "File[bytes] | None",
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
) -> OutsideReport:
    """Take in a workbook of staff and what they learned elsewhere, with one proof (PDF or picture) for all of it.

    Rows that are wrong are kept with what is wrong; the others are examined by a worker. A dry run examines at once
    and keeps nothing. Refuses a file without the needed columns or without rows, and a real run without a proof.
    """
    require(actor, Role.INSTITUTION_MANAGER)
    if not actor.is_system and actor.organisation_id != institution.pk:
        raise NotFound("institution_unknown", gettext_lazy("没有找到这家机构。"))
    learned = list(outside_sheets.read(file, on=timezone.localdate(now)))
    if not learned:
        raise Invalid("no_rows", gettext_lazy("文件中没有学时记录。"), field="file")
    if dry_run:
        return OutsideReport(None, len(learned), tuple(_tried(learned, institution, now)))
    if proof is None:
        raise Invalid("proof_missing", gettext_lazy("请附上培训证明（PDF 或图片）。"), field="proof")
    content_type = uploads.check(proof, kind="document")
    with transaction.atomic():
        batch = OutsideBatch.objects.create(
            institution=institution,
            region_code=institution.region_code,
            proof=_kept(proof, content_type, actor, now),
            **_submitted(actor, len(learned), now),
        )
        rows = (_row(one, batch) for one in learned)
        while some := list(islice(rows, CHUNK)):
            OutsideRow.objects.bulk_create(some)
        _received(batch, sum(bool(one.faults) for one in learned), actor, now)
    return OutsideReport(batch, len(learned), ())


def submit_own_outside(
    *, person: Person, written: dict[str, str], proof: "File[bytes]", actor: Actor, now: datetime
) -> OutsideBatch:
    """A practitioner hands in one course of their own. Refuses a field that is wrong and what was handed in before."""
    if not actor.is_system and actor.person_id != person.pk:
        raise NotFound("person_unknown", gettext_lazy("没有找到这位人员。"))
    learned = outside_sheets.check_fields(written, timezone.localdate(now))
    if learned.faults:
        fault = learned.faults[0]
        raise Invalid(fault.code, fault.sentence, field=fault.field)
    content_type = uploads.check(proof, kind="document")
    with transaction.atomic():
        _lock([person.pk])
        row = _row(learned, None)
        row.number, row.name, row.person, row.examined = 1, person.name, person, True
        check_learning([row], now)
        if row.error_code:
            raise Conflict(row.error_code, row.error, field=row.error_field)
        batch = OutsideBatch.objects.create(
            person=person,
            region_code=person.region_code,
            proof=_kept(proof, content_type, actor, now),
            examined_at=now,
            **_submitted(actor, 1, now),
        )
        row.batch = batch
        row.save(force_insert=True)
        _received(batch, 0, actor, now)
    return batch


def decide_outside(
    *, batch: OutsideBatch, rows: Collection[uuid.UUID] | None, accept: bool, reason: str, actor: Actor, now: datetime
) -> int:
    """Accept or refuse waiting rows of a batch, those named or (None) all; a worker credits what was accepted.

    Returns how many were decided. Refuses a refusal without a reason, one's own hours, and when nothing waits.
    """
    require(actor, Role.BUREAU_AUDITOR)
    if not OutsideBatch.objects.visible_to(actor).filter(pk=batch.pk).exists():
        raise NotFound("batch_unknown", gettext_lazy("没有找到这批学时。"))
    if actor.id and batch.user_id == actor.id:
        raise NotAllowed("own_submission", gettext_lazy("须由另一位审计员办理，不能核验自己提交的材料。"))
    if not accept and not reason.strip():
        raise Invalid("reason_missing", gettext_lazy("不认可时请写明理由，提交人会看到。"), field="reason")
    with transaction.atomic():
        OutsideBatch.objects.select_for_update().filter(pk=batch.pk).values_list("pk").first()
        waiting = batch.rows.waiting()
        if rows is not None:
            waiting = waiting.filter(pk__in=list(rows))
        chosen = list(waiting.values_list("pk", "person_id"))
        if not chosen:
            raise Conflict("nothing_waits", gettext_lazy("所选的行已经核验过了，请刷新后再看。"))
        if actor.person_id and any(person_id == actor.person_id for _pk, person_id in chosen):
            raise NotAllowed("own_hours", gettext_lazy("不能核验本人的学时，请由其他审计员办理。"))
        OutsideDecision.objects.bulk_create(
            OutsideDecision(row_id=pk, accepted=accept, reason=reason.strip()[:300], by=actor.label, at=now)
            for pk, _person_id in chosen
        )
        verb = "outside_hours.accepted" if accept else "outside_hours.refused"
        record(verb=verb, actor=actor, now=now, subject=batch, changes={"rows": len(chosen)}, reason=reason.strip())
        wake_on_commit("lms.ledger.tasks.run_outside", str(batch.pk))
    return len(chosen)


def work_on(*, batch_id: uuid.UUID, now: datetime) -> bool:
    """Examine, or settle, the next rows of a batch that nobody holds. True while rows are left for another turn."""
    with taken(OutsideBatch.objects.unsettled().filter(pk=batch_id), now=now, hold=HOLD) as batch:
        if batch is None:
            return False
        return _examine_next(batch, now) if batch.examined_at is None else _settle_next(batch, now)


def counts_of(batch: OutsideBatch) -> dict[str, int]:
    """Rows of a batch by what they say now. One query."""
    right = Q(error_code="")
    return batch.rows.aggregate(
        errors=Count("pk", filter=~right),
        looked_at=Count("pk", filter=Q(examined=True)),
        waiting=Count("pk", filter=Q(examined=True, decision=None) & right),
        credited=Count("pk", filter=Q(outcome__entry__isnull=False)),
        refused=Count("pk", filter=~Q(outcome__refused_code="") & Q(outcome__isnull=False)),
        settling=Count("pk", filter=Q(decision__isnull=False, outcome=None)),
    )


def _tried(learned: list[Learned], institution: Organisation, now: datetime) -> Iterable[OutsideRow]:
    """Rows that would not be taken, examined without keeping anything."""
    seen: dict[str, OutsideRow] = {}
    remaining = iter(learned)
    while some := list(islice(remaining, CHUNK)):
        rows = [_row(one, None) for one in some]
        match(rows, {one.row: one.number for one in some if one.number}, institution, now)
        check_learning(rows, now, seen)
        yield from (row for row in rows if row.error_code)


def _examine_next(batch: OutsideBatch, now: datetime) -> bool:
    with transaction.atomic():
        rows = list(batch.rows.filter(examined=False).order_by("number")[:AT_A_TIME])
        if batch.institution is not None:
            match(rows, _unsealed(rows), batch.institution, now)
        _lock({row.person_id for row in rows if row.person_id})
        check_learning(rows, now)
        _keep_examined(rows)
        if batch.rows.filter(examined=False).exists():
            return True
        OutsideBatch.objects.filter(pk=batch.pk).update(examined_at=now)
        counts = counts_of(batch)
        changes = {"rows": batch.total, "errors": counts["errors"]}
        record(verb="outside_hours.examined", actor=Actor.system(JOB), now=now, subject=batch, changes=changes)
        title = _("外部学时已核对：%(right)s 行待主管部门核验，%(wrong)s 行有误")
        _tell(batch, "examined", title % {"right": counts["waiting"], "wrong": counts["errors"]}, now)
        _settled_if_done(batch, now)
    return False


def _keep_examined(rows: list[OutsideRow]) -> None:
    """Write down what the examination found; the sealed numbers have done their work and go."""
    right, wrongs = ([row for row in rows if bool(row.error_code) is bad] for bad in (False, True))
    OutsideRow.objects.bulk_update(right, ["person", "fingerprint"])
    OutsideRow.objects.bulk_update(wrongs, ["person", "error_code", "error_field", "error"])
    keys = [row.pk for row in rows]
    OutsideRow.objects.filter(pk__in=keys).update(examined=True, ciphertext="", key_version=None)


def _settle_next(batch: OutsideBatch, now: datetime) -> bool:
    due = batch.rows.to_settle().select_related("person", "decision", "batch__proof").order_by("number")
    for row in due[:AT_A_TIME]:
        settle(row=row, now=now)
    if batch.rows.to_settle().exists():
        return True
    with transaction.atomic():
        _settled_if_done(batch, now)
    return False


def _settled_if_done(batch: OutsideBatch, now: datetime) -> None:
    if batch.rows.waiting().exists() or batch.rows.to_settle().exists():
        return
    if OutsideBatch.objects.unsettled().filter(pk=batch.pk).update(settled_at=now):
        counts = counts_of(batch)
        changes = {"credited": counts["credited"], "refused": counts["refused"], "errors": counts["errors"]}
        record(verb="outside_hours.settled", actor=Actor.system(JOB), now=now, subject=batch, changes=changes)
        title = _("外部学时已办结：计入 %(credited)s 行，未计入 %(rest)s 行")
        rest = counts["refused"] + counts["errors"]
        _tell(batch, "settled", title % {"credited": counts["credited"], "rest": rest}, now)


def _row(learned: Learned, batch: OutsideBatch | None) -> OutsideRow:
    kept = ("name", "category", "class_hours", "on", "title", "provider", "certificate_number", "delivery")
    row = OutsideRow(
        batch=batch, number=learned.row, **{key: learned.values[key] for key in kept if key in learned.values}
    )
    if learned.faults:
        wrong(
            row,
            learned.faults[0].code,
            ",".join(dict.fromkeys(fault.field for fault in learned.faults))[:32],
            " ".join(fault.sentence for fault in learned.faults),
        )
    if learned.number is not None:
        row.document_type = learned.number.type.value
        row.masked = mask(learned.number.type, learned.number.canonical)
        if batch is not None and not learned.faults:
            sealed = vault.seal(learned.number.canonical)
            row.ciphertext, row.key_version = sealed.ciphertext, sealed.key_version
    return row


def _unsealed(rows: list[OutsideRow]) -> dict[int, Any]:
    return {
        row.number: read_number(row.document_type, vault.unseal(row.ciphertext, row.key_version))
        for row in rows
        if row.ciphertext and row.key_version
    }


def _lock(person_ids: Iterable[uuid.UUID]) -> None:
    """In the order of keys, so that two imports of the same people wait for, and never block, each other."""
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=list(person_ids)).order_by("pk").values_list("pk"))


def _kept(proof: "File[bytes]", content_type: str, actor: Actor, now: datetime) -> ArchivedDocument:
    return archive.store(
        kind="outside-hours-proof",
        file_name=(proof.name or "")[-150:],
        content_type=content_type,
        content=proof.read(),
        now=now,
        actor=actor,
    )


def _submitted(actor: Actor, total: int, now: datetime) -> dict[str, Any]:
    user_id = actor.id if actor.kind == "user" else None
    return {"submitted_by": actor.label, "user_id": user_id, "total": total, "created_at": now}


def _received(batch: OutsideBatch, errors: int, actor: Actor, now: datetime) -> None:
    record(
        verb="outside_hours.submitted",
        actor=actor,
        now=now,
        subject=batch,
        person_id=batch.person_id,
        changes={"rows": batch.total, "errors": errors, "proof": batch.proof.sha256},
    )
    wake_on_commit("lms.ledger.tasks.run_outside", str(batch.pk))


def _tell(batch: OutsideBatch, step: str, title: str, now: datetime) -> None:
    user = User.objects.filter(pk=batch.user_id).first() if batch.user_id else None
    if user is not None:
        url = reverse("ledger:outside_batch", args=[batch.pk])
        body = _("打开查看每一行的结果。")
        tell(
            user=user,
            code=f"outside_{step}",
            title=title,
            body=body,
            url=url,
            dedupe_key=f"outside:{step}:{batch.pk}",
            now=now,
        )
