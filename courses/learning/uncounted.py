"""Courses that were passed and earned no hours, told to the ledger's page with the reason kept when they were passed."""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from courses.learning.models import EnrolmentState, EnrolmentStateName
from lms.ledger.services import local_day
from lms.ledger.uncounted import Uncounted


def uncounted_courses(person_id: uuid.UUID, year: int) -> Iterable[Uncounted]:
    """Passed in ``year``, by the calendar of Shanghai, and not credited: the course had counted already."""
    passed = EnrolmentState.objects.filter(
        state=EnrolmentStateName.PASSED, enrolment__person=person_id, at__year=year
    ).exclude(reason="")
    for state in passed.select_related("enrolment__release"):
        url = reverse("learning:course", args=[state.enrolment_id])
        yield Uncounted(local_day(state.at), state.enrolment.release.title, state.reason, url)
