"""A staff list of a whole city, handed in by one institution and worked off by one worker.

Uploading, reading and working are processes of their own, as they are in the product, so that their memory is measured and not
that of whoever filled the tables. What they hold at most is added up: a web server and a worker live side by side.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from lms.bench.likeness.kinds import as_listed
from lms.bench.likeness.persons import MadeUp, People
from lms.bench.seeds import ground
from lms.bench.seeds.bulk import settled, unburdened
from lms.bench.seeds.honest_time import Figures
from lms.bench.seeds.screening import SEED, load_bans, load_persons
from lms.documents.workbooks import Sheet, write_into
from lms.people.models import IdentityDocument, OrganisationKind, Person, Role
from lms.people.models.persons import DocumentTypeChoices
from lms.registry.models import BanCase, BanMatchKey, BanState, BanSubject, BanSubjectIndex

MOST_BANS = 1_000_000 if connection.vendor == "postgresql" else 100_000
BANS_A_ROW = 10
TITLES = ("姓名", "证件类型", "证件号码", "出生日期", "内部编号")
# Of every thousand rows: on the list, not registered here, mistyped. The rest is registered here.
ON_LIST, UNKNOWN, MISTYPED = 5, 250, 1


def seed(*, requests: int, now: datetime) -> Figures:
    """Measure a workbook of ``requests`` rows."""
    bans = min(MOST_BANS, requests * BANS_A_ROW)
    bureau = ground.city(now)
    institution = ground.organisation(OrganisationKind.INSTITUTION, 0, now)
    officer = ground.officer(bureau, Role.CONFIRMING_REGISTRAR, now).user
    people = People(SEED)
    with unburdened(BanCase, BanState, BanSubject, BanSubjectIndex, BanMatchKey, Person, IdentityDocument):
        listed, _keys = load_bans(people, bans, officer.pk, now)
        registered = load_persons(people, bans, now)
    settled()
    file = Path(settings.VAR_DIR) / "staff.xlsx"
    with file.open("wb") as output:
        write_into(output, sheets=[Sheet("名单", TITLES, _rows(people, listed, registered, requests))])
    taken = _child("upload", str(file), str(institution.pk))
    read = _child("read", taken["batch"])
    done = _child("work", taken["batch"])
    seconds = taken["seconds"] + read["seconds"] + done["seconds"]
    alone = done.pop("one_at_a_time")
    return Figures(
        {
            "n": requests,
            "seconds": round(seconds, 2),
            "per_second": round(requests / seconds, 1),
            "peak_mb": round(taken["peak_mb"] + max(read["peak_mb"], done["peak_mb"]), 1),
            "peers": {"one_at_a_time": alone},
            "extra": {
                "bans": bans,
                "persons": bans,
                "file_mb": _megabytes(file),
                "upload": taken,
                "read": read,
                "work": done,
            },
        }
    )


def _rows(
    people: People, listed: list[MadeUp], registered: list[MadeUp], count: int
) -> Iterator[tuple[str, str, str, Any, str]]:
    kinds = {kind.value: str(kind.label) for kind in DocumentTypeChoices}
    for number in range(count):
        place = number % 1_000
        if place < ON_LIST:
            person = listed[number % len(listed)]
        elif place < ON_LIST + UNKNOWN:
            person = people.draw()
        else:
            person = registered[number % len(registered)]
        written = as_listed(people, person)
        typed = written.number[:-1] if place >= 1_000 - MISTYPED else written.number
        yield written.name, kinds[written.kind.value], typed, written.born, f"A-{number}"


def _child(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "lms.bench.seeds.batch_work", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ, cwd=settings.BASE_DIR)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _megabytes(file: Path) -> float:
    return round(file.stat().st_size / 1_000_000, 2)
