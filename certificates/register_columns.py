"""The columns of an issuer's register as a workbook, as data: what each is called and where its value comes from.

The design names "the province's columns" and gives none. These are the ones that registers of vocational training in
Shanghai, Zhejiang and Beijing have in common; a province that wants others gets a list of its own in ``REGISTERS``,
under its GB/T 2260 code, and nothing else changes. Identity numbers stand there masked, whoever exports them: who needs
the whole number opens the person, which leaves an event its subject can see.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from certificates.models import Certificate
from certificates.querysets import CertificateQuerySet
from certificates.services.validity import validity_of
from certificates.showing import WORDS
from lms.people.models import Employment
from lms.people.models.persons import DocumentTypeChoices
from lms.rules.regions import ancestors

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register: a certificate read ``with_status``, its number in the list, and where its holder works."""

    number: int
    certificate: Certificate
    employers: str


@dataclass(frozen=True, slots=True)
class Column:
    title: Any
    value: Callable[[Entry], Any]


def _document(entry: Entry, key: str) -> str:
    return str((entry.certificate.facts.get("document") or {}).get(key, ""))


def _document_type(entry: Entry) -> str:
    code = _document(entry, "type")
    return str(DocumentTypeChoices(code).label) if code in DocumentTypeChoices.values else code


def _hours(entry: Entry) -> Decimal:
    return sum((Decimal(line["earned"]) for line in entry.certificate.facts.get("lines", [])), Decimal(0))


def _project(entry: Entry) -> str:
    facts = entry.certificate.facts
    return str(facts.get("course") or facts.get("programme") or entry.certificate.title)


def _remark(entry: Entry) -> str:
    """Why it is not valid, and which edition it is."""
    verdict = validity_of(entry.certificate)
    edition = entry.certificate.edition
    parts = [str(verdict.reason), verdict.authority, _("第 %(n)s 版") % {"n": edition} if edition > 1 else ""]
    return _("；").join(part for part in parts if part)


COMMON: tuple[Column, ...] = (
    Column(gettext_lazy("序号"), lambda entry: entry.number),
    Column(gettext_lazy("姓名"), lambda entry: entry.certificate.holder_name),
    Column(gettext_lazy("性别"), lambda entry: str(entry.certificate.person.get_sex_display())),
    Column(gettext_lazy("证件类型"), _document_type),
    Column(gettext_lazy("证件号码（掩码）"), lambda entry: _document(entry, "masked")),
    Column(gettext_lazy("工作单位"), lambda entry: entry.employers),
    Column(gettext_lazy("培训项目"), _project),
    Column(pgettext_lazy("register", "学时"), _hours),
    Column(gettext_lazy("证书名称"), lambda entry: entry.certificate.title),
    Column(gettext_lazy("证书编号"), lambda entry: entry.certificate.serial),
    Column(gettext_lazy("发证单位"), lambda entry: entry.certificate.issuer_name),
    Column(gettext_lazy("发证日期"), lambda entry: timezone.localdate(entry.certificate.issued_at)),
    Column(gettext_lazy("有效期至"), lambda entry: entry.certificate.valid_until or _("长期")),
    Column(gettext_lazy("状态"), lambda entry: str(WORDS[validity_of(entry.certificate).status][0])),
    Column(gettext_lazy("备注"), _remark),
)
# GB/T 2260 code of a region → its own columns; the nearest one above counts, else COMMON.
REGISTERS: dict[str, tuple[Column, ...]] = {}


def columns_of(region_code: str) -> tuple[Column, ...]:
    """The columns that the region of an issuer or bureau asks for."""
    for code in (region_code, *reversed(ancestors(region_code))):
        if code in REGISTERS:
            return REGISTERS[code]
    return COMMON


def lines_of_register(found: CertificateQuerySet, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """The cells, row by row as they are read; three queries a chunk, however long the register is."""
    rows = found.select_related("person").iterator(chunk_size=CHUNK)
    number = 0
    while chunk := list(islice(rows, CHUNK)):
        employers = _employers({row.person_id for row in chunk})
        for row in chunk:
            number += 1
            entry = Entry(number, row, _("、").join(employers.get(row.person_id, [])))
            yield [column.value(entry) for column in columns]


def _employers(people: set[UUID]) -> dict[UUID, list[str]]:
    """Where they work now."""
    found: dict[UUID, list[str]] = {}
    rows = Employment.objects.filter(person__in=people, to_date=None).order_by("from_date", "pk")
    for person_id, name in rows.values_list("person_id", "institution__name"):
        found.setdefault(person_id, []).append(name)
    return found
