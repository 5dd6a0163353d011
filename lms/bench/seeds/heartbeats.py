"""Sixty practitioners in the middle of one long recording, each with what they learned earlier the same day."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import make_password

from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.models import Delivery, LessonKind, Release, Topic
from courses.catalogue.services import publish_release
from courses.learning.models import Enrolment, Heartbeat, Lease
from courses.learning.services import close_lease, enrol, open_lease
from lms.bench.plans import Ask, Plan
from lms.bench.seeds import ground
from lms.ledger.models import Category
from lms.people.models import Membership, OrganisationKind, Role, User

SEATS, EARLIER = 60, 100
LESSON_SECONDS = 8 * 3600
TOKEN = "b" * 32  # the page's token against forged requests


def seed(*, requests: int, now: datetime) -> Plan:
    ground.city(now)
    release = _release(now)
    password = make_password(ground.PASSWORD)
    seats = [_seat(number, release, password, now) for number in range(SEATS)]
    opening, lease = seats[0]
    bare = Ask(f"/bench/bare-write/{lease.pk}/", "POST", opening.headers, status=201)
    return Plan(tuple(ask for ask, _lease in seats), bare, {"seats": SEATS, "heartbeats_before": SEATS * EARLIER})


def _release(now: datetime) -> Release:
    lesson = LessonDraft(LessonKind.VIDEO, "录像", LESSON_SECONDS, media="releases/bench.mp4", media_sha256="0" * 64)
    draft = ReleaseDraft(
        course_id=uuid.uuid4(),
        college=ground.organisation(OrganisationKind.COLLEGE, 0, now),
        slug="bench",
        title="长录像",
        summary="",
        category=Category.SKILLS,
        topic=Topic.SAFETY,
        delivery=Delivery.ONLINE,
        class_hours=Decimal(8),
        lessons=(lesson,),
    )
    return publish_release(draft=draft, actor=ground.SEEDER, now=now)


def _seat(number: int, release: Release, password: str, now: datetime) -> tuple[Ask, Lease]:
    """The request that opens this learner's lease, and the lease they had before."""
    person = ground.person(number, now)
    user = User.objects.create(username=f"bench{number}", password=password, person=person)
    Membership.objects.create(user=user, role=Role.PRACTITIONER, from_at=now)
    enrolment = enrol(person=person, release=release, actor=ground.SEEDER, now=now)
    earlier = _learned_earlier(enrolment, number, now - timedelta(hours=1))
    cookies = f"{settings.SESSION_COOKIE_NAME}={ground.session(user)}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    headers = {"Cookie": cookies, "X-CSRFToken": TOKEN, "Content-Type": "application/json"}
    path = f"/learn/courses/{enrolment.pk}/lessons/{earlier.lesson_id}/lease/"
    return Ask(path, "POST", headers, "{}", status=201), earlier


def _learned_earlier(enrolment: Enrolment, number: int, then: datetime) -> Lease:
    lease = open_lease(
        enrolment=enrolment,
        lesson=enrolment.release.lessons.get(),
        device=f"device{number}",
        device_label="",
        address="",
        take_over=False,
        actor=ground.SEEDER,
        now=then,
    )
    Heartbeat.objects.bulk_create(
        Heartbeat(
            lease=lease,
            sequence=sequence,
            received_at=then + timedelta(seconds=15 * sequence),
            played=[],
            visible=True,
            position_ms=0,
            credited_ms=0,
        )
        for sequence in range(1, EARLIER + 1)
    )
    close_lease(lease_id=lease.pk, actor=ground.SEEDER, now=then + timedelta(minutes=30))
    return lease
