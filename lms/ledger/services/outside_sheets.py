"""The workbook of hours learned elsewhere, read into rows that are right or name every field that is not.

A number is written by people: full-width digits and the usual ways to write a day are understood. A cell that holds a
formula is refused, whatever it shows.
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from lms.documents import uploads, workbooks
from lms.documents.workbooks import Column, Row
from lms.ledger.models import Category
from lms.people.models.persons import DocumentTypeChoices
from lms.people.plain_text import holds_number, without_numbers
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.rules import names
from lms.rules.identity import IdentityNumber
from lms.rules.refusals import Invalid, Refusal

COLUMNS = (
    Column("name", (gettext_noop("姓名"), "Name")),
    Column("document_type", (gettext_noop("证件类型"), "Document type"), required=False),
    Column("document_number", (gettext_noop("证件号码"), "身份证号", "身份证号码", "Document number")),
    Column("category", (gettext_noop("类别"), "学时类别", "Category")),
    Column("class_hours", (gettext_noop("学时"), "学时数", "Class-hours", "Class hours")),
    Column("on", (gettext_noop("日期"), "培训日期", "结业日期", "Date")),
    Column("title", (gettext_noop("培训名称"), "课程", "Title", "Training")),
    Column("provider", (gettext_noop("举办单位"), "培训机构", "Provider")),
    Column("certificate_number", (gettext_noop("证书编号"), "Certificate number")),
    Column("delivery", (gettext_noop("形式"), "Delivery"), required=False),
)
DELIVERIES = {"online": _("线上"), "offline": _("线下"), "blended": _("线上线下结合")}
SHORT = {"技能": Category.SKILLS, "道德": Category.ETHICS, "职业道德": Category.ETHICS}
MAX_CLASS_HOURS = Decimal("99999.99")  # what the column holds
# No part of it can run past the next tag, so that a sheet made to be slow is read as fast as any other.
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?c(\s[^<>]*)>\s*<(?:\w{1,20}:)?f[\s>/]")
_ROW = re.compile(rb"""\sr=["'][A-Z]{1,3}([0-9]{1,7})["']""")
_CHUNK, _OVERLAP = 1 << 20, 512


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that is wrong: ``field`` is the key of its column."""

    code: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Learned:
    """One row: who learned what, where; ``values`` hold what could be read, ``faults`` what could not."""

    row: int
    values: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def number(self) -> IdentityNumber | None:
        return self.values.get("document_number")


def read(file: "File[bytes]", *, on: date) -> Iterator[Learned]:
    """Rows of the file. Refuses what is no workbook, and one without the columns it needs."""
    uploads.check(file, kind="workbook")
    rows = workbooks.read(cast("IO[bytes]", file), columns=COLUMNS)
    formulas = _formula_rows(file)
    return (_learned(row, on, row.number in formulas) for row in rows)


def template_rows() -> tuple[list[str], list[list[Any]]]:
    """Titles and one example row of the workbook to fill in, in the reader's language."""
    titles = [gettext(column.titles[0]) for column in COLUMNS]
    example = [
        *(gettext("张三（示例，请删除）"), str(DocumentTypeChoices.RESIDENT_ID.label), ""),
        *(str(Category.SKILLS.label), Decimal(8), date(2026, 5, 20), gettext("婴幼儿急救培训")),
        *(gettext("市红十字会"), "JJ-2026-0001", str(DELIVERIES["offline"])),
    ]
    return titles, [example]


def check_fields(written: Mapping[str, str], on: date) -> Learned:
    """One row as a form gives it, without a name and a number: the person is known."""
    own = {key: parse for key, parse in _PARSERS.items() if key not in {"name", "document_number"}}
    return _checked(0, written, on, own)


def _learned(row: Row, on: date, formula: bool) -> Learned:
    if formula:
        fault = Fault("formula", "", gettext("这一行含有公式，请改为填写数值后再上传。"))
        return Learned(row.number, {"name": without_numbers(row.values["name"])[:100]}, (fault,))
    if "document_number" in row.rounded:
        told = gettext("Excel 已把这个号码四舍五入，请把该列设为文本后重新填写。")
        fault = Fault("number_rounded", "document_number", told)
        return Learned(row.number, {"name": without_numbers(row.values["name"])[:100]}, (fault,))
    return _checked(row.number, row.values, on, _PARSERS)


def _checked(
    number: int, written: Mapping[str, str], on: date, parsers: "Mapping[str, Callable[[Mapping[str, str], date], Any]]"
) -> Learned:
    values: dict[str, Any] = {"name": without_numbers(written.get("name", ""))[:100]}
    faults: list[Fault] = []
    for key, parse in parsers.items():
        try:
            values[key] = parse(written, on)
        except Refusal as refusal:
            faults.append(Fault(refusal.code, key, sentence(refusal)))
    return Learned(number, values, tuple(faults))


def _name(written: Mapping[str, str], on: date) -> str:
    return names.validate(written["name"])


def _number(written: Mapping[str, str], on: date) -> IdentityNumber:
    kind = _types().get(_plain(written.get("document_type", "")) or DocumentTypeChoices.RESIDENT_ID, "")
    return read_number(kind, unicodedata.normalize("NFKC", written["document_number"]), on)


def _category(written: Mapping[str, str], on: date) -> str:
    category = _categories().get(_plain(written["category"]))
    if category is None:
        raise Invalid("category_unknown", _("类别应为“综合技能培训”或“职业道德教育”。"))
    return category


def _class_hours(written: Mapping[str, str], on: date) -> Decimal:
    try:
        hours = Decimal(_plain(written["class_hours"]))
        exact = hours.is_finite() and hours == round(hours, 2)
    except InvalidOperation:
        exact = False
    if not exact or not 0 < hours <= MAX_CLASS_HOURS:
        raise Invalid("class_hours_invalid", _("学时应为大于零的数字，最多两位小数。"))
    return hours


def _day(written: Mapping[str, str], on: date) -> date:
    text = re.sub(r"[年月/.]", "-", _plain(written["on"])).rstrip("日")
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text, re.ASCII)
    try:
        day = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        day = None
    if day is None:
        raise Invalid("date_invalid", _("日期请写成 2026-05-20 的形式。"))
    if day > on:
        raise Invalid("date_in_future", _("日期不能晚于今天。"))
    return day


def _text(key: str, most: int) -> Callable[[Mapping[str, str], date], str]:
    def parse(written: Mapping[str, str], on: date) -> str:
        text = " ".join(unicodedata.normalize("NFC", written.get(key, "")).split())
        if not text:
            raise Invalid("field_missing", _("请填写“%(title)s”。"), title=_title(key))
        if text.startswith(workbooks.FORMULA_SIGNS):
            raise Invalid("formula", _("“%(title)s”不能以 = + - @ 开头。"), title=_title(key))
        if holds_number(text):
            raise Invalid("identity_number", _("“%(title)s”中不能填写证件号码。"), title=_title(key))
        if len(text) > most:
            raise Invalid("too_long", _("“%(title)s”最多 %(most)d 个字。"), title=_title(key), most=most)
        return text

    return parse


def _delivery(written: Mapping[str, str], on: date) -> str:
    text = _plain(written.get("delivery", ""))
    delivery = _deliveries().get(text) if text else "offline"
    if delivery is None:
        raise Invalid("delivery_unknown", _("形式应为“线上”“线下”或“线上线下结合”。"))
    return delivery


_PARSERS: Mapping[str, Callable[[Mapping[str, str], date], Any]] = {
    "name": _name,
    "document_number": _number,
    "category": _category,
    "class_hours": _class_hours,
    "on": _day,
    "title": _text("title", 200),
    "provider": _text("provider", 200),
    "certificate_number": _text("certificate_number", 64),
    "delivery": _delivery,
}


def _title(key: str) -> str:
    return gettext(next(column.titles[0] for column in COLUMNS if column.key == key))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


@cache
def _types() -> Mapping[str, str]:
    return _called({kind.value: kind.label for kind in DocumentTypeChoices})


@cache
def _categories() -> Mapping[str, str]:
    return _called({kind.value: kind.label for kind in Category}) | {name: kind.value for name, kind in SHORT.items()}


@cache
def _deliveries() -> Mapping[str, str]:
    return _called(DELIVERIES)


def _called(labels: Mapping[str, Any]) -> dict[str, str]:
    """Values by each name they go by: in every language of the screens, and for programs."""
    called = {value: value for value in labels}
    for language, _name in settings.LANGUAGES:
        with override(language):
            called |= {_plain(str(label)): value for value, label in labels.items()}
    return called


def _formula_rows(file: "File[bytes]") -> set[int]:
    """Numbers of rows in which a cell holds a formula, which the values alone don't tell."""
    found: set[int] = set()
    file.seek(0)
    with zipfile.ZipFile(file) as package:
        for name in package.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            with package.open(name) as sheet:
                tail = b""
                while chunk := sheet.read(_CHUNK):
                    rows = (_ROW.search(attributes) for attributes in _FORMULA.findall(tail + chunk))
                    found.update(int(row[1]) for row in rows if row)
                    tail = chunk[-_OVERLAP:]
    return found
