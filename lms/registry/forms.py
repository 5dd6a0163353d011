"""What registrars fill in. Forms check shapes; the verbs decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lms.documents import uploads
from lms.people import places
from lms.people.models import Person
from lms.people.models.persons import DocumentTypeChoices
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.registry.models import BanKind, BanSubject, CaseState, FactsCategory, IntakeRow, SubjectRole
from lms.rules import names
from lms.rules.refusals import Refusal
from lms.rules.regions import covers

FROM_HELP = _("限期禁入可以从以后的某天开始，例如刑罚执行完毕之日；到那天零时才起作用。")
FILE_TYPES = ".pdf,.jpg,.jpeg,.png"


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class DocumentField(forms.FileField):
    """A scanned decision: judged by its content and its size."""

    widget = forms.FileInput(attrs={"accept": FILE_TYPES, "data-max-bytes": settings.UPLOAD_LIMITS["document"]})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file:
            try:
                uploads.check(file, kind="document")
            except Refusal as refusal:
                raise forms.ValidationError(sentence(refusal), code=refusal.code) from None
        return file


class CaseForm(forms.Form):
    """One decision of one authority. Nothing of it may be missing."""

    number = forms.CharField(
        label=_("决定文号"), max_length=100, help_text=_("照决定书填写，例如“沪卫禁字〔2026〕3号”。")
    )
    authority = forms.CharField(label=_("作出机关"), max_length=200)
    decided_on = date_field(_("决定日期"))
    facts_on = date_field(_("事实发生日期"), help_text=_("据此查找当天的直接管理人。"))
    facts_category = forms.ChoiceField(label=_("事实类别"), choices=[("", _("请选择")), *FactsCategory.choices])
    legal_basis = forms.CharField(
        label=_("法律依据"),
        max_length=300,
        help_text=_("法律法规名称和条款。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    decision_file = DocumentField(label=_("决定书"), help_text=_("PDF 或清晰的照片。存档后内容不能更改。"))

    def __init__(self, *args: Any, region_code: str = "", drafted: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if drafted:
            self.fields["decision_file"].required = False
            self.fields["decision_file"].help_text = _("已有存档的决定书；只在需要更换时上传。")
            return
        offered = [
            (city, [(code, name) for code, name in districts if covers(region_code, code)])
            for city, districts in places.choices()
        ]
        self.fields["region_code"] = forms.ChoiceField(
            label=_("案件所属地区"),
            choices=[group for group in offered if group[1]],
            initial=region_code,
            help_text=_("由这里的卫生健康部门办理；禁入在所有地区生效。"),
        )


class SubjectForm(forms.Form):
    """Somebody the decision names, in the words of the decision."""

    name = forms.CharField(label=_("姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    document_type = forms.ChoiceField(label=_("证件类型"), choices=DocumentTypeChoices.choices)
    document_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("加密保存，页面上只显示首尾几位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    birth_date = date_field(
        _("出生日期"), required=False, help_text=_("身份证号码中已有的不用填；护照和通行证须填写。")
    )
    birth_date_unknown = forms.BooleanField(label=_("决定书没有载明出生日期"), required=False)
    role = forms.ChoiceField(label=_("在案件中的身份"), choices=SubjectRole.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=_("期限"),
        choices=BanKind.choices,
        initial=BanKind.LIFETIME,
        widget=forms.RadioSelect,
        help_text=_("限期禁入只用于法院判决写明期限的情形。"),
    )
    from_date = date_field(_("自"), help_text=FROM_HELP)
    until = date_field(_("至（含）"), required=False, help_text=_("只在限期禁入时填写。"))

    def __init__(self, *args: Any, chosen: Person | None = None, **kwargs: Any) -> None:
        """``chosen``: a person known here was picked, whose name and document are on record."""
        super().__init__(*args, **kwargs)
        if chosen:
            known = ("birth_date", "birth_date_unknown") if chosen.birth_date else ()
            for name in ("name", "document_type", "document_number", *known):
                del self.fields[name]

    def clean_name(self) -> str:
        try:
            return names.validate(self.cleaned_data["name"])
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None

    def clean_document_number(self) -> str:
        written: str = self.cleaned_data["document_number"]
        try:
            read_number(self.cleaned_data.get("document_type", ""), written)
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None
        return written


class NamedForm(forms.Form):
    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        help_text=_("在本案地区、事实发生当日在职的同名人员。本人能看到这次查询。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TakeOverForm(forms.Form):
    """Who of another decision on the same facts is named in this one too, and for how long by this one."""

    subjects = forms.MultipleChoiceField(
        label=_("同一事件其他决定所涉人员"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一人。")},
        help_text=_("期限不同的人分几次带入。"),
    )
    kind = forms.ChoiceField(
        label=_("期限"), choices=BanKind.choices, initial=BanKind.LIFETIME, widget=forms.RadioSelect
    )
    from_date = date_field(_("自"), help_text=FROM_HELP)
    until = date_field(_("至（含）"), required=False, help_text=_("只在限期禁入时填写。"))

    def __init__(self, *args: Any, offered: Sequence[BanSubject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(one.pk), f"{one.name} · {one.masked} · {one.get_role_display()}") for one in offered]
        self.fields["subjects"].choices = rows  # type: ignore[attr-defined]


class IntakeForm(forms.Form):
    """A list that came with a letter."""

    source = forms.CharField(
        label=_("名单来源"), max_length=200, help_text=_("例如“某市卫生健康委员会移交名单，2026年3月”。")
    )
    letter = DocumentField(label=_("移交函"), help_text=_("PDF 或清晰的照片。每一名列入的人都以它为凭。"))
    file = forms.FileField(
        label=_("名单（Excel）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-bytes": settings.UPLOAD_LIMITS["workbook"]}),
        help_text=_("请使用模板中的列名。“至”留空的为终身禁入。"),
    )
    dry_run = forms.BooleanField(label=_("先试读，不提交"), required=False, initial=True)


class ExchangeForm(forms.Form):
    """A file that another region has signed and sealed for this one."""

    file = forms.FileField(label=_("交换文件"), widget=forms.FileInput(attrs={"accept": ".json,application/json"}))
    dry_run = forms.BooleanField(label=_("先试读，不提交"), required=False, initial=True)


class ExportForm(forms.Form):
    since = forms.IntegerField(
        label=_("自名单版本之后"),
        min_value=0,
        initial=0,
        help_text=_("0 为全部；填上次导出的版本号，只导出此后的变动。"),
    )


class PeerForm(forms.Form):
    file = forms.FileField(
        label=_("对方系统的名片文件"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("由对方在“地区交换”页下载后交给您。"),
    )


class TrustForm(forms.Form):
    """The second officer's word that the fingerprint was compared by other means."""

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("我已通过电话或书面等其他途径，与对方逐段核对指纹"),
        error_messages={"required": _("请先与对方核对指纹。")},
    )


class IntakeRowFilter(forms.Form):
    q = forms.CharField(label=_("姓名或文号"), required=False)
    outcome = forms.ChoiceField(
        label=_("结果"),
        required=False,
        choices=[
            ("", _("全部")),
            ("waiting", _("待列入")),
            ("struck", _("待列入，影响本系统中的人")),
            ("problem", _("待列入，但不会列入")),
            *IntakeRow.Outcome.choices,
        ],
    )


class CaseFilter(forms.Form):
    WAITING = "waiting"  # for the second officer, whatever it is they confirm

    q = forms.CharField(label=_("文号、机关或姓名"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), (WAITING, _("等待第二人复核")), *CaseState.choices],
    )
    category = forms.ChoiceField(label=_("事实类别"), required=False, choices=[("", _("全部")), *FactsCategory.choices])


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AnnulmentForm(ReasonForm):
    overturning_file = DocumentField(
        label=_("撤销原决定的文书"), help_text=_("复议决定、判决书等。没有这份文书不能提出撤销。")
    )
    compensation = forms.CharField(
        label=_("补偿情况"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("已知的国家赔偿或其他补偿安排；以后还可以补记。"),
    )
    field_order = ("overturning_file", "reason", "compensation")


class CompensationForm(forms.Form):
    note = forms.CharField(label=_("补偿情况"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ReadForm(forms.Form):
    """The second officer's word that the documents were read. ``shown`` names what was shown to them."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    read = forms.BooleanField(
        label=_("我已阅读决定书，并与名单逐字核对"), error_messages={"required": _("请先阅读决定书并核对名单。")}
    )
