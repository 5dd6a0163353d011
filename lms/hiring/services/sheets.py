"""What an institution uploads for a batch: a workbook or a CSV, read into rows that are right or say what is wrong.

A number is sealed as it is read; no row keeps it in the clear, and no error repeats it.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from lms.documents import uploads, workbooks
from lms.documents.workbooks import Column, Row
from lms.hiring.services.asking import LONGEST_REFERENCE, require_question
from lms.people.models.persons import DocumentTypeChoices
from lms.people.plain_text import without_numbers
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.rules import names
from lms.rules.identity import WITHOUT_BIRTH_DATE, IdentityNumber
from lms.rules.refusals import Invalid, Refusal

# Read while somebody waits: bytes of a CSV, and of a workbook that is unpacked.
SHORT_CSV, SHORT_UNPACKED = 256 * 1024, 2 * 1024 * 1024
COLUMNS = (
    Column("name", (gettext_noop("姓名"), "Name")),
    Column("document_type", (gettext_noop("证件类型"), "Document type"), required=False),
    Column("document_number", (gettext_noop("证件号码"), "身份证号", "身份证号码", "Document number")),
    Column("date_of_birth", (gettext_noop("出生日期"), "Date of birth"), required=False),
    Column("reference", (gettext_noop("内部编号"), "Internal reference", "Reference"), required=False),
)

_DIGITS = re.compile(r"\d{15,}[Xx]?")


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: whom it asks about, or the error that stops it."""

    row: int
    name: str
    number: IdentityNumber | None = None
    date_of_birth: date | None = None
    reference: str = ""
    error_code: str = ""
    error: str = ""

    @property
    def undated(self) -> bool:
        """Nothing tells the birth date: every namesake on the list is near."""
        return self.number is not None and self.number.type in WITHOUT_BIRTH_DATE and self.date_of_birth is None


def is_short(file: "File[bytes]") -> bool:
    """Whether the file can be read while somebody waits: five to seven thousand rows, under a second.

    Refuses at once what can be told without reading the rows: what is neither a workbook nor a CSV, what is too large,
    packed or unpacked, a CSV without the columns it needs.
    """
    if _is_csv(file):
        _csv_rows(file)
        return file.size <= SHORT_CSV
    uploads.check(file, kind="workbook")
    return workbooks.unpacked_size(cast("IO[bytes]", file)) <= SHORT_UNPACKED


def read(file: "File[bytes]", *, on: date, counted: Callable[[int], None] | None = None) -> Iterator[Asked]:
    """Rows of the file. Refuses what is neither a workbook nor a CSV, and one without the columns it needs.

    ``counted`` hears how many rows there are at most.
    """
    if _is_csv(file):
        rows = _csv_rows(file, counted)
    else:
        uploads.check(file, kind="workbook")
        rows = workbooks.read(cast("IO[bytes]", file), columns=COLUMNS, counted=counted)
    return (_asked(row, on) for row in rows)


def _is_csv(file: "File[bytes]") -> bool:
    return (file.name or "").lower().endswith(".csv")


def _asked(row: Row, on: date) -> Asked:
    values = row.values
    try:
        if "document_number" in row.rounded:
            raise Invalid("number_rounded", _("Excel 已把这个号码四舍五入，请把该列设为文本后重新填写。"))
        day = _day(values.get("date_of_birth", ""))
        reference = without_numbers(values.get("reference", ""))[:LONGEST_REFERENCE]
        kind = _types().get(values.get("document_type", "").casefold() or DocumentTypeChoices.RESIDENT_ID, "")
        number = read_number(kind, values["document_number"], on)
        require_question(number=number, date_of_birth=day, reference=reference)
        return Asked(row.number, names.validate(values["name"]), number, day, reference)
    except Refusal as refusal:
        # What is kept of a row nobody is asked about: no number in the wrong column, mistyped or not.
        name = _DIGITS.sub("…", without_numbers(values["name"]))[:100]
        return Asked(row.number, name, error_code=refusal.code, error=sentence(refusal)[:300])


@cache
def _types() -> Mapping[str, str]:
    """Kinds of documents by each name they go by: in every language of the screens, and for programs."""
    names_of = {kind.value: kind.value for kind in DocumentTypeChoices}
    for language, _name in settings.LANGUAGES:
        with override(language):
            names_of |= {str(kind.label).casefold(): kind.value for kind in DocumentTypeChoices}
    return names_of


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-")) if text else None
    except ValueError:
        raise Invalid("date_of_birth", _("出生日期请写成 2001-02-03 的形式。")) from None


def _csv_rows(file: "File[bytes]", counted: Callable[[int], None] | None = None) -> Iterator[Row]:
    """Rows of a CSV as Excel writes it here: UTF-8, UTF-16 or GB 18030, between commas, tabs or semicolons.

    Refuses ``csv_unreadable``, also in the middle.
    """
    if file.size > settings.UPLOAD_LIMITS["workbook"]:
        raise Invalid("upload_too_large", _("文件太大，请拆分后再上传。"), status=413)
    file.seek(0)
    text = _decoded(file.read())
    first = text.partition("\n")[0]
    lines = _lines(csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=first.count)))
    places = _places(next(lines, []))
    if counted:
        counted(text.count("\n"))
    return _numbered(lines, places)


def _decoded(content: bytes) -> str:
    """The text, without the character no database takes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030", errors="replace")
    return text.replace("\0", "")


def _lines(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Invalid(
            "csv_unreadable",
            _("读不懂这个 CSV 文件，可能有引号没有成对。请用 Excel 另存为 .xlsx 后再上传。"),
            field="file",
        ) from error


def _places(header: Iterable[str]) -> Mapping[str, int]:
    titles = {workbooks.plain_title(title): place for place, title in enumerate(header)}
    known = ((column.key, workbooks.plain_title(title)) for column in COLUMNS for title in column.titles)
    places = {key: titles[title] for key, title in known if title in titles}
    missing = [gettext(column.titles[0]) for column in COLUMNS if column.required and column.key not in places]
    if missing:
        raise Invalid("columns_missing", _("文件缺少这些列：%(titles)s。"), titles=gettext("、").join(missing))
    return places


def _numbered(lines: Iterable[list[str]], places: Mapping[str, int]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=2):
        values: dict[str, Any] = {
            key: line[place].strip() if place < len(line) else "" for key, place in places.items()
        }
        if any(values.values()):
            yield Row(number=number, values=values)


def template_columns() -> list[Any]:
    """Titles of the workbook to fill in, in the reader's language."""
    return [gettext(column.titles[0]) for column in COLUMNS]
