"""Employers whom a ban passed by: somebody banned works for them, and nobody has told them.

A ban tells the employers it finds. It finds none of a person put on a roster in the same second, of one whom only a
document registered later shows to be on the list, or of one whose ban begins on a later day. What changed lately is
looked at again, so that each of them is told within a minute or so all the same; told twice it is told once.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lms.audit.actors import Actor
from lms.audit.keys import oldest_since
from lms.hiring.models import BanAlert
from lms.hiring.services import alerts
from lms.people.models import Employment, IdentityDocument
from lms.registry.models import BanState, BanSubject, CaseState
from lms.registry.services import barred_ids, began_since, subjects_of

JOB = Actor.system("missed-alerts")
# What changed longer ago was looked at then; a queue that stood still for a long week-end misses nothing.
LOOK_BACK = timedelta(days=4)


def raise_missed(*, now: datetime) -> list[BanAlert]:
    """Raise the alerts that are missing among what changed lately. Returns them."""
    today = timezone.localdate(now)
    barred = barred_ids(_changed(now), today)
    running = Employment.objects.filter(Q(to_date=None) | Q(to_date__gte=today), person__in=barred)
    told = BanAlert.objects.acting().filter(employment__in=running.values("pk")).values("employment")
    missed = running.exclude(pk__in=told).select_related("person", "institution")
    by_state: dict[BanState, list[tuple[Employment, BanSubject]]] = defaultdict(list)
    for employment in missed:
        for subject in subjects_of(employment.person, today)[:1]:
            state = BanState.objects.select_related("case").get(case=subject.case_id, state=CaseState.IN_FORCE)
            by_state[state].append((employment, subject))
    raised: list[BanAlert] = []
    for state, found in by_state.items():
        with transaction.atomic():
            rows, subjects = zip(*found, strict=True)
            raised += alerts.raise_for(rows, state=state, subjects=subjects, actor=JOB, now=now)
    return raised


def _changed(now: datetime) -> Iterable[UUID]:
    """Persons who were put on a roster, who registered a document, or whose ban began, not long ago."""
    key = oldest_since(timezone.now() - LOOK_BACK)  # keys are drawn by the clock on the wall
    started = Employment.objects.filter(pk__gte=key).values_list("person_id", flat=True)
    registered = IdentityDocument.objects.filter(pk__gte=key, person__employments__to_date=None)
    begun = began_since(timezone.localdate(now - LOOK_BACK), timezone.localdate(now))
    return {*started, *registered.values_list("person_id", flat=True), *begun}
