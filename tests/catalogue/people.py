"""Who looks at the catalogue."""

from datetime import UTC, datetime

from django.test import Client

from lms.people.models import Person, User


def practitioner_client(region: str) -> tuple[Client, Person]:
    """A practitioner of a place, signed in."""
    person = Person.objects.create(name="王芳", region_code=region, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    user = User.objects.create_user(username=f"p{person.pk.hex[-8:]}", password="x", person=person)
    user.memberships.create(role="practitioner", from_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = Client()
    client.force_login(user)
    return client, person
