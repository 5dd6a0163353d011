"""``GET /api/v1/persons/{id}/standing/?year=``: how a person's year stands, per category, with reasons.

For the person, their employer (also by key of scope ``standing``) and the bureau of their region; to everybody else the
person does not exist. Whoever asks about somebody else leaves an event which that person can read.
"""

import uuid
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lms.ledger import services, wording
from lms.ledger.models import Category
from lms.people.api import HasScope, request_actor
from lms.people.models import Person
from lms.people.services import note_look_up
from lms.rules.refusals import Invalid
from lms.rules.standing import Standing

YEARS = range(2000, 2101)


class LineSerializer(serializers.Serializer[Any]):
    category = serializers.ChoiceField(choices=Category.choices)
    title = serializers.CharField()
    required_class_hours = serializers.FloatField()
    earned_class_hours = serializers.FloatField()
    left_class_hours = serializers.FloatField()
    met = serializers.BooleanField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    category = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class StandingSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField()
    year = serializers.IntegerField()
    as_of = serializers.DateField()
    closes_on = serializers.DateField()
    days_left = serializers.IntegerField()
    met = serializers.BooleanField()
    lines = LineSerializer(many=True)
    reasons = ReasonSerializer(many=True)


class PersonStanding(APIView):
    permission_classes = [HasScope]
    required_scope = "standing"

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="calendar year; the current one by default")],
        responses=StandingSerializer,
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        now, actor = timezone.now(), request_actor(request)
        person = Person.objects.visible_to(actor).filter(pk=pk).first()
        if person is None:
            raise Http404
        today = services.local_day(now)
        year = _year(request.query_params.get("year"), today.year)
        standing = services.standing(person=person, year=year, on=today)
        outcome = "met" if standing.met else "short"
        note_look_up(person=person, purpose="standing", outcome=outcome, actor=actor, now=now)
        return Response(StandingSerializer(_shown(person, standing)).data)


def _year(given: str | None, default: int) -> int:
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or int(given[:5]) not in YEARS:
        raise Invalid("year_invalid", _("年度应为四位数字，例如 2026。"), field="year", status=400)
    return int(given)


def _shown(person: Person, standing: Standing) -> dict[str, Any]:
    return {
        "person": person.pk,
        "year": standing.year,
        "as_of": standing.as_of,
        "closes_on": standing.closes_on,
        "days_left": standing.days_left,
        "met": standing.met,
        "lines": [
            {
                "category": line.category,
                "title": Category(line.category).label,
                "required_class_hours": line.required_class_hours,
                "earned_class_hours": line.earned_class_hours,
                "left_class_hours": line.left_class_hours,
                "met": line.met,
            }
            for line in standing.lines
        ],
        "reasons": [
            {"code": reason.code, "category": reason.category, "message": wording.reason_text(reason)}
            for reason in standing.reasons
        ],
    }
