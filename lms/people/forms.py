"""What people fill in. Forms check shapes; the verbs decide, and their refusals come back to the field at fault."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from lms.people import places
from lms.people.models import ApiScope, OrganisationKind, OrganisationStatus, Qualification, User
from lms.people.models.persons import DocumentTypeChoices
from lms.people.services.memberships import roles_of_kind
from lms.people.services.organisations import FIRST_ROLE
from lms.people.wording import sentence
from lms.rules import credit_code as credit_codes
from lms.rules.refusals import Refusal

PROOF_TYPES = ".pdf,.jpg,.jpeg,.png"


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files under one name, each cleaned as one file would be."""

    widget = ManyFilesInput(
        attrs={"accept": PROOF_TYPES, "data-max-bytes": settings.UPLOAD_LIMITS["document"]},
    )

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        files = data if isinstance(data, (list, tuple)) else [data]
        cleaned = [super(ManyFilesField, self).clean(file, initial) for file in files or [None]]
        return [file for file in cleaned if file]


def region_field(label: Any, help_text: Any = "") -> forms.ChoiceField:
    """One of the places that have a policy, by city."""
    return forms.ChoiceField(label=label, choices=lambda: [("", _("请选择")), *places.choices()], help_text=help_text)


class PasswordPair(forms.Form):
    """A new password, given twice and held against the validators."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=30,
        help_text=_("4 至 30 个字符，以字母开头；登录时也可以用手机号。"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        help_text=_("至少 10 个字符，不要用生日或连续数字。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("再输一次密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if self.cleaned_data.get("password") and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("两次输入的密码不一致。"), code="password_mismatch")
        return again


class RegistrationForm(PasswordPair):
    name = forms.CharField(
        label=_("真实姓名"),
        max_length=64,
        help_text=_("与证件一致，生僻字请照原样输入。证书上将印这个姓名。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    document_type = forms.ChoiceField(label=_("证件类型"), choices=DocumentTypeChoices.choices)
    document_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("加密保存，页面上只显示首尾几位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("手机号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})
    )
    region_code = region_field(_("工作所在地"), _("每年要修多少学时，按所在地的政策计算。"))
    consent = forms.BooleanField(
        label=_("我同意为培训、发证和从业核查使用以上信息，并知道每一次查询都会留下我看得到的记录")
    )
    field_order = (
        "name",
        "document_type",
        "document_number",
        "phone",
        "region_code",
        "username",
        "password",
        "password_again",
        "consent",
    )


class ApplicationForm(PasswordPair):
    kind = forms.ChoiceField(
        label=_("机构类型"),
        choices=[(kind.value, kind.label) for kind in OrganisationKind if kind in FIRST_ROLE],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("机构全称"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    credit_code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=30,
        help_text=_("18 位，见登记证书。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    credit_code_confirmed = forms.BooleanField(label=_("代码与登记证书一致，仍按此提交"), required=False)
    region_code = region_field(_("所在地区"), _("由这里的主管部门审核。"))
    address = forms.CharField(
        label=_("地址"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    contact_name = forms.CharField(
        label=_("联系人姓名"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_phone = forms.CharField(
        label=_("联系人手机号"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    proofs = ManyFilesField(
        label=_("证明材料"), help_text=_("登记证书、备案回执等，PDF 或照片，每份不超过 20 MB，可选多份。")
    )
    field_order = (
        "kind",
        "name",
        "credit_code",
        "credit_code_confirmed",
        "region_code",
        "address",
        "contact_name",
        "contact_phone",
        "proofs",
        "username",
        "password",
        "password_again",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._doubtful_code = self.fields.pop("credit_code_confirmed")

    def clean_credit_code(self) -> str:
        written: str = self.cleaned_data["credit_code"]
        try:
            return credit_codes.parse(written).canonical
        except Refusal as refusal:
            raise forms.ValidationError(sentence(refusal), code=refusal.code) from None

    def clean(self) -> dict[str, Any] | None:
        """Some genuine codes fail their check digit: such a one is asked about once, then taken."""
        cleaned = super().clean()
        code = self.cleaned_data.get("credit_code")
        if code and not credit_codes.parse(code).check_digit_ok:
            self.fields["credit_code_confirmed"] = self._doubtful_code
            self.order_fields(self.field_order)
            if not self.data.get("credit_code_confirmed"):
                doubt = _("校验位不符，多半是抄错了一位。请逐位核对；确认无误的，勾选下面一项再提交。")
                self.add_error("credit_code", forms.ValidationError(doubt, code="check_digit"))
        return cleaned


class ProofForm(forms.Form):
    proofs = ManyFilesField(label=_("补充材料"), help_text=_("PDF 或照片，每份不超过 20 MB。"))


class DecisionForm(forms.Form):
    """Admit or refuse; the button pressed says which."""

    reason = forms.CharField(
        label=_("理由"),
        required=False,
        max_length=1000,
        help_text=_("不予准入时必填，申请人看得到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AdmissionFilter(forms.Form):
    q = forms.CharField(label=_("名称或信用代码"), required=False)
    status = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *OrganisationStatus.choices])


class ContactForm(forms.Form):
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=_("电子邮箱"),
        required=False,
        help_text=_("忘记密码时，重设链接发到这里。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class QualificationForm(forms.Form):
    kind = forms.ChoiceField(label=_("证书种类"), choices=Qualification.Kind.choices)
    level = forms.CharField(label=_("等级"), max_length=32, required=False, help_text=_("如“三级/高级工”。"))
    number = forms.CharField(label=_("证书编号"), max_length=64)
    issued_on = forms.DateField(label=_("发证日期"), widget=forms.DateInput(attrs={"type": "date"}))
    issuer = forms.CharField(label=_("发证机关"), max_length=200)
    valid_to = forms.DateField(
        label=_("有效期至"),
        required=False,
        help_text=_("长期有效的不填。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class LookupFilter(forms.Form):
    purpose = forms.ChoiceField(label=_("用途"), required=False)

    def __init__(self, *args: Any, purposes: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *purposes.items()]


class SearchForm(forms.Form):
    q = forms.CharField(label=_("姓名或证书编号"), required=False)


class MemberForm(PasswordPair):
    """A colleague's new account. The first password is told to them, and changed by them."""

    name = forms.CharField(label=_("姓名"), max_length=64)
    phone = forms.CharField(
        label=_("手机号"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    role = forms.ChoiceField(label=_("角色"))
    field_order = ("name", "role", "phone", "username", "password", "password_again")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_roles(self, kind)


class GrantForm(forms.Form):
    username = forms.CharField(label=_("已有账号的用户名"), max_length=30)
    role = forms.ChoiceField(label=_("角色"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_roles(self, kind)


class KeyForm(forms.Form):
    scope = forms.ChoiceField(label=_("用途"), choices=ApiScope.choices)


class AnyOrganisationKeyForm(KeyForm):
    credit_code = forms.CharField(label=_("机构的统一社会信用代码"), max_length=18)
    field_order = ("credit_code", "scope")


def offer_roles(form: forms.Form, kind: str) -> None:
    """Offer the roles an organisation of this kind has to give."""
    field = form.fields["role"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(role.value, role.label) for role in roles_of_kind(kind)]
