"""What the registry does when people say who they are: whoever is on the list is found under that too, in the same commit.

Saved rows announce it here, not verbs, because nothing may come past it: a document or a name that the list does not
know would be a way around it. Rows written in bulk announce nothing; ``reindex_registry`` finds those.
"""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from lms.people.models import IdentityDocument, Person, PreviousName
from lms.registry.services.finding import index_person
from lms.registry.services.known import unsealed


@receiver(post_save, sender=IdentityDocument, dispatch_uid="registry-document")
def find_under_document(*, instance: IdentityDocument, created: bool, **_news: Any) -> None:
    if created:
        index_person(instance.person, number=unsealed(instance))


@receiver(post_save, sender=PreviousName, dispatch_uid="registry-previous-name")
def find_under_previous_name(*, instance: PreviousName, **_news: Any) -> None:
    index_person(instance.person)


@receiver(post_save, sender=Person, dispatch_uid="registry-name")
def find_under_name(*, instance: Person, created: bool, update_fields: Any, **_news: Any) -> None:
    if not created and (update_fields is None or "name" in update_fields):
        index_person(instance)
