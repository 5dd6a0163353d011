"""The demonstration as it comes about: bodies, people, courses and classes by the short names the plan uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from courses.catalogue.models import Release
from courses.classroom.models import Session
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.demo.accounts import account, accounts
from lms.demo.calendar import SATURDAY, training_ends
from lms.demo.learners import Learner
from lms.demo.load.agenda import Agenda
from lms.people.access import actor_of
from lms.people.models import Membership, Organisation, Person, User
from lms.rules.regions import covers
from lms.subsidies.models import Scheme

PLATFORM = Actor.system("demo-data")
SEED = "demo"


@dataclass
class World:
    """``opens``: the platform's first day; ``ends``: the last day of training; ``now``: the moment of loading."""

    now: datetime
    today: date
    agenda: Agenda = field(default_factory=Agenda)
    bodies: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    learners: dict[str, Learner] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    enrolments: dict[tuple[str, str], Enrolment] = field(default_factory=dict)
    classes: dict[tuple[str, str], list[Session]] = field(default_factory=dict)
    schemes: dict[str, Scheme] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = training_ends(self.today)
        self.opens = date(self.ends.year, 1, 5)

    def days(self) -> list[date]:
        """Working days on which people learn, from the third week on."""
        first = self.opens + timedelta(days=16)
        every = (first + timedelta(days=number) for number in range((self.ends - first).days + 1))
        return [day for day in every if day.weekday() < SATURDAY]

    def day(self, share: float) -> date:
        """The working day so far through the year of training, 0 ≤ share ≤ 1."""
        days = self.days()
        return days[round(share * (len(days) - 1))]

    def person(self, username: str) -> Person:
        found = self.users[username].person
        assert found is not None
        return found

    def actor(self, username: str, role: str = "") -> Actor:
        """The actor behind an account, in the role named or in the first one given to it."""
        rows = Membership.objects.filter(user=self.users[username]).select_related("organisation")
        return actor_of(self.users[username], (rows.filter(role=role) if role else rows).order_by("from_at", "pk")[0])

    def officer(self, role: str, region: str) -> Actor:
        """Whoever holds this role in the bureau that answers for the region."""
        for one in accounts():
            body = self.bodies.get(one.organisation)
            if role in one.roles and body and covers(body.region_code, region):
                return self.actor(one.username, role)
        raise LookupError(f"nobody is {role} for {region}")

    def member(self, slug: str, role: str) -> Actor:
        """Whoever holds this role in the organisation."""
        found = next(one for one in accounts() if one.organisation == slug and role in one.roles)
        return self.actor(found.username, role)

    def region_of(self, username: str) -> str:
        """Where somebody works."""
        found = account(username)
        assert found is not None
        return self.bodies[found.organisation].region_code
