"""What a heartbeat reads and writes at once is what the ORM would have read and written, under the same locks."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from courses.learning.models import Enrolment, Heartbeat, Lease, LessonProgress
from courses.learning.services.rows import read_locked
from lms.audit.append_only import RewriteRefused
from lms.audit.rows import write_together
from tests.factories.learning import NOON, Player, enrolled, leased

pytestmark = pytest.mark.django_db


def values(row) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_is_read_is_what_the_orm_reads(django_assert_num_queries):
    one = Player(leased(enrolled()))
    one.play(30)
    expected = Lease.objects.select_related("lesson__release", "enrolment").get(pk=one.lease.pk)
    progress = LessonProgress.objects.get(enrolment=expected.enrolment_id, lesson=expected.lesson_id)
    with django_assert_num_queries(1), transaction.atomic(savepoint=False):
        found = read_locked(expected.pk, expected.person_id)
        assert found
        lease, own = found
        assert (values(lease), values(own)) == (values(expected), values(progress))
        assert (lease.lesson.seconds, lease.lesson.kind) == (expected.lesson.seconds, expected.lesson.kind)
        assert lease.lesson.release.coverage_share == expected.lesson.release.coverage_share
        assert lease.enrolment.state == expected.enrolment.state
    assert lease.lesson.release.title == expected.lesson.release.title  # fetched when asked for


def test_nobody_elses_lease_and_none_that_is_not():
    lease = leased(enrolled())
    assert read_locked(lease.pk, uuid.uuid4()) is None
    assert read_locked(uuid.uuid4(), lease.person_id) is None


def test_what_is_written_is_read_again_and_nothing_else_is_touched():
    lease = leased(enrolled())
    progress = LessonProgress.objects.get()
    heard = Heartbeat(
        lease=lease,
        sequence=1,
        received_at=NOON,
        played=[[0, 5]],
        visible=True,
        position_ms=5,
        credited_ms=5,
        refused="",
    )
    lease.pending, lease.asked_until, lease.day = [[1, 2]], None, NOON.date() + timedelta(days=1)
    lease.device_label, progress.covered, progress.credited_ms = "not named", [[0, 5]], 5
    write_together(heard, (lease, ["pending", "asked_until", "day"]), (progress, ["covered", "credited_ms"]))
    again = Lease.objects.get()
    assert values(Heartbeat.objects.get()) == values(heard)
    assert values(LessonProgress.objects.get()) == values(progress)
    assert (again.pending, again.asked_until, again.day) == (lease.pending, None, lease.day)
    assert again.device_label != "not named"
    with pytest.raises(RewriteRefused):
        heard.save()


def test_all_or_nothing():
    lease, progress = leased(enrolled()), LessonProgress.objects.get()
    beat = {"lease": lease, "received_at": NOON, "played": [], "visible": True, "position_ms": 0, "credited_ms": 0}
    Heartbeat.objects.create(sequence=1, **beat)
    progress.credited_ms = 7
    with pytest.raises(DatabaseError), transaction.atomic():
        write_together(Heartbeat(sequence=1, **beat), (progress, ["credited_ms"]))
    assert LessonProgress.objects.get().credited_ms == 0


@pytest.mark.django_db(transaction=True)
def test_lease_and_progress_are_both_locked_and_nothing_more():
    if not connection.features.has_select_for_update_nowait:
        pytest.skip("on SQLite the transaction holds the whole database")
    lease = leased(enrolled())
    taken: dict[str, bool] = {}

    def try_all() -> None:
        for model in (Lease, LessonProgress, Enrolment):
            try:
                with transaction.atomic():
                    taken[model.__name__] = model.objects.select_for_update(nowait=True).first() is None
            except DatabaseError:
                taken[model.__name__] = True
        connections.close_all()

    with transaction.atomic():
        assert read_locked(lease.pk, lease.person_id)
        thread = threading.Thread(target=try_all)
        thread.start()
        thread.join(60)
    assert taken == {"Lease": True, "LessonProgress": True, "Enrolment": False}
