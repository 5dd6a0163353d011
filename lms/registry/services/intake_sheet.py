"""A list of bans as a workbook: read into rows that are right, or say which column is wrong and how to put it right.

A number is sealed as soon as it is read; no error repeats it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.db import models
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from lms.documents import uploads, workbooks
from lms.documents.workbooks import Column, Row
from lms.people.models.persons import DocumentTypeChoices
from lms.people.plain_text import without_numbers
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.registry.models import BanKind, FactsCategory, SubjectRole
from lms.rules import names
from lms.rules.identity import IdentityNumber
from lms.rules.refusals import Invalid, Refusal

COLUMNS = (
    Column("case_number", (gettext_noop("决定文号"), "Decision number")),
    Column("authority", (gettext_noop("作出机关"), "Authority")),
    Column("decided_on", (gettext_noop("决定日期"), "Decided on")),
    Column("facts_on", (gettext_noop("事实发生日期"), "Date of the facts")),
    Column("facts_category", (gettext_noop("事实类别"), "Category of facts")),
    Column("legal_basis", (gettext_noop("法律依据"), "Legal basis")),
    Column("name", (gettext_noop("姓名"), "Name")),
    Column("document_type", (gettext_noop("证件类型"), "Document type"), required=False),
    Column("document_number", (gettext_noop("证件号码"), "身份证号", "身份证号码", "Document number")),
    Column("birth_date", (gettext_noop("出生日期"), "Date of birth"), required=False),
    Column("role", (gettext_noop("在案件中的身份"), "身份", "Role in the case"), required=False),
    Column("from_date", (gettext_noop("禁入起始日期"), "自", "Barred from"), required=False),
    Column("until", (gettext_noop("禁入截止日期"), "至", "Barred until"), required=False),
)
TITLES = {column.key: column.titles[0] for column in COLUMNS}


@dataclass(slots=True)
class Read:
    """One row: what it says, or the first error that stops it, with the column it stands in."""

    row: int
    name: str
    said: dict[str, Any] = field(default_factory=dict)
    number: IdentityNumber | None = None
    column: str = ""
    code: str = ""
    error: str = ""


def read(file: "File[bytes]", *, on: date) -> Iterator[Read]:
    """Rows of the workbook. Refuses what is none, and one without the columns it needs."""
    uploads.check(file, kind="workbook")
    return (_read(row, on) for row in workbooks.read(cast("IO[bytes]", file), columns=COLUMNS))


def _read(row: Row, on: date) -> Read:
    found = Read(row.number, without_numbers(row.values["name"])[:100])
    try:
        for column in COLUMNS:
            found.column = column.key
            _take(found, column.key, row, on)
        found.column = "birth_date"
        _require_same_birth(found)
        found.column = "until"
        _require_terms(found.said, on)
    except Refusal as refusal:
        found.code, found.error = refusal.code, sentence(refusal)[:300]
        found.column = gettext(TITLES[found.column])
    else:
        found.column = ""
    return found


def _take(found: Read, key: str, row: Row, on: date) -> None:
    text = row.values.get(key, "")
    if key == "document_number":
        if key in row.rounded:
            raise Invalid("number_rounded", _("Excel 已把这个号码四舍五入，请把该列设为文本后重新填写。"))
        found.number = read_number(found.said["document_type"], text, on)
    else:
        found.said[key] = _PARSERS[key](text)


def _require_same_birth(found: Read) -> None:
    told = found.number.birth_date if found.number else None
    if told and found.said["birth_date"] and told != found.said["birth_date"]:
        raise Invalid("birth_date_differs", _("出生日期与证件号码中的不一致，请核对。"))


def _require_terms(said: dict[str, Any], on: date) -> None:
    """Dates in an order that can be; what is left empty follows from the rest."""
    said["from_date"] = said["from_date"] or said["decided_on"]
    said["kind"] = BanKind.DATED if said["until"] else BanKind.LIFETIME
    if said["decided_on"] > on or (said["from_date"] > on and not said["until"]):
        raise Invalid("date_in_future", _("日期不能晚于今天；只有限期禁入可以从以后的某天开始。"))
    if said["facts_on"] > said["decided_on"]:
        raise Invalid("facts_after_decision", _("事实发生日期不能晚于决定日期。"))
    if said["until"] and said["until"] < said["from_date"]:
        raise Invalid("dates_reversed", _("截止日期不能早于起始日期。"))


def _text(most: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        tidy = text.strip()
        if not tidy:
            raise Invalid("required", _("这一项必须填写。"))
        if len(tidy) > most:
            raise Invalid("too_long", _("最多 %(most)d 个字。"), most=most)
        return tidy

    return parse


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-")) if text else None
    except ValueError:
        raise Invalid("date_unreadable", _("日期请写成 2001-02-03 的形式。")) from None


def _needed_day(text: str) -> date:
    day = _day(text)
    if day is None:
        raise Invalid("required", _("这一项必须填写。"))
    return day


def _choice(choices: type[models.TextChoices], default: str = "") -> Callable[[str], str]:
    def parse(text: str) -> str:
        found = _words(choices).get(text.casefold() or default)
        if found is None:
            allowed = gettext("、").join(str(choice.label) for choice in choices)
            raise Invalid("choice_unknown", _("只能填写：%(allowed)s。"), allowed=allowed)
        return found

    return parse


@cache
def _words(choices: type[models.TextChoices]) -> Mapping[str, str]:
    """Values by each name they go by, in every language of the screens."""
    words = {choice.value: str(choice.value) for choice in choices}
    for language, _name in settings.LANGUAGES:
        with override(language):
            words |= {str(choice.label).casefold(): str(choice.value) for choice in choices}
    return words


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "case_number": _text(100),
    "authority": _text(200),
    "decided_on": _needed_day,
    "facts_on": _needed_day,
    "facts_category": _choice(FactsCategory),
    "legal_basis": _text(300),
    "name": names.validate,
    "document_type": _choice(DocumentTypeChoices, DocumentTypeChoices.RESIDENT_ID),
    "birth_date": _day,
    "role": _choice(SubjectRole, SubjectRole.PERPETRATOR),
    "from_date": _day,
    "until": _day,
}
