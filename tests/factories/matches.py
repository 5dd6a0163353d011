"""Words for possible matches: somebody on the list, and the same name and day of birth on another document."""

from datetime import date, datetime
from typing import Any

from lms.hiring.models import Check
from lms.people.models import Organisation
from tests.factories import hiring, people, registry

BORN = date(1990, 5, 1)
NAME, PASSPORT = "王小明", "E87654321"


def listed(*, name: str = NAME, **more: Any) -> None:
    """Somebody not known here whose ban acts."""
    number = people.resident_number(born=BORN)
    unknown = [{"name": name, "document_type": "resident_id", "document_number": number}]
    registry.case_in_force(unknown=unknown, **more)


def asked(institution: Organisation | None = None, *, passport: str = PASSPORT, **more: Any) -> Check:
    """The same name and day of birth, on a passport."""
    terms: dict[str, Any] = {"name": NAME, "date_of_birth": BORN, **more}
    employer = institution or people.institution()
    return hiring.checked(employer, document_type="passport", document_number=passport, **terms)


def possible(now: datetime = hiring.ASKED) -> Check:
    """A check under review."""
    listed(officer=registry.registrar())
    return asked(now=now)
