"""A version of a course laid out to be compared: a frozen release, or a draft as it would be frozen now."""

import uuid
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cms.drafts import COVER, PICTURE, Files, release_draft
from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.files import FOLDER, sha256_of
from courses.catalogue.models import Delivery, Lesson, LessonKind, Release, Topic
from lms.ledger.models import Category
from lms.policy.models import Region
from lms.rules.chain import digest
from lms.rules.differences import LessonSheet, Sheet, text_lines

SECONDS_PER_MINUTE = 60


class FilesAsFrozen(Files):
    """Files by the name they would be frozen under, without freezing them: the same bytes have the same name."""

    def picture(self, image: Any) -> str:
        return reverse("catalogue:file", args=[_name(image.get_rendition(PICTURE).file)])

    def cover(self, image: Any) -> str:
        return f"{FOLDER}/{_name(image.get_rendition(COVER).file)}"

    def document(self, document: Any) -> str:
        return reverse("catalogue:file", args=[_name(document.file)])


def _name(file: Any) -> str:
    with file.open("rb") as opened:
        return sha256_of(opened) + PurePath(file.name).suffix.lower()


def sheet_of_release(release: Release) -> Sheet:
    """A frozen release."""
    return Sheet(_facts(release), tuple(_lesson(lesson) for lesson in release.lessons.order_by("position")))


def sheet_of_page(page: Any) -> Sheet:
    """A draft of a course page, at whatever revision it was read."""
    draft = release_draft(page, files=FilesAsFrozen())
    return Sheet(_facts(draft), tuple(_lesson(lesson) for lesson in draft.lessons))


def _facts(course: Release | ReleaseDraft) -> tuple[tuple[str, str], ...]:
    regions = Region.objects.filter(code__in=list(course.regions)).order_by("code")
    comma = _("、")
    return (
        (_("课程名称"), course.title),
        (_("英文名称"), course.title_en),
        (_("简介"), course.summary),
        (_("类别"), _label(Category, course.category)),
        (_("主题"), _label(Topic, course.topic)),
        (_("形式"), _label(Delivery, course.delivery)),
        (_("申报学时"), f"{course.class_hours:.1f}"),
        (_("适用地区"), comma.join(map(str, regions)) or _("各地")),
        (_("先修课程"), comma.join(_titles(course.prerequisites))),
        (_("封面"), PurePath(course.cover).name[:8]),
        (_("术语"), comma.join(term["term"] for term in course.glossary)),
    )


def _label(choices: Any, value: str) -> str:
    return str(dict(choices.choices).get(value, value))


def _titles(keys: Sequence[str | uuid.UUID]) -> list[str]:
    """Names of courses, as they are called now."""
    rows = Release.objects.filter(course__in=list(keys)).order_by("number").values_list("course_id", "title")
    return sorted(dict(rows).values())


def _lesson(lesson: Lesson | LessonDraft) -> LessonSheet:
    lines = text_lines(lesson.body, picture=_("图片"), file=_("文件"))
    if lesson.media_sha256:
        lines.append(_("音视频文件 %(name)s") % {"name": lesson.media_sha256[:8]})
    lines += [f"{chapter['at']} {chapter['title']}" for chapter in lesson.chapters]
    lines += [line for line in lesson.captions.splitlines() if line.strip()]
    if lesson.package:
        lines.append(_("课件包 %(name)s") % {"name": str(lesson.package.get("sha256", ""))[:8]})
    if lesson.kind == LessonKind.QUIZ:
        lines += _quiz(lesson.blueprint)
    minutes = -(-lesson.seconds // SECONDS_PER_MINUTE)
    return LessonSheet(_label(LessonKind, lesson.kind), lesson.title, minutes, tuple(lines))


def _quiz(blueprint: Any) -> list[str]:
    """How it is drawn. The questions themselves are no learner's business before the paper."""
    versions = sorted(str(version) for version in blueprint.get("question_versions", ()))
    words = {"draw": blueprint.get("draw", 0), "total": len(versions), "name": digest(versions)[:8]}
    return [_("从 %(total)s 题中抽 %(draw)s 题（题库版本 %(name)s）") % words]
