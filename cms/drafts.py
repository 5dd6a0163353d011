"""From what a college wrote to what the catalogue freezes."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Collection

from cms.blocks import spelled_out, texts_of
from cms.glossary import terms_in
from cms.library import is_key, package_of
from courses.assessment.models import QuestionBank, QuestionVersion
from courses.catalogue.drafts import LessonDraft, ReleaseDraft
from courses.catalogue.files import freeze
from courses.catalogue.models import LessonKind, Release
from courses.catalogue.prerequisites import refuse_cycle
from courses.catalogue.services import check_draft
from courses.learning.transcript import transcript_of
from lms.people.models import Organisation
from lms.policy.services import pack_in_force
from lms.rules.refusals import Invalid

SECONDS_PER_MINUTE = 60
RECORDED = frozenset({"video", "audio"})
# How wide a picture is kept for learners; a phone shows less, a desk no more.
PICTURE = "max-1200x1200"
COVER = "fill-960x540"


class Files:
    """Where the files of a draft are found: as they are in the college's library."""

    def picture(self, image: Any) -> str:
        return str(image.get_rendition(PICTURE).url)

    def cover(self, image: Any) -> str:
        return str(image.file.name)

    def document(self, document: Any) -> str:
        return reverse("cms:file", args=[document.file.name])

    def recording(self, media: Any) -> tuple[str, str]:
        return media.file.name, media.thumbnail.name if media.thumbnail else ""


class FrozenFiles(Files):
    """Files kept under their hash for a release; the library may change afterwards."""

    def picture(self, image: Any) -> str:
        return reverse("catalogue:file", args=[_freeze(image.get_rendition(PICTURE).file)])

    def cover(self, image: Any) -> str:
        return _freeze(image.get_rendition(COVER).file, whole=True)

    def document(self, document: Any) -> str:
        return reverse("catalogue:file", args=[_freeze(document.file)])

    def recording(self, media: Any) -> tuple[str, str]:
        poster = _freeze(media.thumbnail, whole=True) if media.thumbnail else ""
        return _freeze(media.file, whole=True), poster


def _freeze(file: Any, *, whole: bool = False) -> str:
    with file.open("rb") as opened:
        name = freeze(opened, suffix=PurePath(file.name).suffix.lower()).name
    return name if whole else PurePath(name).name


def newest(page: Any, revision: Any = None) -> Any:
    """The newest draft of a course page (or a ``revision`` of it), to be read only: Wagtail's own way to it costs a dozen
    queries more.

    It has no place in the tree; ``page`` keeps that. With the page's ``latest_revision`` at hand it costs none.
    """
    draft = type(page).from_serializable_data((revision or page.latest_revision).content, check_fks=False)
    draft.pk, draft.college = page.pk, page.college
    # The picture may have left the library since.
    draft.cover = get_image_model().objects.filter(pk=draft.cover_id).first() if draft.cover_id else None
    return draft


def release_draft(page: Any, *, files: Files, college: Organisation | None = None) -> ReleaseDraft:
    """The course as it would be released. ``college``: for a page that has no place in the tree yet."""
    college = college or page.college
    # What is frozen does not depend on the language its approver happens to read.
    with translation.override(settings.LANGUAGE_CODE):
        return _release_draft(page, files, college)


def _release_draft(page: Any, files: Files, college: Organisation) -> ReleaseDraft:
    return ReleaseDraft(
        course_id=uuid.UUID(str(page.translation_key)),
        college=college,
        slug=page.slug,
        title=page.title,
        title_en=page.title_en,
        summary=page.summary,
        category=page.category,
        topic=page.topic,
        delivery=page.delivery,
        class_hours=page.class_hours or Decimal(0),
        regions=tuple(page.regions or ()),
        cover=files.cover(page.cover) if page.cover else "",
        lessons=tuple(_lesson(child, files, college) for child in page.lessons),
        glossary=terms_in(_words(page), college),
        notes=page.notes.strip(),
        prerequisites=tuple(uuid.UUID(str(key)) for key in page.prerequisites or ()),
    )


def glossary_of(page: Any) -> tuple[dict[str, str], ...]:
    """The terms a release of the page would hold."""
    return terms_in(_words(page), page.college)


def _words(page: Any) -> Iterator[str]:
    """What a learner reads and hears of the course: titles, readings, captions."""
    for child in page.lessons:
        yield child.value["title"] or ""
        if child.block_type == "reading":
            yield from texts_of(child.value["body"])
        if child.block_type in RECORDED and child.value["media"]:
            yield child.value["media"].captions


def check_page(page: Any, now: datetime) -> None:
    """Refuse a course that could not be released: what the catalogue would refuse, and other colleges' files."""
    refuse_foreign(page, page.college)
    refuse_misplaced(page)
    refuse_unsaid(page)
    refuse_cycle(page.course_id, [uuid.UUID(str(key)) for key in page.prerequisites or ()], page.title)
    pack = pack_in_force(page.college.region_code, timezone.localdate(now))
    check_draft(release_draft(page, files=Files()), pack)


def refuse_unsaid(page: Any) -> None:
    """A course that was released before says what is new in it: people who are learning it will read that."""
    last = Release.objects.filter(course_id=page.course_id).order_by("-number").first()
    if last and page.notes.strip() in {"", last.notes.strip()}:
        raise Invalid("notes_required", _("请写明这一版和上一版相比改了什么；正在学习的学员会看到。"), field="notes")


def refuse_foreign(page: Any, college: Organisation) -> None:
    """Files and banks named in a page must be the college's own, however their keys got there."""
    refuse_foreign_files(files_of(page), college)
    banks = {child.value["bank"] for child in page.lessons if child.block_type == "quiz" and child.value["bank"]}
    if banks and QuestionBank.objects.filter(pk__in=banks, college=college).count() != len(banks):
        raise Invalid("foreign_bank", _("课程里用到了不属于本院校的题库，请重新选择。"), field="lessons")
    for model, keys, code, sentence in _stock_of(page):
        if keys and model.objects.filter(pk__in=filter(is_key, keys), college=college).count() != len(keys):
            raise Invalid(code, sentence, field="lessons")


def refuse_foreign_files(items: Iterable[Any], college: Organisation) -> None:
    """Refuse what lies in a collection of somebody else's."""
    if foreign_among(items, college):
        raise Invalid("foreign_file", _("课程里用到了不属于本院校的文件，请重新选择。"), field="lessons")


def foreign_among(items: Iterable[Any], college: Organisation) -> list[Any]:
    """Those that lie in a collection of somebody else's."""
    from cms.models import CollegePage

    branch = CollegePage.objects.select_related("collection").get(organisation=college)
    own = Collection.objects.descendant_of(branch.collection, inclusive=True)
    allowed = set(own.values_list("pk", flat=True))
    return [item for item in items if item.collection_id not in allowed]


def _stock_of(page: Any) -> Iterator[tuple[Any, set[str], str, Any]]:
    from cms.models import CoursePackage, ReusableText

    packages = {child.value["package"] for child in page.lessons if child.block_type == "package"} - {"", None}
    yield CoursePackage, packages, "foreign_package", _("课程里用到了不属于本院校的课件包，请重新选择。")
    bodies = [child.value["body"] for child in page.lessons if child.block_type == "reading"]
    texts = {block.value for body in bodies for block in body if block.block_type == "reusable"} - {"", None}
    yield ReusableText, texts, "foreign_text", _("课程里用到了不属于本院校的常用文字，请重新选择。")


def refuse_misplaced(page: Any) -> None:
    """A film is no sound lesson and sound is no film, however its key came into the slot."""
    for place, child in enumerate(page.lessons, start=1):
        media = child.value["media"] if child.block_type in RECORDED else None
        if media and media.type != child.block_type:
            raise Invalid(
                "media_misplaced",
                _("第 %(place)s 节“%(title)s”里放的是%(found)s，不是%(wanted)s，请重新选择。"),
                field="lessons",
                place=place,
                title=child.value["title"],
                found=LessonKind(media.type).label,
                wanted=LessonKind(child.block_type).label,
            )


def files_of(page: Any) -> Iterator[Any]:
    """Images, recordings and documents of a course."""
    if page.cover:
        yield page.cover
    for child in page.lessons:
        if child.block_type in RECORDED and child.value["media"]:
            yield child.value["media"]
        if child.block_type == "reading":
            yield from files_of_body(child.value["body"])


def files_of_body(body: Any) -> Iterator[Any]:
    """Images and documents of a text."""
    for block in spelled_out(body):
        item = {"image": "image", "download": "document"}.get(block.block_type)
        if item and block.value[item]:
            yield block.value[item]


def preview_lessons(page: Any) -> list[dict[str, Any]]:
    """Lessons for the preview: as a learner will meet them, from the college's library, unfinished ones included."""
    files = Files()
    found = []
    for child in page.lessons:
        media = child.value["media"] if child.block_type in RECORDED else None
        package = package_of(child.value["package"]) if child.block_type == "package" else None
        found.append(
            {
                "kind": child.block_type,
                "kind_label": LessonKind(child.block_type).label,
                "title": child.value["title"],
                "minutes": -(-_seconds(child) // SECONDS_PER_MINUTE),
                "body": _body(child, files),
                "media": reverse("cms:file", args=[media.file.name]) if media else "",
                "poster": reverse("cms:file", args=[media.thumbnail.name]) if media and media.thumbnail else "",
                "captions": reverse("cms:captions", args=[media.pk]) if media and media.captions else "",
                "package": reverse("cms:package", args=[package.pk]) if package else "",
                "transcript": transcript_of(media.captions) if child.block_type == "audio" and media else [],
                "chapters": list(child.value["chapters"]) if media else [],
                "draw": child.value.get("draw"),
            }
        )
    return found


def _seconds(child: Any) -> int:
    value = child.value
    match child.block_type:
        case "reading":
            return int(value.expected_minutes) * SECONDS_PER_MINUTE
        case "video" | "audio":
            return int(value["media"].duration) if value["media"] else 0
    return int(value["minutes"] or 0) * SECONDS_PER_MINUTE


def _lesson(child: Any, files: Files, college: Organisation) -> LessonDraft:
    value = child.value
    build: dict[str, Callable[[], dict[str, Any]]] = {
        "reading": lambda: {"body": _body(child, files)},
        "classroom_day": lambda: {"body": _body(child, files)},
        "video": lambda: _recording(value, files),
        "audio": lambda: _recording(value, files),
        "package": lambda: _package(value),
        "quiz": lambda: {"blueprint": _blueprint(value, college)},
    }
    return LessonDraft(
        kind=child.block_type, title=value["title"] or "", seconds=_seconds(child), **build[child.block_type]()
    )


def _package(value: Any) -> dict[str, Any]:
    found = package_of(value["package"])
    return {"package": {"folder": found.folder, "entry": found.entry}} if found else {}


def _recording(value: Any, files: Files) -> dict[str, Any]:
    media = value["media"]
    if media is None:
        return {}
    name, poster = files.recording(media)
    return {
        "media": name,
        "media_sha256": media.sha256,
        "poster": poster,
        "captions": media.captions,
        "chapters": tuple({"at": chapter["at"], "title": chapter["title"]} for chapter in value["chapters"]),
    }


def _blueprint(value: Any, college: Organisation) -> dict[str, Any]:
    versions = current_versions(value["bank"], college) if value["bank"] else []
    return {"question_versions": versions, "draw": value["draw"] or 0, "minutes": value["minutes"] or 0}


def current_versions(bank_id: str | uuid.UUID, college: Organisation) -> list[str]:
    """The newest version of every question in use in a bank of the college, in the order of their keys."""
    rows = QuestionVersion.objects.filter(
        question__bank_id=uuid.UUID(str(bank_id)), question__bank__college=college, question__retired=False
    ).order_by("question__key", "number")
    newest = dict(rows.values_list("question_id", "pk"))  # a later number overwrites the earlier one
    return [str(version) for version in newest.values()]


def _body(child: Any, files: Files) -> str:
    """The lesson's text as HTML. Everything written by people passes through the templates' escaping."""
    if child.block_type == "reading":
        blocks = [_block(block, files) for block in spelled_out(child.value["body"])]
        return render_to_string("cms/lesson_body.html", {"blocks": blocks}).strip()
    if child.block_type == "classroom_day":
        return render_to_string("cms/programme.html", {"value": child.value}).strip()
    return ""


def _block(block: Any, files: Files) -> dict[str, Any]:
    found = {"kind": block.block_type, "value": block.value}
    if block.block_type == "image" and isinstance(block.value["image"], AbstractImage):
        found["url"] = files.picture(block.value["image"])
    if block.block_type == "download" and block.value["document"]:
        found["url"] = files.document(block.value["document"])
    return found


def questions_of(draft: ReleaseDraft) -> list[QuestionVersion]:
    """Every question the draft's quizzes may ask, for whoever decides over the course."""
    ids = [version for lesson in draft.lessons for version in lesson.blueprint.get("question_versions", ())]
    found = QuestionVersion.objects.in_bulk(ids)
    return [found[key] for key in map(uuid.UUID, ids) if key in found]
