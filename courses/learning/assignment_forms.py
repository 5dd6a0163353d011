"""What a manager fills in to require a course, and the filters of who is done."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.learning.required import STATES, Obligation
from lms.people.models import Employment, Post


class AssignForm(forms.Form):
    """To whom, and by when. Nobody chosen means everybody."""

    person = forms.ChoiceField(label=_("某一个人"), required=False, help_text=_("不选人也不选岗位，就是全体员工。"))
    post = forms.ChoiceField(label=_("某一个岗位"), required=False, choices=[("", _("不限")), *Post.choices])
    due_on = forms.DateField(
        label=_("完成期限"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("到期前 90、60、30、7 天各提醒一次，逾期当天再提醒一次。"),
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("随通知发给员工，例如为什么要学。"),
    )

    def __init__(self, *args: Any, staff: Iterable[Employment], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {str(row.person_id): row.person for row in staff}
        named = sorted(((key, person.name) for key, person in self.staff.items()), key=lambda pair: pair[1])
        fields: dict[str, Any] = self.fields
        fields["person"].choices = [("", _("不限")), *named]
        fields["due_on"].widget.attrs["min"] = today.isoformat()

    def arguments(self) -> dict[str, Any]:
        """What the verb takes."""
        given = self.cleaned_data
        return {**given, "person": self.staff.get(given["person"])}


class PeopleFilter(forms.Form):
    q = forms.CharField(label=_("姓名"), required=False, max_length=100)
    assignment = forms.ChoiceField(label=_("课程或计划"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *STATES])

    def __init__(self, data: Any, *, assignments: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["assignment"].choices = [("", _("全部")), *assignments]
        self.is_valid()

    def matches(self, row: Obligation) -> bool:
        """A filter that makes no sense is left out."""
        given = self.cleaned_data
        return (
            given.get("q", "").strip() in row.person.name
            and given.get("assignment") in {None, "", str(row.assignment.pk)}
            and given.get("state") in {None, "", row.state}
        )
