"""Who looked whom up. What is kept about a person and shown to somebody else leaves a word that the person can read."""

from datetime import datetime

from lms.audit.actors import Actor
from lms.audit.services import record
from lms.people.models import Person


def note_look_up(*, person: Person, purpose: str, outcome: str = "", actor: Actor, now: datetime) -> None:
    """Leave the word of one look-up; none for one's own page and for the product's own jobs.

    ``purpose`` is a code that the person's page *谁查过我* has words for. One insert, a transaction of its own.
    """
    if actor.is_system or actor.person_id == person.pk:
        return
    changes = {"purpose": purpose, "institution": actor.organisation_name, "outcome": outcome}
    record(verb="person.looked_up", actor=actor, now=now, subject=person, person_id=person.pk, changes=changes)
