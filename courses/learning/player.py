"""What the page of a lesson shows and what its player is told."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from courses.catalogue.models import Lesson, LessonKind, Rendition, RenditionState
from courses.learning.glossary import marked, terms_of
from courses.learning.models import Enrolment, EnrolmentStateName, LessonProgress
from courses.learning.outline import OutlineLesson
from courses.learning.services.leases import pace_of
from courses.learning.transcript import clock_of, transcript_of
from lms.policy.pack import Pack
from lms.rules.intervals import Intervals

_RATES = ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2", "2.5", "3")
_LEARNABLE = frozenset({EnrolmentStateName.ENROLLED, EnrolmentStateName.IN_PROGRESS, EnrolmentStateName.PASSED})
RECORDED = frozenset({LessonKind.VIDEO, LessonKind.AUDIO})


def rendition_of(lesson: Lesson) -> Rendition | None:
    """The film of the lesson in pieces of two sizes, once they are ready."""
    if lesson.kind != LessonKind.VIDEO or not lesson.media_sha256:
        return None
    return Rendition.objects.filter(media_sha256=lesson.media_sha256, state=RenditionState.READY).first()


def player_context(enrolment: Enrolment, row: OutlineLesson, pack: Pack) -> dict[str, Any]:
    """Everything ``learning/lesson.html`` says of how this lesson is learned; the progress must be prefetched or cheap."""
    lesson, pace = row.lesson, pace_of(pack, row.lesson)
    progress = next((one for one in enrolment.progress.all() if one.lesson_id == lesson.pk), None)
    covered = Intervals.from_pairs(progress.covered if progress else [])
    max_rate = Decimal(pace["max_rate"])
    terms = terms_of(enrolment.release.glossary, lesson.body)
    return {
        "recorded": lesson.kind in RECORDED,
        "rates": [rate for rate in _RATES if Decimal(rate) <= max_rate],
        "max_rate": f"{max_rate.normalize():f}",
        "grace_seconds": pace["grace_ms"] // 1000,
        "cap_hours": Decimal(pace["daily_cap_minutes"]) / 60 if pace["daily_cap_minutes"] else None,
        "coverage": int(enrolment.release.coverage_share * 100),
        "covered_seconds": covered.covered() // 1000,
        "learnable": enrolment.state in _LEARNABLE,
        "chapters": [(chapter["at"], clock_of(chapter["at"]), chapter["title"]) for chapter in lesson.chapters],
        "transcript": transcript_of(lesson.captions),
        "terms": terms,
        "body": marked(lesson.body, terms),
        **_settings(enrolment, row, pace, progress, covered),
    }


def _settings(
    enrolment: Enrolment, row: OutlineLesson, pace: dict[str, Any], progress: LessonProgress | None, covered: Intervals
) -> dict[str, Any]:
    """What the script reads; times in milliseconds."""
    lesson = row.lesson
    streamed = rendition_of(lesson) is not None
    told = {
        "key": f"{enrolment.pk}:{lesson.pk}",
        "total_ms": lesson.seconds * 1000,
        "covered": covered.pairs(),
        "position_ms": progress.position_ms if progress else 0,
        "complete": row.done,
        "learnable": enrolment.state in _LEARNABLE,
        "max_rate": float(pace["max_rate"]),
        "grace_ms": pace["grace_ms"],
        "beat_ms": pace["beat_seconds"] * 1000,
        "lease_url": reverse("learning:lease", args=[enrolment.pk, lesson.pk]),
        "media": reverse("learning:media", args=[lesson.pk]) if lesson.media else None,
        "stream": reverse("learning:stream", args=[lesson.pk, "master.m3u8"]) if streamed else None,
    }
    return {"streamed": streamed, "settings": told}
