"""Whose learning it is: everything here is found among one's own enrolments, or not at all."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest

from courses.catalogue.models import Lesson
from courses.learning.models import Enrolment
from lms.audit.actors import Actor
from lms.people.models import Person


def actor_of_request(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def own_person(request: HttpRequest) -> Person:
    """The human being behind the account; accounts without one (staff) learn nothing."""
    user: Any = request.user
    if user.person_id is None:
        raise Http404
    person: Person = user.person
    return person


def own_enrolment(request: HttpRequest, enrolment_id: uuid.UUID) -> Enrolment:
    """404 for anybody else's."""
    user: Any = request.user
    enrolment = (
        Enrolment.objects.select_related("release__course__college", "person")
        .filter(pk=enrolment_id, person=user.person_id)
        .first()
    )
    if enrolment is None:
        raise Http404
    return enrolment


def lesson_of(enrolment: Enrolment, lesson_id: uuid.UUID) -> Lesson:
    """404 for a lesson of another release."""
    lesson = enrolment.release.lessons.filter(pk=lesson_id).first()
    if lesson is None:
        raise Http404
    lesson.release = enrolment.release
    return lesson
