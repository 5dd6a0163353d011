"""The form of a certificate type: what it asks for depends on its rule, so only those fields are shown."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateType, Rule
from certificates.services.earned import programmes_of
from certificates.services.type_editing import LONGEST_MONTHS, MOST_HOURS, Wanted, courses_for, wanted_of
from courses.catalogue.models import Release, Topic
from lms.people.models import Organisation, Post

PREFIXES = {Rule.PROGRAMME: "PRG", Rule.POST: "PST", Rule.TRAINERS: "TOT"}


class TypeForm(forms.Form):
    """Names, series and validity of every type; then what its rule asks for."""

    title = forms.CharField(label=_("证书名称"), max_length=100)
    title_en = forms.CharField(label=_("英文名称"), max_length=100)
    post = forms.ChoiceField(label=_("岗位"), choices=Post.choices)
    programmes = forms.MultipleChoiceField(
        label=_("培训计划"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选时，已批准的培训计划都发这种证书。"),
    )
    courses = forms.MultipleChoiceField(
        label=_("须通过的课程"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("所选课程须全部通过。"),
    )
    within_months = forms.IntegerField(
        label=_("课程须在最近几个月内通过"),
        required=False,
        min_value=1,
        max_value=LONGEST_MONTHS,
        help_text=_("不限请留空。"),
    )
    validity_months = forms.IntegerField(
        label=_("有效期（月）"),
        required=False,
        min_value=1,
        max_value=LONGEST_MONTHS,
        help_text=_("从签发之日起算；长期有效请留空。"),
    )
    serial_prefix = forms.CharField(
        label=_("编号前缀"), min_length=2, max_length=4, help_text=_("2 到 4 个英文字母，印在证书编号的最前面。")
    )
    automatic = forms.BooleanField(
        label=_("达到要求时自动签发"), required=False, help_text=_("不勾选时，由工作人员逐一或批量签发。")
    )
    retired = forms.BooleanField(
        label=_("停止签发"), required=False, help_text=_("不再签发新证；已签发的证书不受影响，可以随时恢复。")
    )

    def __init__(
        self, data: QueryDict | None, *, rule: str, issuers: list[Organisation], type: CertificateType | None = None
    ) -> None:
        self.rule, self.type, self.issuers = rule, type, issuers
        super().__init__(data, initial=self._present(rule, type))
        self._keep_what_the_rule_asks()
        fields: dict[str, Any] = self.fields
        if type is None:
            del fields["retired"]
            if len(issuers) > 1:
                choices = [(str(one.pk), one.name) for one in issuers]
                issuer = forms.ChoiceField(label=_("发证单位"), choices=choices)
                self.fields = {"title": fields["title"], "title_en": fields["title_en"], "issuer": issuer, **fields}
        self._offer()

    @property
    def issuer(self) -> Organisation:
        """The body whose name will stand on it, as far as the form says."""
        if self.type and self.type.issuer:
            return self.type.issuer
        chosen = self.data.get("issuer", "") if self.is_bound else ""
        return next((one for one in self.issuers if str(one.pk) == chosen), self.issuers[0])

    def arguments(self) -> dict[str, Any]:
        """What the verbs take."""
        given = self.cleaned_data
        names = ("title", "title_en", "serial_prefix", "validity_months", "automatic", "retired")
        topics = {topic: given[f"topic_{topic}"] for topic in Topic.values if given.get(f"topic_{topic}")}
        wanted = Wanted(
            programmes=tuple(map(uuid.UUID, given.get("programmes", ()))),
            post=given.get("post", ""),
            courses=tuple(map(uuid.UUID, given.get("courses", ()))),
            topics=topics,
            within_months=given.get("within_months"),
        )
        return {name: given[name] for name in names if name in given} | {"wanted": wanted}

    def _present(self, rule: str, type: CertificateType | None) -> dict[str, Any]:
        if type is None:
            return {"serial_prefix": PREFIXES[Rule(rule)], "automatic": True}
        wanted = wanted_of(type)
        names = ("title", "title_en", "serial_prefix", "validity_months", "automatic")
        return {name: getattr(type, name) for name in names} | {
            "retired": type.retired_at is not None,
            "post": wanted.post,
            "programmes": [str(key) for key in wanted.programmes],
            "courses": [str(key) for key in wanted.courses],
            "within_months": wanted.within_months,
            **{f"topic_{topic}": hours for topic, hours in wanted.topics.items()},
        }

    def _keep_what_the_rule_asks(self) -> None:
        fields: dict[str, Any] = self.fields
        of_rule: dict[str, set[str]] = {
            Rule.PROGRAMME: {"post", "courses", "within_months"},
            Rule.POST: {"programmes"},
            Rule.TRAINERS: {"post", "programmes"},
        }
        for name in of_rule[self.rule]:
            del fields[name]
        if self.rule == Rule.POST:
            topics = {
                f"topic_{topic}": forms.DecimalField(
                    label=_("“%(topic)s”类课程的学时不少于") % {"topic": label},
                    required=False,
                    min_value=0,
                    max_value=MOST_HOURS,
                    decimal_places=1,
                )
                for topic, label in Topic.choices
            }
            names = list(fields)
            at = names.index("within_months")
            self.fields = {
                **{name: fields[name] for name in names[:at]},
                **topics,
                **{name: fields[name] for name in names[at:]},
            }

    def _offer(self) -> None:
        """Courses and programmes of the issuers, each under the name learners know."""
        fields: dict[str, Any] = self.fields
        if "courses" in fields:
            rows = (
                Release.objects.newest().filter(course__in=courses_for(self.issuer)).select_related("course__college")
            )
            named = rows.order_by("category", "title", "pk").defer("search_text", "search_title", "summary")
            several = self.issuer.kind not in {"college", "training_base"}
            fields["courses"].choices = [
                (str(row.course_id), f"{row.title}（{row.course.college.name}）" if several else row.title)
                for row in named
            ]
        if "programmes" in fields:
            any_of = CertificateType(rule=Rule.PROGRAMME, issuer=self.issuer)
            rows = programmes_of(any_of).order_by("-year", "title", "pk")
            fields["programmes"].choices = [(str(row.pk), f"{row.title}（{row.year}）") for row in rows]
