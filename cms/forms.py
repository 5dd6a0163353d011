"""The form behind the course editor."""

from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.images import get_image_model

from cms.access import approving_membership, writing_membership
from cms.prerequisites import CoursesField
from lms.people.models import Organisation
from lms.policy.services import cities
from lms.rules.refusals import Refusal


def city_choices() -> list[tuple[str, str]]:
    return [(city.code, str(city)) for city in cities()]


class CoursePageForm(WagtailAdminPageForm):  # type: ignore[misc]
    """Drafts may be unfinished; what is submitted must hold. An approver comments but changes nothing."""

    regions = forms.MultipleChoiceField(
        label=_("适用地区"),
        choices=city_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选表示各地都计入。"),
    )
    prerequisites = CoursesField(
        label=_("先修课程"),
        required=False,
        help_text=_("通过这些课程后才能报名；可以选各院校已发布的课程。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._reviewing:
            for field in self.fields.values():
                field.disabled = True

    @cached_property
    def college(self) -> Organisation | None:
        if self.instance.college_id:
            return Organisation.objects.get(pk=self.instance.college_id)
        parent = self.parent_page.specific if self.parent_page else None
        return getattr(parent, "organisation", None)

    @property
    def _reviewing(self) -> bool:
        user, now = self.for_user, timezone.now()
        if user is None or self.college is None or user.is_superuser:
            return False
        if writing_membership(user, self.college, now):
            return False
        return approving_membership(user, self.college, now) is not None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.college is not None and not self._reviewing:
            self._find_only_own_files(self.college)
        if self.errors or self.college is None:
            return cleaned
        from cms.drafts import check_page, refuse_foreign

        page = self._weighed(cleaned)
        try:
            refuse_foreign(page, self.college)
            if "action-submit" in self.data or "action-restart-workflow" in self.data:
                check_page(page, timezone.now())
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return cleaned

    def _find_only_own_files(self, college: Organisation) -> None:
        """A file of somebody else's never came from a chooser: it does not exist, or the form shown again would name it."""
        from cms.drafts import files_of, foreign_among

        given = type(self.instance)(lessons=self._as_posted("lessons"))
        if (cover := self._as_posted("cover")) and str(cover).isdigit():
            given.cover = get_image_model().objects.filter(pk=cover).first()
        if set(foreign_among(files_of(given), college)) - set(files_of(self.instance)):
            raise Http404

    def _as_posted(self, name: str) -> Any:
        """What a field holds when the form is shown again, right or wrong."""
        if name not in self.fields:
            return None
        return self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    def _weighed(self, cleaned: dict[str, Any]) -> Any:
        """The page as it would be, without touching the one that is being edited."""
        page = type(self.instance)(
            **{name: cleaned[name] for name in _WEIGHED if name in cleaned},
            translation_key=self.instance.translation_key,
            slug=self.instance.slug,
        )
        page.college = self.college
        return page


_WEIGHED = (
    "title",
    "title_en",
    "summary",
    "cover",
    "category",
    "topic",
    "delivery",
    "class_hours",
    "regions",
    "prerequisites",
    "notes",
    "lessons",
)
