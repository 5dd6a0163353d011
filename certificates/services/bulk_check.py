"""Serials of a whole workbook, told what each is worth: for bureaus that are handed a pile of certificates.

Nothing of the file is kept. Who asked about how many is on record, and each holder finds the look-up on their page.
What may never happen: a row that tells more of somebody outside the bureau's region than the public page does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, cast

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from certificates.models import Certificate
from certificates.services.validity import Validity, validity_of
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.documents import uploads, workbooks
from lms.documents.workbooks import Column
from lms.people.access import require
from lms.people.models import Organisation, Role
from lms.people.plain_text import without_numbers
from lms.people.services import note_look_up
from lms.rules import names, serials
from lms.rules.refusals import Invalid, NotAllowed

ROLES = (Role.BUREAU_AUDITOR, Role.BUREAU_APPROVER, Role.REGISTRAR, Role.CONFIRMING_REGISTRAR)
MAX_ROWS = 2_000
AT_A_TIME = 500
COLUMNS = (
    Column("serial", (gettext_noop("证书编号"), "编号", "Certificate number", "Serial number", "Serial")),
    Column("name", (gettext_noop("姓名"), "持证人", "Name", "Holder"), required=False),
)
PROBLEMS: Mapping[str, Any] = {
    "serial_missing": _("没有填写证书编号"),
    "serial_mistyped": _("编号的校验位不符，多半有一位抄错，请对照证书重新填写"),
    "serial_malformed": _("这不是本平台的证书编号，请对照证书右上角填写"),
    "serial_unknown": _("编号格式正确，但本平台没有签发过，请勿采信"),
    "name_differs": _("姓名与证书上的不一致"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One row: the serial as typed, what it is worth, or the ``problem`` that stands against it (a key of PROBLEMS)."""

    row: int
    serial: str
    problem: str = ""
    certificate: Certificate | None = None
    verdict: Validity | None = None
    holder: str = ""
    whole: bool = False  # of the bureau's own region: shown unmasked, with the address of its page
    same_as: int | None = None  # the row this serial stood in first


def check_serials(*, file: "File[bytes]", actor: Actor, now: datetime) -> list[Answer]:
    """What each serial of a workbook is worth today, in the order of the file.

    Refuses everybody but a bureau's auditors, approvers and registrars; a file that is no workbook or lacks the column
    of serials; one without rows; more than ``MAX_ROWS``.
    """
    require(actor, *ROLES)
    if actor.organisation_id is None:
        raise NotAllowed("role_required", _("批量核验由主管部门的工作人员办理。"))
    uploads.check(file, kind="workbook")
    rows = list(workbooks.read(cast("IO[bytes]", file), columns=COLUMNS, max_rows=MAX_ROWS))
    if not rows:
        raise Invalid("no_rows", _("文件中没有要核验的证书编号。"), field="file")
    known = {row.number: serials.normalise(row.values["serial"]) for row in rows}
    found = _found(filter(None, known.values()), timezone.localdate(now))
    near = _within_reach(found.values(), actor)
    first: dict[str, int] = {}
    answers = []
    for row in rows:
        serial = known[row.number]
        before = first.setdefault(serial, row.number) if serial else row.number
        answer = _answer(row, found.get(serial or ""), near)
        answers.append(answer if before == row.number else replace(answer, same_as=before))
    _note(actor, answers, now)
    return answers


def _found(wanted: Iterable[str], on: date) -> dict[str, Certificate]:
    """Certificates by serial, each with what it is worth on ``on``; one query for five hundred."""
    found: dict[str, Certificate] = {}
    for some in _by_the_hundred(dict.fromkeys(wanted)):
        rows = Certificate.objects.with_status(on).filter(serial__in=some).select_related("person")
        found |= {row.serial: row for row in rows}
    return found


def _within_reach(found: Iterable[Certificate], actor: Actor) -> set[Any]:
    """Those the actor may see whole: of their own region."""
    near: set[Any] = set()
    for some in _by_the_hundred(row.pk for row in found):
        near |= set(Certificate.objects.visible_to(actor).filter(pk__in=some).values_list("pk", flat=True))
    return near


def _answer(row: workbooks.Row, certificate: Certificate | None, near: set[Any]) -> Answer:
    typed, name = row.values["serial"], row.values.get("name", "")
    shown = without_numbers(typed)[:60]
    if certificate is None:
        return Answer(row.number, shown, problem=_problem(typed))
    differs = bool(name) and names.compare(certificate.holder_name, name) < names.NameMatch.SIMPLIFIED
    whole = certificate.pk in near
    return Answer(
        row.number,
        certificate.serial,
        problem="name_differs" if differs else "",
        certificate=certificate,
        verdict=validity_of(certificate),
        holder=certificate.holder_name if whole else names.mask(certificate.holder_name),
        whole=whole,
    )


def _problem(typed: str) -> str:
    if not typed:
        return "serial_missing"
    if serials.valid(typed):
        return "serial_unknown"
    return "serial_mistyped" if serials.mistyped(typed) else "serial_malformed"


@transaction.atomic
def _note(actor: Actor, answers: list[Answer], now: datetime) -> None:
    looked_up = {one.certificate.person_id: one.certificate.person for one in _known(answers)}
    for person in looked_up.values():
        note_look_up(person=person, purpose="certificate", actor=actor, now=now)
    changes = {"rows": len(answers), "found": len(list(_known(answers))), "persons": len(looked_up)}
    bureau = Organisation.objects.get(pk=str(actor.organisation_id))
    record(verb="certificates.checked_in_bulk", actor=actor, now=now, subject=bureau, changes=changes)


def _by_the_hundred(things: Iterable[Any]) -> Iterator[list[Any]]:
    """Databases bound the number of parameters of one query."""
    left = iter(things)
    while some := list(islice(left, AT_A_TIME)):
        yield some


def _known(answers: list[Answer]) -> Iterator[Any]:
    return (one for one in answers if one.certificate)
