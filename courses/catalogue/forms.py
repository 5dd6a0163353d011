"""The catalogue's search and filters; what a college fills in to put a programme together."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Delivery, Programme, Release, Topic
from courses.catalogue.querysets import ReleaseQuerySet, asked_for
from courses.catalogue.reasons import Learner, counting_for, untaken_by
from lms.ledger.models import Category
from lms.people import places
from lms.people.models import Organisation
from lms.policy.services import cities

ANY = [("", _("不限"))]
MOST_HOURS = Decimal(1000)
ORDERS = {
    "newest": ("-published_at",),
    "shortest": ("class_hours", "-published_at"),
    "longest": ("-class_hours", "-published_at"),
}


def _hours(label: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "0.5", "min": "0", "inputmode": "decimal"})
    return forms.DecimalField(label=label, required=False, min_value=Decimal(0), max_value=MOST_HOURS, widget=widget)


class CatalogueFilter(forms.Form):
    """What is looked for and in which order. ``who``: a practitioner may ask what counts for them."""

    q = forms.CharField(
        label=_("课程、拼音或首字母"), required=False, max_length=100, widget=forms.SearchInput, strip=True
    )
    category = forms.ChoiceField(label=_("类别"), required=False, choices=[*ANY, *Category.choices])
    topic = forms.ChoiceField(label=_("主题"), required=False, choices=[*ANY, *Topic.choices])
    region = forms.ChoiceField(label=_("适用地区"), required=False)
    delivery = forms.ChoiceField(label=_("形式"), required=False, choices=[*ANY, *Delivery.choices])
    hours_from = _hours(_("学时不少于"))
    hours_to = _hours(_("学时不多于"))
    college = forms.ModelChoiceField(
        label=_("院校"), required=False, empty_label=_("不限"), queryset=Organisation.objects.none()
    )
    counts = forms.BooleanField(label=_("只看能计入我的年度学时的"), required=False)
    untaken = forms.BooleanField(label=_("只看我没学过的"), required=False)
    sort = forms.ChoiceField(
        label=_("排序"),
        required=False,
        choices=[
            ("", _("最相关")),
            ("newest", _("最新发布")),
            ("shortest", _("学时从少到多")),
            ("longest", _("学时从多到少")),
        ],
    )

    def __init__(self, data: QueryDict, *, who: Learner | None = None) -> None:
        super().__init__(data)
        self.who = who
        colleges = Organisation.objects.admitted().filter(courses__withdrawn_at=None, courses__releases__isnull=False)
        fields: dict[str, Any] = self.fields
        fields["college"].queryset = colleges.distinct().order_by("name")
        fields["region"].choices = [*ANY, *places.choices()]
        if who is None:
            del fields["counts"], fields["untaken"]

    def apply(self, releases: ReleaseQuerySet) -> QuerySet[Release]:
        """Narrow and order the releases; a filter that makes no sense is left out rather than refused."""
        self.is_valid()
        given = self.cleaned_data
        for name in ("category", "topic", "delivery"):
            if given.get(name):
                releases = releases.filter(**{name: given[name]})
        if given.get("region"):
            releases = releases.counting_in(given["region"])
        if given.get("college"):
            releases = releases.filter(course__college=given["college"])
        if self.who and given.get("counts"):
            releases = counting_for(releases, self.who)
        if self.who and given.get("untaken"):
            releases = untaken_by(releases, self.who)
        return self._searched(self._long_enough(releases))

    def chips(self) -> list[dict[str, str]]:
        """One for each filter in use: what it says, and the address of the list without it."""
        found = []
        for name, value in self.cleaned_data.items():
            if name == "sort" or value in (None, "", False):
                continue
            query = cast("QueryDict", self.data).copy()
            query.pop(name, None)
            query.pop("page", None)
            found.append({"label": self._said(name, value), "url": f"?{query.urlencode()}"})
        return found

    @property
    def narrowed(self) -> bool:
        """Whether anything besides the words is asked for."""
        return any(value for name, value in self.cleaned_data.items() if name not in {"q", "sort"})

    def _long_enough(self, releases: ReleaseQuerySet) -> ReleaseQuerySet:
        least, most = self.cleaned_data.get("hours_from"), self.cleaned_data.get("hours_to")
        if least is not None and most is not None and least > most:
            least, most = most, least
        if least is not None:
            releases = releases.filter(class_hours__gte=least)
        return releases if most is None else releases.filter(class_hours__lte=most)

    def _searched(self, releases: ReleaseQuerySet) -> QuerySet[Release]:
        """Courses whose title is meant come first."""
        words, order = self.cleaned_data.get("q", ""), ORDERS.get(self.cleaned_data.get("sort", ""), ("-published_at",))
        if not words:
            return releases.order_by(*order, "title", "pk")
        in_title = When(asked_for(words, "search_title"), then=Value(0))
        found = releases.found_by(words).annotate(
            in_title=Case(in_title, default=Value(1), output_field=IntegerField())
        )
        if self.cleaned_data.get("sort"):
            return found.order_by(*order, "title", "pk")
        return found.order_by("in_title", *order, "title", "pk")

    def _said(self, name: str, value: Any) -> str:
        field: Any = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return str(field.label)
        if name == "q":
            return gettext("搜索：%(words)s") % {"words": value}
        if name == "region":
            value = {code: label for _city, group in field.choices if _city for code, label in group}[value]
        elif isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            value = dict(cast("Any", field.choices))[value]
        return gettext("%(filter)s：%(value)s") % {"filter": field.label, "value": value}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ProgrammeForm(forms.Form):
    """A programme: words, year, regions, and the college's courses, each with its place when it is ticked."""

    title = forms.CharField(label=_("培训计划名称"), max_length=200)
    summary = forms.CharField(
        label=_("简介"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    year = forms.TypedChoiceField(label=_("年度"), coerce=int)
    regions = forms.MultipleChoiceField(
        label=_("适用地区"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选时按本院校所在地区的年度要求计算。"),
    )

    def __init__(
        self, data: QueryDict | None, *, college: Organisation, today: date, programme: Programme | None = None
    ) -> None:
        self.college, self.placed = college, dict[uuid.UUID, int]()
        self.present_year = programme.year if programme else today.year
        initial: dict[str, Any] = {"year": self.present_year}
        if programme:
            initial |= {"title": programme.title, "summary": programme.summary, "regions": programme.regions}
            self.placed = {item.course_id: item.position for item in programme.items.all()}
        super().__init__(data, initial=initial)
        years = sorted({self.present_year, today.year, today.year + 1})
        fields: dict[str, Any] = self.fields
        fields["year"].choices = [(year, str(year)) for year in years]
        fields["regions"].choices = [(city.code, city.label) for city in cities()]
        rows = Release.objects.newest().filter(course__college=college)
        self.releases = list(rows.select_related("course").order_by("category", "title", "pk"))

    def rows(self) -> list[dict[str, Any]]:
        """The college's courses; those chosen keep their place. A withdrawn one is shown only while it is chosen."""
        chosen = {course: place for place, course in enumerate(self.courses(), start=1)}
        return [
            {"release": release, "chosen": release.course_id in chosen, "place": chosen.get(release.course_id, "")}
            for release in self.releases
            if release.course.withdrawn_at is None or release.course_id in chosen
        ]

    def courses(self) -> list[uuid.UUID]:
        """Courses ticked, by the place typed beside them and then as they are listed."""
        if not self.is_bound:
            return sorted(self.placed, key=lambda course: self.placed[course])
        ticked = set(cast("QueryDict", self.data).getlist("courses"))
        own = [release.course_id for release in self.releases if str(release.course_id) in ticked]
        return sorted(own, key=self._place)

    def so_far(self) -> tuple[list[uuid.UUID], list[str], int]:
        """Courses, regions and year as they stand in the form, whether or not it could be saved."""
        fields: dict[str, Any] = self.fields
        known = dict(fields["regions"].choices)
        given = cast("QueryDict", self.data).getlist("regions") if self.is_bound else self.initial.get("regions", [])
        regions = [code for code in given if code in known] or [self.college.region_code]
        year = self.data.get("year", "") if self.is_bound else str(self.present_year)
        years = [str(value) for value, _label in fields["year"].choices]
        return self.courses(), regions, int(year) if year in years else self.present_year

    def arguments(self) -> dict[str, Any]:
        """What the verbs take."""
        return {**self.cleaned_data, "courses": self.courses()}

    def _place(self, course: uuid.UUID) -> int:
        typed = self.data.get(f"place-{course}", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1000
