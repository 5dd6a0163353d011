"""Words for batches of checks: a workbook as an institution fills it in, handed in and worked off."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lms.documents.workbooks import Sheet, write
from lms.hiring import services
from lms.hiring.models import CheckBatch
from lms.people.models import Organisation
from tests.factories import hiring, people

TITLES = ("姓名", "证件类型", "证件号码", "内部编号")


def line(person: Any, reference: str = "") -> list[str]:
    identity = hiring.identity_of(person)
    return [identity["name"], "居民身份证", identity["document_number"], reference]


def workbook(*rows: list[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.xlsx", write(sheets=[Sheet("名单", TITLES, rows)]))


def uploaded(institution: Organisation, file: SimpleUploadedFile, **more: Any) -> services.BatchReport:
    given: dict[str, Any] = {"purpose": "annual_review", "consent": True, "now": hiring.ASKED, **more}
    actor = given.pop("actor", None) or people.acting(people.manager_of(institution))
    return services.create_batch(institution=institution, file=file, actor=actor, **given)


def finished(batch: CheckBatch) -> CheckBatch:
    while services.work_on(batch_id=batch.pk, now=hiring.ASKED):
        pass
    return CheckBatch.objects.get(pk=batch.pk)
