"""Whose statements an organisation may read: those it sent, and those about people it may see."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from lms.audit.actors import Actor

if TYPE_CHECKING:
    from lms.xapi.models import Statement  # noqa: F401


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, actor: Actor) -> "StatementQuerySet":
        from lms.people.models import Person

        if actor.is_system:
            return self
        about = Q(person_id__in=Person.objects.visible_to(actor).values("pk"))
        sent = Q(organisation_id=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
        return self.filter(about | sent)
