"""What people fill in about hours and leave. Forms check shapes; the verbs decide."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.ledger.models import Category, LeaveKind
from lms.ledger.services.outside_sheets import DELIVERIES
from lms.people.models import Employment

LIMITS = settings.UPLOAD_LIMITS


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def proof_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.FileField:
    return forms.FileField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg", "data-max-bytes": LIMITS["document"]}),
    )


class EntryFilter(forms.Form):
    year = forms.IntegerField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("课程"), required=False, max_length=100)
    category = forms.ChoiceField(label=_("类别"), required=False, choices=[("", _("全部")), *Category.choices])
    as_of = date_field(_("截至哪一天的账"), required=False)


class OutsideForm(forms.Form):
    """What staff learned elsewhere, from a workbook."""

    file = forms.FileField(
        label=_("学时表"),
        help_text=_("用下载的模板填写，每行一次培训。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-bytes": LIMITS["workbook"]}),
    )
    proof = proof_field(
        _("培训证明"), required=False, help_text=_("PDF 或图片；多份证明请合并成一个 PDF。试读时可以不附。")
    )
    dry_run = forms.BooleanField(label=_("先试读，不提交"), required=False)


class OwnOutsideForm(forms.Form):
    """One course of one's own."""

    category = forms.ChoiceField(label=_("类别"), choices=Category.choices)
    class_hours = forms.CharField(
        label=_("学时"),
        max_length=10,
        help_text=_("证明上写的学时。"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    on = date_field(_("结业日期"))
    title = forms.CharField(label=_("培训名称"), max_length=200)
    provider = forms.CharField(label=_("举办单位"), max_length=200)
    certificate_number = forms.CharField(label=_("证书编号"), max_length=64)
    delivery = forms.ChoiceField(label=_("形式"), choices=list(DELIVERIES.items()), initial="offline")
    proof = proof_field(_("培训证明"), help_text=_("结业证书或证明的 PDF 或照片。"))

    def written(self) -> dict[str, str]:
        """The fields as a row of a workbook would give them."""
        given = {name: str(value) for name, value in self.cleaned_data.items() if name != "proof"}
        return given | {"on": self.cleaned_data["on"].isoformat()}


class CheckingFilter(forms.Form):
    q = forms.CharField(label=_("机构或姓名"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("待核验")), ("settled", _("已办结")), ("all", _("全部"))]
    )


class DecisionForm(forms.Form):
    """``rows`` come from the table; nothing ticked and ``whole`` ticked is the whole batch."""

    whole = forms.BooleanField(label=_("本批全部待核验的行"), required=False)
    reason = forms.CharField(
        label=_("理由"),
        required=False,
        max_length=300,
        help_text=_("不认可时必须填写，提交人和本人会看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the people who work, or worked, here."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.name}（{obj.get_post_display()}）"


class LeaveForm(forms.Form):
    employment = StaffField(label=_("人员"), queryset=Employment.objects.none(), empty_label=_("请选择"))
    kind = forms.ChoiceField(label=_("假别"), choices=LeaveKind.choices)
    from_date = date_field(_("开始日期"))
    to_date = date_field(_("结束日期"), help_text=_("含当天。每满一个月，年度学时按月减少。"))
    document = proof_field(_("证明材料"), help_text=_("诊断证明、准假单等，PDF 或图片。"))

    def __init__(self, *args: Any, staff: QuerySet[Employment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["employment"]
        assert isinstance(field, StaffField)
        field.queryset = staff


class LeaveDecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("理由"),
        required=False,
        max_length=300,
        help_text=_("除确认以外都要填写，机构和本人会看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LeaveFilter(forms.Form):
    q = forms.CharField(label=_("机构或姓名"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("proposed", _("待确认")), ("confirmed", _("已确认")), ("refused", _("未确认"))],
    )
