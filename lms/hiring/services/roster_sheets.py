"""A staff list as an institution keeps it: read into rows that can be started, or that say what is wrong with them.

What can be told from the file and the roster is told at once: a document twice, somebody employed here already, a manager
whom nobody knows. Whether somebody may start is asked later, when they have been checked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import islice
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, override

from lms.documents import uploads, workbooks
from lms.documents.workbooks import Column, Row
from lms.hiring.services import sheets
from lms.hiring.services.sheets import Asked
from lms.people import vault
from lms.people.models import Employment, IdentityDocument, Organisation, Post
from lms.people.plain_text import without_numbers
from lms.people.wording import sentence
from lms.rules import names
from lms.rules.identity import IdentityNumber
from lms.rules.refusals import Invalid, Refusal

MOST_ROWS = 5_000
CHUNK = 500  # persons looked for in one query
COLUMNS = (
    *sheets.COLUMNS,
    Column("post", (gettext_noop("岗位"), "Post")),
    Column("from_date", (gettext_noop("入职日期"), "First day", "Start date")),
    Column("manager", (gettext_noop("直接管理人"), "Direct manager"), required=False),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``person_id``: who holds the document here, if anybody does."""

    asked: Asked
    post: str = ""
    from_date: date | None = None
    manager_name: str = ""
    person_id: UUID | None = None
    error_code: str = ""
    error: str = ""

    @property
    def row(self) -> int:
        return self.asked.row

    @property
    def name(self) -> str:
        return self.asked.name


def read(file: "File[bytes]", *, institution: Organisation, on: date) -> list[Line]:
    """Rows of the workbook, each judged. Refuses what is no workbook, and one without the columns it needs."""
    uploads.check(file, kind="workbook")
    rows = list(workbooks.read(cast("IO[bytes]", file), columns=COLUMNS, max_rows=MOST_ROWS))
    # Who they are is read as for any batch, in the same rows.
    asked = sheets.read(file, on=on)
    lines = list(_once_each(_line(row, one) for row, one in zip(rows, asked, strict=True)))
    present = Employment.objects.on(on).filter(institution=institution)
    lines = list(_with_persons(lines, set(present.values_list("person_id", flat=True))))
    managers = Counter([*present.values_list("person__name", flat=True), *(one.name for one in lines if not one.error)])
    return [_with_manager(line, managers) for line in lines]


def _line(row: Row, asked: Asked) -> Line:
    line = Line(asked, error_code=asked.error_code, error=asked.error)
    try:
        post = _posts().get(row.values["post"].casefold(), "")
        if not post:
            raise Invalid("post_unknown", _("请填写岗位：机构负责人、保育人员、卫生保健人员、炊事人员或保安人员。"))
        manager = without_numbers(row.values.get("manager", ""))
        return replace(
            line,
            post=post,
            from_date=_day(row.values["from_date"]),
            manager_name=names.validate(manager) if manager else "",
        )
    except Refusal as refusal:
        return line if line.error else _wrong(line, refusal)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Invalid("from_date", _("入职日期请写成 2001-02-03 的形式。")) from None


@cache
def _posts() -> Mapping[str, str]:
    """Posts by each name they go by: in every language of the screens, and for programs."""
    names_of = {post.value: post.value for post in Post}
    for language, _name in settings.LANGUAGES:
        with override(language):
            names_of |= {str(post.label).casefold(): post.value for post in Post}
    return names_of


def _once_each(lines: Iterable[Line]) -> Iterator[Line]:
    """A document a second time is an error that names the first."""
    first: dict[IdentityNumber, int] = {}
    for line in lines:
        number = line.asked.number
        earlier = first.setdefault(number, line.row) if number else line.row
        if earlier != line.row and not line.error:
            refusal = Invalid("duplicate_row", _("与第 %(row)s 行是同一证件。"), row=earlier)
            yield _wrong(line, refusal)
        else:
            yield line


def _with_persons(lines: Iterable[Line], employed: set[UUID]) -> Iterator[Line]:
    """Who holds each document, some hundred in a query; whoever works here already is an error."""
    remaining = iter(lines)
    while some := list(islice(remaining, CHUNK)):
        indexes = {
            index: line.row for line in some if line.asked.number for index in vault.blind_indexes(line.asked.number)
        }
        held = IdentityDocument.objects.filter(blind_index__in=list(indexes)).values_list("blind_index", "person_id")
        holders = {indexes[index]: person for index, person in held}
        for line in some:
            known = replace(line, person_id=holders.get(line.row))
            if known.person_id in employed and not line.error:
                yield _wrong(known, Invalid("employed_already", _("此人已在本机构任职，不能重复登记。")))
            else:
                yield known


def _with_manager(line: Line, known: "Counter[str]") -> Line:
    """A manager is named: one person of that name works here, or stands in the list."""
    if line.error or not line.manager_name:
        return line
    if line.manager_name == line.name:
        return _wrong(line, Invalid("own_manager", _("直接管理人不能是本人。")))
    match known[line.manager_name]:
        case 0:
            return _wrong(line, Invalid("manager_unknown", _("花名册和名单里都没有这位直接管理人。")))
        case 1:
            return line
    return _wrong(line, Invalid("manager_ambiguous", _("有几位同名的人，请导入后在花名册上指定直接管理人。")))


def _wrong(line: Line, refusal: Refusal) -> Line:
    return replace(line, error_code=refusal.code, error=sentence(refusal)[:300])


def template_columns() -> list[Any]:
    """Titles of the workbook to fill in, in the reader's language."""
    return [_(column.titles[0]) for column in COLUMNS]
