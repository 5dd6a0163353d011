"""What is filled in to order many certificates, and the filters of what became of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.batch_showing import REASONS
from certificates.models import BatchState, CertificateType, IssueBatchRow, Rule
from certificates.querysets import IssueBatchQuerySet, IssueBatchRowQuerySet
from certificates.services.choosing import FIRST_YEAR, Selection, courses_for, institutions_for, reach
from certificates.services.earned import programmes_of
from courses.catalogue.models import Programme, Release
from lms.audit.actors import Actor
from lms.people import places
from lms.people.models import Post, Role
from lms.rules.regions import covers

# What each rule asks of a selection, in the order of the form; a bureau may narrow it by place and work.
ASKED: dict[str, tuple[str, ...]] = {
    Rule.ANNUAL_REQUIREMENT: ("year",),
    Rule.COURSE_PASSED: ("course", "any_year"),
    Rule.PROGRAMME: ("programme",),
    Rule.POST: ("year",),
    Rule.TRAINERS: ("year",),
}
NARROWED = ("region", "institution", "post")


class SelectionForm(forms.Form):
    """Whom to look at, for one type; only what its rule has a use for is asked."""

    year = forms.TypedChoiceField(label=_("达标年度"), coerce=int)
    programme = forms.ModelChoiceField(label=_("培训计划"), queryset=Programme.objects.none())
    course = forms.ChoiceField(label=_("课程"))
    any_year = forms.TypedChoiceField(label=_("学习年度"), required=False, coerce=int, empty_value=None)
    region = forms.ChoiceField(label=_("地区"), help_text=_("登记在这个地区（含下级）的人员。"))
    institution = forms.CharField(
        label=_("用人单位"),
        required=False,
        max_length=200,
        help_text=_("填机构全称或统一社会信用代码，只选它的在职人员；留空则不限。"),
    )
    post = forms.ChoiceField(label=_("岗位"), required=False, choices=[("", _("不限")), *Post.choices])

    def __init__(self, *args: Any, type: CertificateType, actor: Actor, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        asked = _asked(type, actor)
        for name in set(self.fields) - set(asked):
            del self.fields[name]
        self.order_fields(asked)
        fields: dict[str, Any] = self.fields
        years = [(year, str(year)) for year in range(today.year, FIRST_YEAR - 1, -1)]
        if "year" in fields:
            fields["year"].choices = years
        if "any_year" in fields:
            fields["any_year"].choices = [("", _("不限")), *years]
        if "course" in fields:
            fields["course"].choices = _courses(actor)
        if "programme" in fields:
            fields["programme"].queryset = programmes_of(type).order_by("-year", "title")
        if "region" in fields:
            fields["region"].choices = _regions(reach(type, actor))

    def clean_institution(self) -> str:
        """The key of the institution that was meant."""
        text = self.cleaned_data["institution"].strip()
        if not text:
            return ""
        named = Q(name=text) | Q(credit_code=text.upper())
        found = list(institutions_for(self.actor).filter(named)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("本地区有几家同名机构，请填统一社会信用代码。")
                if found
                else _("本地区没有找到这家机构，请核对全称。")
            )
        return str(found[0].pk)

    def selection(self) -> Selection:
        """What the verb takes."""
        given = dict(self.cleaned_data)
        given["year"] = given.pop("any_year", None) or given.get("year")
        if programme := given.pop("programme", None):
            given["programme"] = str(programme.pk)
        return Selection(**given)


class BatchFilter(forms.Form):
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *BatchState.choices])

    def narrow(self, found: IssueBatchQuerySet) -> IssueBatchQuerySet:
        state = self.cleaned_data["state"] if self.is_valid() else ""
        return found.filter(state=state) if state else found


class RowFilter(forms.Form):
    """Rows by name and by what became of them; a filter that makes no sense is left out."""

    q = forms.CharField(label=_("姓名"), required=False, max_length=100)
    outcome = forms.ChoiceField(
        label=_("结果"),
        required=False,
        choices=[
            ("", _("全部")),
            ("waiting", pgettext_lazy("issue batch", "待签发")),
            *((one.value, one.label) for one in IssueBatchRow.Outcome if one.value),
        ],
    )
    reason = forms.ChoiceField(
        label=_("原因"), required=False, choices=[("", _("全部")), *((code, words) for code, words in REASONS.items())]
    )

    def narrow(self, found: IssueBatchRowQuerySet) -> IssueBatchRowQuerySet:
        """``found`` by what was asked."""
        asked = self.cleaned_data if self.is_valid() else {}
        if text := (asked.get("q") or "").strip():
            found = found.filter(person__name__icontains=text)
        if outcome := asked.get("outcome"):
            found = found.filter(outcome="" if outcome == "waiting" else outcome)
        if reason := asked.get("reason"):
            found = found.filter(Q(code=reason) | Q(outcome="", foreseen=reason))
        return found


def _asked(type: CertificateType, actor: Actor) -> tuple[str, ...]:
    """The fields a type has a use for: no year where it never runs out, no place for a college."""
    own = ASKED[type.rule]
    if type.is_staffs and not type.validity_months:
        own = tuple(name for name in own if name != "year")
    return own if actor.role == Role.COLLEGE_PUBLISHER else (*own, *NARROWED)


def _courses(actor: Actor) -> list[tuple[str, str]]:
    """A college's courses under the title of their newest release."""
    releases = Release.objects.filter(course__in=courses_for(actor)).order_by("number")
    titles = {str(key): title for key, title in releases.values_list("course", "title")}
    return sorted(titles.items(), key=lambda pair: pair[1])


def _regions(bound: str) -> Iterable[tuple[str, str]]:
    """The region itself and what lies within it."""
    names = places.names()
    return [(code, names[code]) for code in sorted(names) if covers(bound, code)]
