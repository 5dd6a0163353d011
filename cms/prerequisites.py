"""Courses to be passed first, as an author chooses them: by name, among what has been released anywhere."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.library import is_key
from courses.catalogue.models import Release

FOUND_AT_MOST = 20


def courses_called(words: str) -> list[dict[str, str]]:
    """Released courses that take enrolments and whose name or college holds ``words``; at most twenty."""
    words = words.strip()
    if not words:
        return []
    current = Release.objects.current()
    found = current.filter(title__icontains=words) | current.filter(course__college__name__icontains=words)
    return [_shown(release) for release in found.order_by("title", "pk")[:FOUND_AT_MOST]]


def _chosen(keys: Iterable[str]) -> list[dict[str, str]]:
    """The courses behind some keys, also those that were withdrawn since."""
    wanted = [key for key in map(str, keys) if is_key(key)]
    rows = Release.objects.filter(course_id__in=wanted).select_related("course__college").order_by("number")
    newest = {str(release.course_id): _shown(release) for release in rows}
    return [newest[key] for key in wanted if key in newest]


def _shown(release: Release) -> dict[str, str]:
    return {"id": str(release.course_id), "title": release.title, "college": release.course.college.name}


class CourseChooser(forms.Widget):
    """The chosen courses as ticked boxes, and a search that adds more (``courses.js``)."""

    template_name = "cms/widgets/courses.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "chosen": _chosen(value or ())}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name) or ())

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}-search" if id_ else id_


class CoursesField(forms.Field):
    """Keys of released courses, as text, each once."""

    widget = CourseChooser

    def clean(self, value: Any) -> list[str]:
        keys = list(dict.fromkeys(str(key) for key in value or ()))
        if len(_chosen(keys)) != len(keys):
            raise forms.ValidationError(_("选择的先修课程已不存在，请重新选择。"), code="prerequisite_unknown")
        return keys

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(map(str, initial or ())) != list(map(str, data or ()))
