"""What institutions and registrars fill in. Forms check shapes; the verbs decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.hiring.models import CheckCandidate, Ground, LookUpDecision, Outcome, Purpose, WebhookDelivery
from lms.people.models import Person, Post
from lms.people.models.persons import DocumentTypeChoices
from lms.people.services.persons import read_number
from lms.people.wording import sentence
from lms.rules import names
from lms.rules.refusals import Refusal


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class CheckForm(forms.Form):
    """One question. Every field that can't be right says so at once, not one after the other."""

    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        help_text=_("与证件一致，生僻字请照原样输入。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_type = forms.ChoiceField(label=_("证件类型"), choices=DocumentTypeChoices.choices)
    document_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    date_of_birth = date_field(_("出生日期"), required=False, help_text=_("护照和通行证请填写，可减少同名误报。"))
    purpose = forms.ChoiceField(label=_("用途"), choices=Purpose.choices)
    reference = forms.CharField(label=_("内部编号"), max_length=64, required=False)
    consent = forms.BooleanField(
        label=_("已取得本人同意；本人会看到这次核查"), error_messages={"required": _("核查前须取得本人同意。")}
    )

    def clean_name(self) -> str:
        try:
            return names.validate(self.cleaned_data["name"])
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None

    def clean_document_number(self) -> str:
        written: str = self.cleaned_data["document_number"]
        try:
            read_number(self.cleaned_data.get("document_type", ""), written, timezone.localdate())
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None
        return written


class BatchForm(forms.Form):
    """Everyone at once, from a workbook."""

    file = forms.FileField(
        label=_("名单"),
        help_text=_("Excel 或 CSV。列：姓名、证件类型、证件号码、出生日期、内部编号；后两列和证件类型可以没有。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv", "data-max-bytes": settings.UPLOAD_LIMITS["workbook"]}),
    )
    purpose = forms.ChoiceField(label=_("用途"), choices=Purpose.choices, initial=Purpose.ANNUAL_REVIEW)
    consent = forms.BooleanField(
        label=_("已取得名单上每一位本人的同意；他们会看到这次核查"),
        error_messages={"required": _("核查前须取得本人同意。")},
    )
    dry_run = forms.BooleanField(label=_("先试读，不核查"), required=False)


class CheckFilter(forms.Form):
    q = forms.CharField(label=_("姓名或内部编号"), required=False)
    outcome = forms.ChoiceField(label=_("结果"), required=False, choices=[("", _("全部")), *Outcome.choices])
    purpose = forms.ChoiceField(label=_("用途"), required=False, choices=[("", _("全部")), *Purpose.choices])


class ReviewForm(forms.Form):
    """The registrar's answer. Where several people of the list come into question, it says which of them."""

    outcome = forms.ChoiceField(label=_("核对结论"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("理由"), max_length=300, help_text=_("依据什么材料作出判断。"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, candidates: Sequence[CheckCandidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subjects = {f"{Outcome.BARRED.value}:{row.pk}": row.subject for row in candidates}
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        choices: list[tuple[str, Any]] = [(Outcome.CLEAR.value, _("不是同一人，未见禁入"))]
        if len(candidates) == 1:
            choices.append((Outcome.BARRED.value, _("是同一人，禁入")))
        else:
            choices += [
                (key, _("与“%(name)s”（%(case)s）是同一人，禁入") % {"name": subject.name, "case": subject.case.number})
                for key, subject in self._subjects.items()
            ]
        field.choices = choices

    def answer(self) -> dict[str, Any]:
        """Outcome, subject and reason, as the verb takes them."""
        given = self.cleaned_data["outcome"]
        outcome = str(given).partition(":")[0]
        return {"outcome": outcome, "subject": self._subjects.get(given), "reason": self.cleaned_data["reason"]}


class DocumentRequestForm(forms.Form):
    what = forms.CharField(
        label=_("需要的材料"),
        max_length=300,
        help_text=_("例如：身份证正反面、更名证明、旧护照首页。机构上传之前，答复时限暂停。"),
    )


class HandInForm(forms.Form):
    file = forms.FileField(
        label=_("材料"),
        help_text=_("PDF 或照片。只有本机构和所在地的禁入登记员能看到。"),
        widget=forms.FileInput(
            attrs={"accept": ".pdf,.png,.jpg,.jpeg", "data-max-bytes": settings.UPLOAD_LIMITS["document"]}
        ),
    )
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class RevocationForm(forms.Form):
    reason = forms.CharField(
        label=_("撤回理由"),
        max_length=300,
        help_text=_("原结论错在哪里，依据什么材料。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewFilter(forms.Form):
    q = forms.CharField(label=_("姓名或机构"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("待核对")),
            ("overdue", _("已超期")),
            ("waiting", _("等待补充材料")),
            ("decided", _("已核对")),
            ("all", _("全部")),
        ],
    )


class RosterFilter(forms.Form):
    q = forms.CharField(label=_("姓名"), required=False)
    lamp = forms.ChoiceField(
        label=_("需要处理"),
        required=False,
        choices=[
            ("", _("全部")),
            ("uncertified", _("未持证")),
            ("hours", _("学时未达标")),
            ("check", _("须重新核查")),
            ("barred", _("禁入")),
        ],
    )
    post = forms.ChoiceField(label=_("岗位"), required=False, choices=[("", _("全部")), *Post.choices])


class RosterLoadForm(forms.Form):
    """Everyone who works here, from a workbook."""

    file = forms.FileField(
        label=_("人员名单"),
        help_text=_("Excel。列：姓名、证件类型、证件号码、出生日期、内部编号、岗位、入职日期、直接管理人。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-bytes": settings.UPLOAD_LIMITS["workbook"]}),
    )
    consent = forms.BooleanField(
        label=_("已取得名单上每一位本人的同意；他们会看到这次核查"),
        error_messages={"required": _("核查前须取得本人同意。")},
    )
    dry_run = forms.BooleanField(label=_("先试读，不核查也不办理入职"), required=False)


class RecheckForm(forms.Form):
    consent = forms.BooleanField(
        label=_("劳动（聘用）合同已载明本人同意在职期间每年复核；他们会看到这次核查"),
        error_messages={"required": _("请确认每一位在册人员已同意在职期间每年复核。")},
    )


class NameFilter(forms.Form):
    q = forms.CharField(label=_("机构"), required=False)


class ManagerField(forms.ChoiceField):
    """One of the people who work here today."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("直接管理人"), **kwargs)

    def offer(self, people: list[Person]) -> None:
        empty = [("", _("暂不登记"))] if not self.required else [("", _("请选择"))]
        self.choices = [*empty, *((str(person.pk), person.name) for person in people)]


class StartForm(forms.Form):
    post = forms.ChoiceField(label=_("岗位"), choices=Post.choices)
    from_date = date_field(_("入职日期"))
    manager = ManagerField(required=False, help_text=_("日常直接管理此人的负责人；发生伤害时据此追责。"))

    def __init__(self, *args: Any, colleagues: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["manager"]
        assert isinstance(field, ManagerField)
        field.offer(colleagues)


class ManagerForm(forms.Form):
    manager = ManagerField()
    from_date = date_field(_("从哪一天起"))

    def __init__(self, *args: Any, colleagues: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["manager"]
        assert isinstance(field, ManagerField)
        field.offer(colleagues)


class EndForm(forms.Form):
    to_date = date_field(_("最后工作日"))
    reason = forms.CharField(label=_("离职原因"), max_length=200)


class AlertFilter(forms.Form):
    q = forms.CharField(label=_("姓名或机构"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("待确认")), ("overdue", _("已超期")), ("confirmed", _("已确认")), ("all", _("全部"))],
    )


class RemovalForm(forms.Form):
    note = forms.CharField(
        label=_("处理情况"),
        max_length=300,
        help_text=_("何时停止其工作、如何交接、谁负责。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        help_text=_("贵机构系统的公网 https 地址。警报会以签名的 POST 请求发到这里，不含姓名和证件号码。"),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )


class DeliveryFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("全部")), *WebhookDelivery.State.choices]
    )


class DisputeForm(forms.Form):
    ground = forms.ChoiceField(label=_("哪里不对"), choices=Ground.choices, widget=forms.RadioSelect)
    statement = forms.CharField(
        label=_("说明"),
        max_length=500,
        help_text=_("写清事实。请不要写证件号码。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DisputeAnswerForm(forms.Form):
    upheld = forms.ChoiceField(
        label=_("结论"),
        choices=[("no", _("异议不成立")), ("yes", _("异议成立")), ("clears", _("异议成立，结果更正为“未见禁入”"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("理由"), max_length=500, help_text=_("本人会看到。"), widget=forms.Textarea(attrs={"rows": 4})
    )


class DisputeFilter(forms.Form):
    q = forms.CharField(label=_("姓名或机构"), required=False)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("待答复")), ("answered", _("已答复")), ("all", _("全部"))]
    )


class LookUpDecisionForm(forms.Form):
    verdict = forms.ChoiceField(label=_("处理"), choices=LookUpDecision.Verdict.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        help_text=_("予以警示的，机构负责人会看到理由。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LookUpFilter(forms.Form):
    q = forms.CharField(label=_("机构"), required=False)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("待处理")), ("decided", _("已处理")), ("all", _("全部"))]
    )


class StatisticsFilter(forms.Form):
    month = forms.CharField(
        label=_("月份"), required=False, widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"})
    )
    q = forms.CharField(label=_("机构"), required=False)

    def clean_month(self) -> date | None:
        """The first day of the month; nothing where none is asked for."""
        written = self.cleaned_data["month"]
        try:
            return date.fromisoformat(f"{written}-01") if written else None
        except ValueError:
            raise forms.ValidationError(_("月份请写成 2026-03 的形式。")) from None


def chosen(people: list[Person], key: str) -> Person | None:
    """The person with this key among those offered."""
    return next((person for person in people if key and person.pk == UUID(key)), None)


def today() -> date:
    return timezone.localdate()
