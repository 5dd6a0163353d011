"""What a person says against a check, and the registrar's answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, reason_field, search_field, state_field
from lms.hiring.models import Ground


class DisputeForm(forms.Form):
    ground = forms.ChoiceField(label=_("哪里不对"), choices=Ground.choices, widget=forms.RadioSelect)
    statement = reason_field(_("说明"), most=500, rows=4, help_text=_("写清事实。请不要写证件号码。"))


ANSWERS = [("no", _("异议不成立")), ("yes", _("异议成立"))]
CLEARS = ("clears", _("异议成立，结果更正为“未见禁入”"))


class DisputeAnswerForm(forms.Form):
    """The registrar's answer. Only a check that does not say *clear* can be corrected to it."""

    upheld = forms.ChoiceField(label=_("结论"), widget=forms.RadioSelect)
    reason = reason_field(_("理由"), most=500, rows=4, help_text=_("本人会看到。"))

    def __init__(self, *args: Any, clearable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["upheld"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*ANSWERS, CLEARS] if clearable else ANSWERS


class DisputeFilter(forms.Form):
    q = search_field(_("姓名或机构"))
    state = state_field(("", _("待答复")), ("answered", _("已答复")), ("all", ALL[1]))
