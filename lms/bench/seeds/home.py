"""The home of a practitioner with 200 entries in the ledger, three running courses and three messages."""

import hashlib
import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.models import Delivery, LessonKind, Topic
from courses.catalogue.services import publish_release
from courses.learning.services import enrol
from lms.bench.plans import Ask, Plan
from lms.bench.seeds import ground
from lms.ledger.evidence import Evidence
from lms.ledger.models import Category
from lms.ledger.services import credit_hours
from lms.people.models import Organisation, OrganisationKind, Person
from lms.people.services import register_practitioner, tell

ENTRIES, COURSES, MESSAGES = 200, 3, 3
MINUTES = 15  # an entry: the year stays open, so that the page has something to say
LESSONS, LESSON_SECONDS = 4, 900


def seed(*, requests: int, now: datetime) -> Plan:
    ground.city(now)
    user = register_practitioner(
        name="林小满",
        document_type="resident_id",
        document_number=ground.resident_number(0, first_born=now.date().replace(year=1990, day=1)),
        region_code=ground.DISTRICT,
        username="bench",
        phone="",
        password=ground.PASSWORD,
        now=now,
    )
    assert user.person is not None
    for number in range(ENTRIES):
        _credit(user.person, number, now)
    college = ground.organisation(OrganisationKind.COLLEGE, 0, now)
    for number in range(COURSES):
        _start_course(user.person, college, number, now)
    for number in range(MESSAGES):
        tell(user=user, code="bench", title=f"消息 {number + 1}", now=now)
    ask = Ask("/learn/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={ground.session(user)}"}, holds="林小满")
    counts = {"ledger_entries": ENTRIES, "running_courses": COURSES, "messages": MESSAGES}
    return Plan((ask,), ground.bare_ask(user.person), counts)


def _credit(person: Person, number: int, now: datetime) -> None:
    proof = uuid.uuid4()
    credit_hours(
        person=person,
        category=Category.SKILLS if number % 2 else Category.ETHICS,
        minutes=MINUTES,
        on=timezone.localdate(now),
        title=f"短课 {number + 1}",
        evidence=Evidence("bench", proof, hashlib.sha256(proof.bytes).hexdigest()),
        course_id=uuid.uuid4(),
        release_id=uuid.uuid4(),
        delivery=Delivery.ONLINE,
        actor=ground.SEEDER,
        now=now,
    )


def _start_course(person: Person, college: Organisation, number: int, now: datetime) -> None:
    lessons = tuple(
        LessonDraft(LessonKind.READING, f"第 {place} 节", LESSON_SECONDS, body="<p>正文</p>")
        for place in range(1, LESSONS + 1)
    )
    draft = ReleaseDraft(
        course_id=uuid.uuid4(),
        college=college,
        slug=f"course-{number}",
        title=f"课程 {number + 1}",
        summary="",
        category=Category.SKILLS,
        topic=Topic.SAFETY,
        delivery=Delivery.ONLINE,
        class_hours=Decimal(1),
        lessons=lessons,
    )
    release = publish_release(draft=draft, actor=ground.SEEDER, now=now)
    enrol(person=person, release=release, actor=ground.SEEDER, now=now)
