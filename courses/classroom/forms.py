"""Forms of a college for its sessions, and of a learner for the code on the wall."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.catalogue.models import Lesson, LessonKind, Release
from courses.classroom.models import Scan
from courses.classroom.querysets import COLLEGE_ROLES
from lms.audit.actors import Actor
from lms.people.models import User

_LOCAL = "%Y-%m-%dT%H:%M"


def moment(label: Any) -> forms.DateTimeField:
    """A local date and time as browsers give it."""
    return forms.DateTimeField(
        label=label, input_formats=[_LOCAL], widget=forms.DateTimeInput({"type": "datetime-local"}, format=_LOCAL)
    )


def teachers_of(actor: Actor) -> Any:
    """People of the college, by name."""
    of_college = User.objects.filter(
        memberships__organisation=actor.organisation_id, memberships__to_at=None, memberships__role__in=COLLEGE_ROLES
    )
    return of_college.select_related("person").distinct().order_by("username")


class LessonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.release.title} v{obj.release.number} · {obj.title}"


class TeacherChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.display_name)


class SessionForm(forms.Form):
    lesson = LessonChoice(label=_("面授课节"), queryset=Lesson.objects.none())
    venue = forms.CharField(label=_("地点"), max_length=200)
    teacher = TeacherChoice(label=_("授课教师"), queryset=User.objects.none())
    starts_at = moment(_("开始"))
    ends_at = moment(_("结束"))
    capacity = forms.IntegerField(label=_("人数上限"), min_value=1, max_value=500, initial=30)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        releases = Release.objects.current().filter(course__college=actor.organisation_id).values("pk")
        self.fields["lesson"].queryset = (  # type: ignore[attr-defined]
            Lesson.objects.filter(release__in=releases, kind=LessonKind.CLASSROOM_DAY).select_related("release")
        )
        self.fields["teacher"].queryset = teachers_of(actor)  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    person = forms.ChoiceField(label=pgettext_lazy("one person", "学员"))
    kind = forms.ChoiceField(label=_("签到或签退"), choices=Scan.Kind.choices)
    at = moment(_("时间"))
    reason = forms.CharField(label=_("补登原因"), max_length=200)

    def __init__(self, *args: Any, persons: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = persons  # type: ignore[attr-defined]


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("取消原因"), max_length=200)


class SubstituteForm(forms.Form):
    teacher = TeacherChoice(label=_("代课教师"), queryset=User.objects.none())
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = teachers_of(actor)  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("签到码"),
        max_length=12,
        help_text=_("墙上二维码下方的六位文字，每 30 秒更换。"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class SessionFilter(forms.Form):
    q = forms.CharField(label=_("课程、地点或教师"), required=False, max_length=100)
    when = forms.ChoiceField(
        label=_("时间"),
        required=False,
        choices=[("", _("今天及以后")), ("past", _("已结束")), ("cancelled", _("已取消"))],
    )
