"""Workbooks (xlsx) in and out. A cell a person typed is text, whatever it looks like: no formula is ever run.

Reading finds the header row by its titles, forgives what people add around it, and names row and column of what
can't be trusted. What may never happen: a number that Excel has rounded goes on as an identity number.
"""

import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, reduce
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

import xlsxwriter
from django.utils.timezone import make_naive
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from lms.documents.uploads import BROKEN
from lms.rules.refusals import Invalid

HEADER_WITHIN = 10  # rows above the header: a title, a date, a note
MAX_ROWS = 100_000
MAX_UNPACKED = 400 * 1024 * 1024  # bytes; a small file can unpack to very much
# A sheet is laid out from its first cell to its last, however empty it is in between: two cells can fill the memory.
MAX_LAID_OUT = 10_000_000
# Other kinds of workbook that would be read where this one can't be.
OTHER_KINDS = frozenset({"content.xml", "xl/workbook.bin"})
MAX_TEXT = 32_767  # characters a cell holds
EXACT_BELOW = 10**15  # Excel keeps fifteen digits
_PLACE = re.compile("([A-Za-z]{1,8})([0-9]+)")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write: its name, the titles of its columns, its rows."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column to read: the key it gets, and every title people give it.

    The first title is the one told to people, in their language; its translation has to be among the titles.
    """

    key: str
    titles: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row read. ``number`` is the one Excel shows; ``values`` are texts by key, empty where there is nothing.

    ``rounded`` names columns (by key) whose number Excel has rounded: what stands there is not what was typed.
    """

    number: int
    values: Mapping[str, str]
    rounded: tuple[str, ...] = ()


def write(*, sheets: Sequence[Sheet], created: datetime | None = None) -> bytes:
    """The workbook as bytes. Texts stay texts, also those that begin like a formula; times are shown as here."""
    output = io.BytesIO()
    write_into(output, sheets=sheets, created=created)
    return output.getvalue()


def write_into(output: IO[bytes], *, sheets: Sequence[Sheet], created: datetime | None = None) -> None:
    """The same into a file, row by row: a long list never stands in memory."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(output, options)
    if created:
        workbook.set_properties({"created": make_naive(created)})
    pen = _Pen(workbook)
    for sheet in sheets:
        pen.write(sheet)
    workbook.close()


def unpacked_size(file: IO[bytes]) -> int:
    """The bytes the workbook says it unpacks to. Refuses ``workbook_unreadable`` and ``workbook_too_large``."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            unpacked = sum(part.file_size for part in package.infolist())
    except BROKEN as error:
        raise unreadable() from error
    if unpacked > MAX_UNPACKED:
        raise _too_large()
    return unpacked


def read(
    file: IO[bytes],
    *,
    columns: Sequence[Column],
    max_rows: int = MAX_ROWS,
    counted: Callable[[int], None] | None = None,
) -> Iterator[Row]:
    """Rows under the header, with Excel's row numbers; empty rows are passed over. ``counted`` hears how many at most.

    Refuses ``workbook_unreadable``, ``workbook_too_large`` and ``columns_missing`` (which it names) before the first
    row, and ``too_many_rows`` when it meets row ``max_rows`` + 1.
    """
    workbook = _open(file)
    best_missing: list[Column] | None = None
    for name in workbook.sheet_names:
        try:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise unreadable() from error
        number, places, missing = _find_header(rows, columns)
        if not missing:
            if counted:
                counted(min(len(rows) - number - 1, max_rows))
            return _rows(rows, number, places, max_rows)
        if best_missing is None or len(missing) < len(best_missing):
            best_missing = missing
    titles = gettext("、").join(gettext(column.titles[0]) for column in best_missing or columns)
    raise Invalid("columns_missing", _("工作簿缺少这些列：%(titles)s。请使用下载的模板。"), titles=titles)


class _Pen:
    """Writes sheets of one workbook in one look."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self.workbook = workbook
        self.header = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text = workbook.add_format({"num_format": "@"})
        self.quoted = workbook.add_format({"num_format": "@", "quote_prefix": True})
        self.date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.time = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def write(self, sheet: Sheet) -> None:
        page = self.workbook.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.name)[:31])
        page.freeze_panes(1, 0)
        for place, title in enumerate(sheet.columns):
            page.set_column(place, place, max(10, 2 * len(title) + 4))
            page.write_string(0, place, str(title), self.header)
        for number, row in enumerate(sheet.rows, start=1):
            for place, value in enumerate(row):
                self.write_cell(page, number, place, value)

    def write_cell(self, page: Any, number: int, place: int, value: Any) -> None:
        match value:
            case None | "":
                pass
            case bool():
                page.write_boolean(number, place, value)
            case int() | Decimal() if -EXACT_BELOW < value < EXACT_BELOW:
                page.write_number(number, place, value)
            case datetime():
                page.write_datetime(number, place, make_naive(value), self.time)
            case date():
                page.write_datetime(number, place, value, self.date)
            case _:
                text = str(value)[:MAX_TEXT]
                page.write_string(number, place, text, self.quoted if text.startswith(FORMULA_SIGNS) else self.text)


def _open(file: IO[bytes]) -> CalamineWorkbook:
    unpacked_size(file)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            _measure(package)
        file.seek(0)
        return CalamineWorkbook.from_filelike(file)
    except (*BROKEN, expat.ExpatError, CalamineError, LookupError) as error:
        raise unreadable() from error


def unreadable() -> Invalid:
    return Invalid("workbook_unreadable", _("打不开这个工作簿。请用 Excel 另存为 .xlsx 后再上传。"))


def _too_large() -> Invalid:
    return Invalid("workbook_too_large", _("工作簿解开后太大，请拆分后再上传。"), status=413)


def _measure(package: zipfile.ZipFile) -> None:
    """Refuse a sheet that would be laid out too large. Any part may be a sheet, whatever it is called."""
    names = package.namelist()
    if OTHER_KINDS.intersection(name.lower().strip("/") for name in names):
        raise zipfile.BadZipFile
    for name in names:
        with package.open(name) as part:
            head = part.read(64)
            if name.lower().endswith(".vml"):  # drawings of old, often no XML that a parser takes
                if b"sheetData" in head + part.read():
                    raise zipfile.BadZipFile
            elif head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
                _Extent().follow(head, part)


class _Extent:
    """How far the cells of a sheet that hold something reach, followed as the sheet is read."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.rows: tuple[int, int] | None = None
        self.columns = (0, 0)

    def follow(self, head: bytes, part: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.meet
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        while head:
            parser.Parse(head, False)
            head = part.read(1 << 16)
        parser.Parse(b"", True)

    def meet(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self.row, self.column = (_number(attributes["r"]) if "r" in attributes else self.row + 1), 0
            case "c":
                if place := _PLACE.fullmatch(attributes.get("r", "")):
                    self.column, self.row = _column(place[1]), _number(place[2])
                else:
                    self.column += 1
            case "v" | "is" | "f":
                self.reach()

    def reach(self) -> None:
        if self.rows is None:
            self.rows, self.columns = (self.row, self.row), (self.column, self.column)
        self.rows = min(self.rows[0], self.row), max(self.rows[1], self.row)
        self.columns = min(self.columns[0], self.column), max(self.columns[1], self.column)
        high, wide = (end - begin + 1 for begin, end in (self.rows, self.columns))
        if high * wide > MAX_LAID_OUT:
            raise _too_large()

    def refuse_doctype(self, *_declared: Any) -> None:
        raise zipfile.BadZipFile


def _number(digits: str) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 12 else sys.maxsize


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    return reduce(lambda sum_, letter: sum_ * 26 + ord(letter) - 64, letters.upper(), 0)


def _find_header(rows: Sequence[Sequence[Any]], columns: Sequence[Column]) -> tuple[int, dict[str, int], list[Column]]:
    """(place of the header row, key → place of its column, required columns not found), of the best row near the top."""
    best: tuple[int, dict[str, int], list[Column]] = (0, {}, [column for column in columns if column.required])
    for number, row in enumerate(islice(rows, HEADER_WITHIN)):
        titles = {plain_title(cell): place for place, cell in reversed(list(enumerate(row))) if cell != ""}
        found = {
            column.key: titles[title]
            for column in columns
            for title in reversed([plain_title(each) for each in column.titles])
            if title in titles
        }
        missing = [column for column in columns if column.required and column.key not in found]
        if found and (len(missing), -len(found)) < (len(best[2]), -len(best[1])):
            best = (number, found, missing)
    return best


def _rows(rows: Sequence[Sequence[Any]], header: int, places: Mapping[str, int], max_rows: int) -> Iterator[Row]:
    count = 0
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {key: row[place] if place < len(row) else "" for key, place in places.items()}
        values = {key: _text(cell) for key, cell in cells.items()}
        if not any(values.values()):
            continue
        count += 1
        if count > max_rows:
            raise Invalid("too_many_rows", _("行数超过上限：最多 %(limit)d 行，请拆分后再上传。"), limit=max_rows)
        rounded = (key for key, cell in cells.items() if isinstance(cell, float) and abs(cell) >= EXACT_BELOW)
        yield Row(number=number, values=values, rounded=tuple(rounded))


def plain_title(title: Any) -> str:
    """A title without what people add to it: spaces, stars, ``（必填）``."""
    text = unicodedata.normalize("NFKC", str(title)).casefold()
    return re.sub(r"\(.*?\)|[\s*:_]", "", text)


def _text(cell: Any) -> str:
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case bool():
            return "1" if cell else "0"
        case datetime() if cell.time() == datetime.min.time():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell).replace("\0", "").strip()  # no database takes that character
