"""Words for staff lists: a workbook as an institution uploads it, and what workers do with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lms.documents.uploads import XLSX
from lms.documents.workbooks import Sheet, write
from lms.hiring.models import RosterLoad
from lms.hiring.services import batches, roster_loads
from lms.people.models import Organisation, Person
from tests.factories import hiring, people

TITLES = ("姓名", "证件类型", "证件号码", "出生日期", "内部编号", "岗位", "入职日期", "直接管理人")


def row_of(person: Person, *, post: str = "保育人员", first_day: str = "2026-03-01", manager: str = "") -> list[str]:
    """A person as they stand in the list."""
    identity = hiring.identity_of(person)
    return [person.name, "", identity["document_number"], "", "", post, first_day, manager]


def staff_list(rows: Sequence[Sequence[Any]], titles: Sequence[str] = TITLES) -> SimpleUploadedFile:
    """The workbook with these rows."""
    content = write(sheets=[Sheet("人员", list(titles), rows)])
    return SimpleUploadedFile("staff.xlsx", content, content_type=XLSX)


def loaded(
    institution: Organisation, rows: Sequence[Sequence[Any]], *, now: datetime | None = None, **more: Any
) -> roster_loads.LoadReport:
    """Uploaded by the institution's manager."""
    terms: dict[str, Any] = {"consent": True, "actor": people.acting(people.manager_of(institution)), **more}
    return roster_loads.load_roster(institution=institution, file=staff_list(rows), now=now or timezone.now(), **terms)


def worked(load: RosterLoad, *, now: datetime | None = None) -> RosterLoad:
    """Workers have made the checks and started whom they could."""
    if load.batch_id:
        while batches.work_on(batch_id=load.batch_id, now=now or timezone.now()):
            pass
    while roster_loads.work_on(load_id=load.pk, now=now or timezone.now()):
        pass
    load.refresh_from_db()
    return load
