"""A book shared among processes is proved as a whole: nobody is left out, nobody counted twice."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from lms.ledger.models import HourEntry
from lms.ledger.reconcile import Reconciled, walk
from lms.ledger.shares import shares
from tests.factories.ledger import credited, learner
from tests.faults import processes


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [1, 2, 3, 7, 50])
def test_every_entry_lies_in_one_share(parts: int) -> None:
    for entries in (1, 5, 2, 1, 4):
        person = learner()
        for _entry in range(entries):
            credited(person)
    found = [Reconciled() for _share in shares(parts)]
    for seen, share in zip(found, shares(parts), strict=True):
        list(walk(seen, share=share))
    assert sum(seen.entries for seen in found) == HourEntry.objects.count() == 13
    assert sum(seen.persons for seen in found) == 5


@pytest.mark.django_db
def test_an_empty_book_is_one_share() -> None:
    assert shares(4) == [(None, None)]


@pytest.mark.django_db(transaction=True)
def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    entries = [credited(learner()) for _person in range(4)]
    done = subprocess.run(
        [sys.executable, "manage.py", "reconcile_hours", "--processes", "2"],
        cwd=settings.BASE_DIR,
        env=processes.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    # Evidence of the kind "test" is known to nobody outside the suite.
    assert "4 entries of 4 persons: 4 drift" in done.stdout, done.stderr
    assert done.returncode == 1
    assert all(f"evidence_unknown: person {entry.person_id}" in done.stderr for entry in entries)
