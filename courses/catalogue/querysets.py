"""Words for asking the catalogue."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast

from lms.audit.actors import Actor
from lms.people.querysets import in_region
from lms.rules.chinese_search import terms
from lms.rules.regions import ancestors

if TYPE_CHECKING:
    from courses.catalogue.models import Course, Programme, Release  # noqa: F401

COLLEGE_ROLES = frozenset({"college_author", "college_teacher", "college_publisher"})


class CourseQuerySet(models.QuerySet["Course"]):
    def open(self) -> "CourseQuerySet":
        """Courses that take enrolments."""
        return self.filter(withdrawn_at=None, college__status="admitted")


class ReleaseQuerySet(models.QuerySet["Release"]):
    def newest(self) -> "ReleaseQuerySet":
        """The latest release of each course: the one without a later one, which a database plans better than a newest."""
        later = self.model.objects.filter(course=OuterRef("course"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def current(self) -> "ReleaseQuerySet":
        """The latest release of each course that takes enrolments."""
        open_course = {"course__withdrawn_at": None, "course__college__status": "admitted"}
        return self.newest().filter(**open_course).select_related("course__college")

    def found_by(self, question: str, field: str = "search_text") -> "ReleaseQuerySet":
        """Releases in which everything asked for occurs, in characters, pinyin or initials. Nothing asked finds none."""
        return self.filter(asked_for(question, field))

    def counting_in(self, region_code: str) -> "ReleaseQuerySet":
        """Releases whose hours count in a place: those for everywhere, and those for it or a region around it."""
        places = [region_code, *ancestors(region_code)]
        named = Q()
        for place in places:
            named |= Q(regions_text__contains=f'"{place}"')
        # Both databases write a list of texts the same way; SQLite has no operator to look into one.
        return self.alias(regions_text=Cast("regions", TextField())).filter(Q(regions=[]) | named)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def offered(self) -> "ProgrammeQuerySet":
        """Approved ones that take enrolments."""
        return self.filter(withdrawn_at=None, college__status="admitted").exclude(approved_at=None)

    def visible_to(self, actor: Actor) -> "ProgrammeQuerySet":
        """A college's own; what was submitted to a bureau's region; what was approved for everybody else."""
        if actor.is_system:
            return self
        approved = Q(approved_at__isnull=False)
        if actor.role in COLLEGE_ROLES:
            return self.filter(approved | Q(college_id=actor.organisation_id))
        if actor.role in {"bureau_auditor", "bureau_approver"}:
            submitted = Q(submitted_at__isnull=False) & in_region("college__region_code", actor.region_code)
            return self.filter(approved | submitted)
        return self.filter(approved)


def asked_for(question: str, field: str) -> Q:
    """All terms of a question, each in any of its forms."""
    asked = Q()
    for forms in terms(question):
        any_form = Q()
        for form in forms:
            any_form |= Q(**{f"{field}__contains": form})
        asked &= any_form
    return asked or Q(pk__in=[])
