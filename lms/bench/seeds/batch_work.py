"""``python -m lms.bench.seeds.batch_work upload FILE INSTITUTION``, ``… read BATCH`` and ``… work BATCH``.

The first is what a web server does, the others what a worker does.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import django

KIB = 1024
SINGLY = 100


def main() -> None:
    django.setup()
    act, *words = sys.argv[1:]
    began = perf_counter()
    match act:
        case "upload":
            told = _upload(words[0], words[1])
        case "read":
            told = _read(UUID(words[0]))
        case _:
            told = _work(UUID(words[0]))
    told.setdefault("seconds", round(perf_counter() - began, 2))
    told.setdefault("peak_mb", _peak())
    sys.stdout.write(json.dumps(told) + "\n")


def _peak() -> float:
    """The most this very program held, in MiB; what Linux says of the process remembers whoever started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / KIB, 1)  # macOS counts bytes
    held = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return round(int(held.split()[1]) / KIB, 1)


def _upload(path: str, institution_id: str) -> dict[str, Any]:
    from django.core.files.base import File
    from django.utils import timezone

    from lms.audit.actors import Actor
    from lms.hiring.services import hand_in_list
    from lms.people.models import Organisation

    institution = Organisation.objects.get(pk=institution_id)
    with Path(path).open("rb") as file:
        report = hand_in_list(
            institution=institution,
            file=File(file, name="staff.xlsx"),
            purpose="annual_review",
            consent=True,
            actor=Actor(kind="api_key", label="bench", organisation_id=institution.pk, role="api_key"),
            now=timezone.now(),
        )
    kept = report.batch or report.upload
    assert kept
    return {"batch": str(kept.pk)}


def _read(batch_id: UUID) -> dict[str, Any]:
    from django.utils import timezone

    from lms.hiring.models import CheckBatch
    from lms.hiring.services.batch_uploads import read_in

    read_in(upload_id=batch_id, now=timezone.now())
    batch = CheckBatch.objects.get(pk=batch_id)
    return {"rows": batch.total, "errors": batch.rows.exclude(error_code="").count()}


def _work(batch_id: UUID) -> dict[str, Any]:
    from django.utils import timezone

    from lms.hiring.models import BatchReceipt, Check
    from lms.hiring.services import work_on

    began = perf_counter()
    while work_on(batch_id=batch_id, now=timezone.now()):
        pass
    seconds = round(perf_counter() - began, 2)
    receipt = BatchReceipt.objects.select_related("batch", "workbook", "document").get(batch=batch_id)
    asked = receipt.clear + receipt.barred + receipt.review
    assert asked == Check.objects.filter(batch_row__batch=batch_id).count() == receipt.batch.total - receipt.errors
    return {
        "seconds": seconds,
        "peak_mb": _peak(),
        "clear": receipt.clear,
        "barred": receipt.barred,
        "review": receipt.review,
        "result_mb": round(receipt.workbook.size / 1_000_000, 2),
        "signed": receipt.document.signed,
        "one_at_a_time": _one_at_a_time(receipt.batch),
    }


def _one_at_a_time(batch: Any) -> dict[str, Any]:
    """Some of the same people by the same verb that answers a single question."""
    from django.utils import timezone

    from lms.audit.actors import Actor
    from lms.hiring.services import check_person
    from lms.people import vault

    rows = list(batch.rows.filter(error_code="").order_by("number")[:SINGLY])
    began = perf_counter()
    for row in rows:
        check_person(
            institution=batch.institution,
            name=row.name,
            document_type=row.document_type,
            document_number=vault.unseal(row.ciphertext, row.key_version),
            date_of_birth=row.date_of_birth,
            purpose="annual_review",
            consent=True,
            actor=Actor.system("bench"),
            now=timezone.now(),
        )
    seconds = perf_counter() - began
    return {"n": len(rows), "seconds": round(seconds, 3), "per_second": round(len(rows) / seconds, 1)}


if __name__ == "__main__":
    main()
