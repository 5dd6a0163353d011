"""Who and what the journey has brought about so far, and the few words its steps share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certificates.models import Certificate
from cms.models import CoursePage
from courses.catalogue.models import Release
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.demo.calendar import at, training_ends, working_days
from lms.demo.content import Course, load_courses
from lms.demo.learners import Learner
from lms.people.access import actor_of, memberships_of
from lms.people.models import Employment, Organisation, Person, Role, User
from lms.people.services import add_member
from lms.registry.models import BanCase
from lms.rules.refusals import Refusal
from lms.subsidies.models import Claim

SHANGHAI, PUDONG, YANGPU = "310000", "310115", "310110"
PASSWORD = "a long walk in spring 2026"
PLATFORM = Actor.system("journey")
# The course told in every detail, and the classroom courses that fill the rest of the year.
MAIN = "choking-first-aid"
REST = (
    "comprehensive-care-practice",
    "emergency-care-practice",
    "professional-ethics-seminar",
    "child-protection-workshop",
)
CLASSROOM_DAYS = 14


class Failed(Exception):
    """A step did not bring about what it should."""


def expect(holds: object, what: str) -> None:
    if not holds:
        raise Failed(what)


def refused(code: str, act: Callable[[], object]) -> str:
    """Do what must be refused with ``code``; the sentence it was refused with."""
    try:
        act()
    except Refusal as refusal:
        expect(refusal.code == code, f"refused with {refusal.code}, not {code}: {refusal}")
        return str(refusal)
    raise Failed(f"not refused ({code})")


@dataclass
class Story:
    out: Path
    today: date = field(default_factory=timezone.localdate)
    client: Client = field(default_factory=Client)
    users: dict[str, User] = field(default_factory=dict)
    pages: dict[str, CoursePage] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)

    health_bureau: Organisation = field(init=False)
    hr_bureau: Organisation = field(init=False)
    college: Organisation = field(init=False)
    institution: Organisation = field(init=False)
    practitioner: Person = field(init=False)
    practitioner_number: str = field(init=False)
    learner: Learner = field(init=False)
    certificate: Certificate = field(init=False)
    api_key: str = field(init=False)
    manager: Person = field(init=False)
    employment: Employment = field(init=False)
    claim: Claim = field(init=False)
    case: BanCase = field(init=False)

    def __post_init__(self) -> None:
        days = working_days(ending=training_ends(self.today), count=CLASSROOM_DAYS + 1)
        self.evening, self.class_days = days[0], days[1:]

    def before(self, days: int, hour: int = 9) -> datetime:
        """So many days before the first evening of learning."""
        return at(self.evening - timedelta(days=days), hour)

    def actor(self, who: str, now: datetime) -> Actor:
        """The actor behind a user of the story, in their most responsible role."""
        user = self.users[who]
        return actor_of(user, memberships_of(user, now)[0])

    def staff(self, who: str, name: str, organisation: Organisation, role: Role, now: datetime) -> None:
        """Open an account for somebody with a role in an organisation."""
        membership = add_member(
            organisation=organisation,
            role=role,
            username=who,
            name=name,
            phone="",
            password=PASSWORD,
            actor=PLATFORM,
            now=now,
        )
        self.users[who] = membership.user

    def course(self, slug: str) -> Course:
        return next(course for course in load_courses() if course.slug == slug)

    def keep(self, name: str, content: bytes) -> str:
        """Leave a file behind; says which and how large."""
        (self.out / name).write_bytes(content)
        return f"{name} {len(content) / 1024:.0f} kB"

    def ask(self, method: str, path: str, *, key: str = "", expected: int = 200, **body: Any) -> HttpResponse:
        """Ask the site over HTTP as a stranger or with an API key; anything but ``expected`` fails the step."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= body.pop("headers", {})
        sent: dict[str, Any] = {"headers": headers}
        if method == "post":
            json_body = body.pop("json", None)
            sent |= {"data": json.dumps(json_body), "content_type": "application/json"} if json_body else {"data": body}
        response: Any = getattr(self.client, method)(path, **sent)
        expect(response.status_code == expected, f"{method.upper()} {path}: {response.status_code}")
        found: HttpResponse = response
        return found
