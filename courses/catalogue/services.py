"""Verbs of the catalogue: freeze a release, withdraw a course, reopen it."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.models import Course, Delivery, Lesson, LessonKind, Release, Topic
from courses.catalogue.prerequisites import refuse_cycle, wait_for_other_chains
from courses.catalogue.search import text_keys, title_keys
from lms.audit.actors import Actor
from lms.audit.services import record
from lms.ledger.models import Category
from lms.people.access import require
from lms.people.models import Organisation, Role
from lms.policy.pack import Pack
from lms.policy.services import pack_in_force
from lms.rules.chain import digest
from lms.rules.class_hours import content_holds
from lms.rules.refusals import Conflict, Invalid, NotFound
from lms.rules.regions import covers

SECONDS_PER_MINUTE = 60


@transaction.atomic
def publish_release(*, draft: ReleaseDraft, actor: Actor, now: datetime) -> Release:
    """Freeze ``draft`` as the next release of its course; the same content as the newest release returns that one.

    Done by a bureau approver of the college's region. Refuses ``no_lessons``, ``claims_too_much`` (naming the minutes
    claimed and the minutes the content lasts), lessons that can't be taught (a video without its file, a quiz that
    draws more questions than it has, a lesson without a duration), and prerequisites that lead back to the course
    (``prerequisite_cycle``).
    """
    _require_approver(actor, draft.college)
    pack = pack_in_force(region_code=draft.college.region_code, on=timezone.localdate(now))
    minutes = check_draft(draft, pack)
    course = _locked_course(draft, actor, now)
    if draft.prerequisites:
        wait_for_other_chains()
        refuse_cycle(draft.course_id, draft.prerequisites, draft.title)
    newest = course.releases.order_by("-number").first()
    content_hash = digest(_content(draft, pack))
    if newest is not None and newest.content_hash == content_hash:
        return newest
    release = _freeze(
        draft,
        course=course,
        number=newest.number + 1 if newest else 1,
        pack=pack,
        minutes=minutes,
        content_hash=content_hash,
        actor=actor,
        now=now,
    )
    Lesson.objects.bulk_create(
        [_lesson(release, place, lesson, pack) for place, lesson in enumerate(draft.lessons, start=1)]
    )
    record(
        verb="release.published",
        actor=actor,
        now=now,
        subject=release,
        changes={"course": str(course.pk), "number": release.number, "content_hash": content_hash},
    )
    return release


@transaction.atomic
def withdraw_course(*, course: Course, reason: str, actor: Actor, now: datetime) -> Course:
    """Take a course out of the catalogue; people enrolled finish. By its college's publisher or the region's approver."""
    _require_owner_or_approver(actor, course.college)
    if not reason.strip():
        raise Invalid("reason_required", _("请写明下架的理由。"), field="reason")
    locked = Course.objects.select_for_update().get(pk=course.pk)
    if locked.withdrawn_at is not None:
        raise Conflict("withdrawn_already", _("课程已经下架，无需重复操作。"))
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    record(verb="course.withdrawn", actor=actor, now=now, subject=locked, reason=reason.strip())
    return locked


@transaction.atomic
def reopen_course(*, course: Course, reason: str = "", actor: Actor, now: datetime) -> Course:
    """Let a withdrawn course take enrolments again, by the region's approver."""
    _require_approver(actor, course.college)
    locked = Course.objects.select_for_update().get(pk=course.pk)
    if locked.withdrawn_at is None:
        raise Conflict("not_withdrawn", _("课程没有下架，无需恢复。"))
    locked.withdrawn_at = None
    locked.save(update_fields=["withdrawn_at"])
    record(verb="course.reopened", actor=actor, now=now, subject=locked, reason=reason.strip())
    return locked


def content_minutes(lessons: tuple[LessonDraft, ...]) -> int:
    """Whole minutes taught: readings, recordings, packages and classroom days. A quiz only examines and holds no class-hours."""
    return sum(lesson.seconds for lesson in lessons if lesson.kind != LessonKind.QUIZ) // SECONDS_PER_MINUTE


def check_draft(draft: ReleaseDraft, pack: Pack) -> int:
    """Refuse a draft that can't become a release; returns the minutes its content lasts."""
    if not draft.title.strip():
        raise Invalid("no_title", _("课程没有名称。"), field="title")
    for field, value, known in (
        ("category", draft.category, Category.values),
        ("topic", draft.topic, Topic.values),
        ("delivery", draft.delivery, Delivery.values),
    ):
        if value not in known:
            raise Invalid("field_required", _("请选择课程的类别、主题和形式。"), field=field)
    if not draft.lessons:
        raise Invalid("no_lessons", _("课程还没有课节，至少要有一节才能提交。"), field="lessons")
    for place, lesson in enumerate(draft.lessons, start=1):
        _check_lesson(place, lesson)
    _check_delivery(draft)
    return _check_claim(draft, pack)


def _check_claim(draft: ReleaseDraft, pack: Pack) -> int:
    if draft.class_hours <= Decimal(0):
        raise Invalid("claims_nothing", _("申报学时必须大于零。"), field="class_hours")
    minutes = content_minutes(draft.lessons)
    verdict = content_holds(draft.class_hours, minutes, pack.class_hour.minutes, pack.class_hour.rounding)
    if not verdict.ok:
        raise Invalid(
            "claims_too_much",
            _(
                "申报 %(class_hours)s 学时需要 %(claimed_minutes)s 分钟的内容，现有内容只有 %(content_minutes)s 分钟，"
                "最多可申报 %(most_class_hours)s 学时。"
            ),
            field="class_hours",
            class_hours=draft.class_hours,
            claimed_minutes=verdict.claimed_minutes,
            content_minutes=verdict.content_minutes,
            most_class_hours=verdict.most_class_hours,
        )
    return minutes


def _check_delivery(draft: ReleaseDraft) -> None:
    in_a_room = any(lesson.kind == LessonKind.CLASSROOM_DAY for lesson in draft.lessons)
    if in_a_room == (draft.delivery == Delivery.ONLINE):
        raise Invalid(
            "delivery_mismatch", _("“线上”课程不能有面授课节，其他形式的课程至少要有一节面授。"), field="delivery"
        )


def _check_lesson(place: int, lesson: LessonDraft) -> None:
    named: dict[str, Any] = {"place": place, "title": lesson.title}
    _check_files(lesson, named)
    if lesson.seconds <= 0:
        raise Invalid("lesson_without_duration", _("第 %(place)s 节“%(title)s”没有时长。"), field="lessons", **named)
    if lesson.kind != LessonKind.QUIZ:
        return
    questions = len(lesson.blueprint.get("question_versions", ()))
    draw = lesson.blueprint.get("draw", 0)
    if not 0 < draw <= questions:
        raise Invalid(
            "quiz_draws_too_many",
            _("第 %(place)s 节“%(title)s”要抽 %(draw)s 题，题库里可用的有 %(questions)s 题。"),
            field="lessons",
            draw=draw,
            questions=questions,
            **named,
        )


def _check_files(lesson: LessonDraft, named: dict[str, Any]) -> None:
    recorded = bool(lesson.media and lesson.media_sha256)
    if lesson.kind == LessonKind.VIDEO and not recorded:
        raise Invalid("video_without_media", _("第 %(place)s 节“%(title)s”没有视频文件。"), field="lessons", **named)
    if lesson.kind == LessonKind.AUDIO and not recorded:
        raise Invalid("audio_without_media", _("第 %(place)s 节“%(title)s”没有音频文件。"), field="lessons", **named)
    if lesson.kind == LessonKind.PACKAGE and not (lesson.package.get("folder") and lesson.package.get("entry")):
        raise Invalid("package_without_files", _("第 %(place)s 节“%(title)s”没有课件包。"), field="lessons", **named)


def _freeze(
    draft: ReleaseDraft,
    *,
    course: Course,
    number: int,
    pack: Pack,
    minutes: int,
    content_hash: str,
    actor: Actor,
    now: datetime,
) -> Release:
    in_titles = title_keys(draft.title, draft.title_en)
    lessons = (lesson.title for lesson in draft.lessons)
    elsewhere = text_keys(summary=draft.summary, lessons=lessons, college=draft.college, topic=draft.topic)
    return Release.objects.create(
        course=course,
        number=number,
        title=draft.title,
        title_en=draft.title_en,
        summary=draft.summary,
        category=draft.category,
        topic=draft.topic,
        delivery=draft.delivery,
        class_hours=draft.class_hours,
        minutes_per_class_hour=pack.class_hour.minutes,
        content_minutes=minutes,
        regions=list(draft.regions),
        pass_share=pack.exam.pass_share,
        coverage_share=pack.playback.coverage_share,
        cover=draft.cover,
        notes=draft.notes.strip(),
        prerequisites=[str(key) for key in draft.prerequisites],
        glossary=[dict(entry) for entry in draft.glossary],
        search_title=in_titles,
        search_text=in_titles + elsewhere,
        content_hash=content_hash,
        approved_by=actor.label,
        published_at=now,
    )


def _lesson(release: Release, place: int, lesson: LessonDraft, pack: Pack) -> Lesson:
    return Lesson(
        release=release,
        position=place,
        kind=lesson.kind,
        title=lesson.title,
        seconds=lesson.seconds,
        body=lesson.body,
        media=lesson.media,
        media_sha256=lesson.media_sha256,
        poster=lesson.poster,
        captions=lesson.captions,
        chapters=[dict(chapter) for chapter in lesson.chapters],
        package=dict(lesson.package),
        blueprint=_blueprint(lesson, pack),
    )


def _blueprint(lesson: LessonDraft, pack: Pack) -> dict[str, Any]:
    if lesson.kind != LessonKind.QUIZ:
        return {}
    terms = {"attempts": pack.exam.attempts, "cool_down_minutes": pack.exam.cool_down_minutes}
    versions = [str(version) for version in lesson.blueprint["question_versions"]]
    return {**lesson.blueprint, "question_versions": versions, **terms}


def _content(draft: ReleaseDraft, pack: Pack) -> dict[str, Any]:
    """All that is taught and all that it is worth: what the content hash covers.

    Notes of what changed are not: words about a release make no other release.
    """
    return {
        "title": [draft.title, draft.title_en, draft.summary, draft.cover],
        "worth": [draft.category, draft.topic, draft.delivery, f"{draft.class_hours:f}", list(draft.regions)],
        "terms": [pack.class_hour.minutes, f"{pack.exam.pass_share:f}", f"{pack.playback.coverage_share:f}"],
        "glossary": [[entry["term"], entry["text"]] for entry in draft.glossary],
        "asks_first": [str(key) for key in draft.prerequisites],
        "lessons": [
            {
                "kind": lesson.kind,
                "title": lesson.title,
                "seconds": lesson.seconds,
                "body": lesson.body,
                "media": [lesson.media, lesson.media_sha256, lesson.poster],
                "captions": lesson.captions,
                "chapters": [[str(chapter["at"]), chapter["title"]] for chapter in lesson.chapters],
                "package": dict(lesson.package),
                "blueprint": _blueprint(lesson, pack),
            }
            for lesson in draft.lessons
        ],
    }


def _locked_course(draft: ReleaseDraft, actor: Actor, now: datetime) -> Course:
    """The course's row, locked: two publications of one course follow each other."""
    course, created = Course.objects.get_or_create(
        pk=draft.course_id, defaults={"college": draft.college, "slug": _free_slug(draft)}
    )
    if created:
        record(verb="course.registered", actor=actor, now=now, subject=course, changes={"slug": course.slug})
    elif course.college_id != draft.college.pk:
        raise NotFound("course_unknown", _("没有找到这门课程。"))
    return Course.objects.select_for_update().get(pk=course.pk)


def _free_slug(draft: ReleaseDraft) -> str:
    slug = slugify(draft.slug or draft.title, allow_unicode=True)[:80] or "course"
    # Another college may use the same words; the key's tail tells the two apart and needs no second try.
    taken = Course.objects.filter(slug=slug).exclude(pk=draft.course_id).exists()
    return f"{slug}-{_tail(draft.course_id)}" if taken else slug


def _tail(key: uuid.UUID) -> str:
    return key.hex[-8:]


def _require_approver(actor: Actor, college: Organisation) -> None:
    require(actor, Role.BUREAU_APPROVER)
    if not actor.is_system and not (actor.region_code and covers(actor.region_code, college.region_code)):
        raise NotFound("course_unknown", _("没有找到这门课程。"))


def _require_owner_or_approver(actor: Actor, college: Organisation) -> None:
    if actor.role == Role.COLLEGE_PUBLISHER:
        if actor.organisation_id != college.pk:
            raise NotFound("course_unknown", _("没有找到这门课程。"))
        return
    _require_approver(actor, college)
