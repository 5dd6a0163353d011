"""The practitioner's home: two rings, days left, where to go on, running courses, news."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses.catalogue.models import Lesson
from courses.learning.models import Enrolment, LessonCompletion, LessonProgress
from courses.learning.outline import length_of
from courses.learning.required import DUE, LATE, required_of
from courses.learning.services.leases import PLAYABLE
from courses.learning.views.own import own_person
from lms.ledger.models import Category
from lms.ledger.services import class_hours_so_far, standing
from lms.people.access import role_required
from lms.people.models import Person
from lms.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Ring:
    label: str
    value: Decimal
    required: Decimal
    met: bool
    note: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """The lesson to go on with."""

    course: str
    lesson: Lesson
    url: str
    note: str
    begun: bool


@require_safe
@role_required()
def home(request: HttpRequest) -> HttpResponse:
    person, now = own_person(request), timezone.now()
    today = timezone.localtime(now).date()
    verdict = standing(person=person, year=today.year, on=today)
    running = _running(person)
    context = {
        "year": today.year,
        "verdict": verdict,
        "rings": _rings(verdict),
        "so_far": [] if verdict.lines else _so_far(person, now),
        "running": running,
        "go_on": _go_on(running),
        "required": [row for row in required_of(person, today) if row.state in {DUE, LATE}],
        # What an employer requires stands in a list of its own.
        "news": request.user.inbox.filter(read_at=None).exclude(code="assignment")[:3],  # type: ignore[union-attr]
    }
    return render(request, "learning/home.html", context)


def _rings(verdict: Standing) -> list[Ring]:
    labels = dict(Category.choices)
    return [
        Ring(
            label=str(labels[line.category]),
            value=line.earned_class_hours,
            required=line.required_class_hours,
            met=line.met,
            note="" if line.met else _("还差 %(left)s 学时") % {"left": line.left_class_hours},
        )
        for line in verdict.lines
    ]


def _so_far(person: Person, now: datetime) -> list[tuple[str, Decimal]]:
    today = timezone.localtime(now).date()
    hours = class_hours_so_far(person=person, year=today.year, on=today)
    return [(str(label), hours.get(category, Decimal(0))) for category, label in Category.choices]


def _running(person: Person) -> list[Enrolment]:
    return list(
        Enrolment.objects.running()
        .filter(person=person)
        .select_related("release__course__college")
        .annotate(
            lessons_total=Count("release__lessons", distinct=True),
            lessons_done=Count("lesson_completions", distinct=True),
        )
        # The counts group by every column that is read: only what the card shows.
        .only("enrolled_at", "release__title", "release__category", "release__course__college__name")
        .order_by("-enrolled_at")
    )


def _go_on(running: list[Enrolment]) -> GoOn | None:
    """The unfinished lesson touched last; else the first one of the newest enrolment."""
    if not running:
        return None
    by_id = {enrolment.pk: enrolment for enrolment in running}
    enrolment_id = OuterRef("release__enrolments")
    of_lesson: dict[str, Any] = {"lesson": OuterRef("pk"), "enrolment": enrolment_id}
    rows = (
        Lesson.objects.filter(release__enrolments__in=list(by_id))
        .annotate(enrolment_id=F("release__enrolments"))
        .filter(~Exists(LessonCompletion.objects.filter(**of_lesson)), enrolment_id__in=list(by_id))
        .annotate(touched_at=Subquery(LessonProgress.objects.filter(**of_lesson).values("updated_at")[:1]))
        .order_by(F("touched_at").desc(nulls_last=True), "-release__enrolments__enrolled_at", "position")
    )
    lesson: Any = rows.filter(Q(kind__in=PLAYABLE) | Q(touched_at=None)).first()
    if lesson is None:
        return None
    return GoOn(
        course=by_id[lesson.enrolment_id].release.title,
        lesson=lesson,
        url=reverse("learning:lesson", args=[lesson.enrolment_id, lesson.pk]),
        note=length_of(lesson),
        begun=lesson.touched_at is not None,
    )
