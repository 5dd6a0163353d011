"""What one heartbeat reads, and what it writes: each goes to the database once (``lms.audit.rows``)."""

import uuid
from functools import cache

from django.db import connection
from django.db.models import F, Model

from courses.catalogue.models import Lesson, Release
from courses.learning.models import Enrolment, Lease, LessonProgress
from lms.audit.rows import made, names_of, prepared

# Where each noun stands as seen from the lease, and what of it is read: a lesson has pages of text, a release more.
_READ: tuple[tuple[str, type[Model], tuple[str, ...]], ...] = (
    ("", Lease, names_of(Lease)),
    ("enrolment__progress__", LessonProgress, names_of(LessonProgress)),
    ("enrolment__", Enrolment, names_of(Enrolment, "id", "state")),
    ("lesson__", Lesson, names_of(Lesson, "id", "release", "kind", "title", "seconds")),
    ("lesson__release__", Release, names_of(Release, "id", "coverage_share")),
)


def read_locked(lease_id: uuid.UUID, person_id: uuid.UUID) -> tuple[Lease, LessonProgress] | None:
    """This person's lease and how far its lesson is, both rows locked; None for anybody else's.

    Who had to wait for the locks reads both rows as they are after the wait.
    """
    wanted = [prepared(Lease, "id", lease_id), prepared(Lease, "person", person_id)]
    with connection.cursor() as cursor:
        cursor.execute(_reading(), wanted)
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    lease, progress, lease.enrolment, lease.lesson, lease.lesson.release = (
        made(model, names, values) for _path, model, names in _READ
    )
    return lease, progress


@cache
def _reading() -> str:
    """The query as the ORM puts it, asked for by lease and person, in that order."""
    nobody = uuid.UUID(int=0)
    leases = Lease.objects.filter(pk=nobody).filter(person=nobody).filter(enrolment__progress__lesson=F("lesson"))
    text, _nobody = leases.values_list(
        *(path + name for path, _m, names in _READ for name in names)
    ).query.sql_with_params()
    if not connection.features.has_select_for_update:
        return str(text)
    # The lease first, as everywhere; the ORM can't name the rows of a relation to many.
    return f"{text} FOR NO KEY UPDATE OF {Lease._meta.db_table}, {LessonProgress._meta.db_table}"
