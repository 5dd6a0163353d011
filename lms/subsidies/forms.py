"""What people fill in. Money is typed in yuan and goes on in fen; the verbs decide, and refuse."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.catalogue.models import Release
from lms.subsidies.models import ClaimState, LineVerdict, Scheme, SchemeKind

_SHARES = [("0.05", "5 %"), ("0.10", "10 %"), ("0.20", "20 %"), ("1", _("全部"))]


class YuanField(forms.DecimalField):
    """Yuan with two decimals, cleaned to whole fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal("0.01"), max_digits=14, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class SchemeForm(forms.Form):
    kind = forms.ChoiceField(label=_("类别"), choices=SchemeKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("名称"), max_length=200)
    occupation = forms.CharField(
        label=_("职业（工种）"), max_length=50, help_text=_("同一职业、同一等级，一人只补贴一次。")
    )
    level = forms.CharField(label=_("等级"), max_length=32, required=False)
    amount = YuanField(label=_("每人补贴（元）"))
    budget = YuanField(label=_("预算上限（元）"), help_text=_("批准时累计金额不得超过。"))
    opens_on = _day(_("受理开始"))
    closes_on = _day(_("受理截止"))
    requires_certificate = forms.BooleanField(label=_("须取得证书"), required=False, initial=True)

    def facts(self) -> dict[str, Any]:
        """What ``create_scheme`` wants."""
        data = dict(self.cleaned_data)
        money = {"amount_fen": data.pop("amount"), "budget_fen": data.pop("budget")}
        return {**data, **money}


class QueueFilter(forms.Form):
    q = forms.CharField(label=_("申报编号、院校或课程"), required=False, widget=forms.SearchInput)


class LineFilter(forms.Form):
    q = forms.CharField(label=_("姓名"), required=False, widget=forms.SearchInput)
    verdict = forms.ChoiceField(
        label=_("结论"), required=False, choices=[("", _("全部")), *LineVerdict.Verdict.choices]
    )
    sampled = forms.BooleanField(label=_("只看抽样"), required=False)


class ClaimFilter(forms.Form):
    q = forms.CharField(label=_("申报编号或课程"), required=False, widget=forms.SearchInput)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *ClaimState.choices])


class AssembleForm(forms.Form):
    scheme = forms.ModelChoiceField(label=_("补贴项目"), queryset=Scheme.objects.none())
    release = forms.ModelChoiceField(label=_("课程"), queryset=Release.objects.none())

    def __init__(self, *args: Any, schemes: Any, releases: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scheme"].queryset = schemes  # type: ignore[attr-defined]
        self.fields["release"].queryset = releases  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("审计意见"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("随申报转给决定人。")
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("退回理由"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("写明要补正什么，院校看得到。")
    )


class SampleForm(forms.Form):
    share = forms.TypedChoiceField(label=_("抽样比例"), choices=_SHARES, coerce=Decimal, initial="0.10")


class SettleForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("结论"),
        choices=[choice for choice in LineVerdict.Verdict.choices if choice[0] in {"pay", "refuse"}],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("写明看了哪些原始记录。")
    )


class DecideForm(forms.Form):
    approve = forms.TypedChoiceField(
        label=_("决定"),
        choices=[("yes", _("批准")), ("no", pgettext_lazy("decision", "不予批准"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("理由"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不予批准时必须写明，院校看得到。"),
    )
