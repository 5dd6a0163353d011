"""What registrars answer to a check under review, and the papers that go between them and the institution."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, file_field, reason_field, search_field, state_field
from lms.hiring.models import CheckCandidate, Outcome


class ReviewForm(forms.Form):
    """The registrar's answer. Where several people of the list come into question, it says which of them."""

    outcome = forms.ChoiceField(label=_("核对结论"), widget=forms.RadioSelect)
    reason = reason_field(_("理由"), help_text=_("依据什么材料作出判断。"))

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
    file = file_field(
        _("材料"),
        accept=".pdf,.png,.jpg,.jpeg",
        kind="document",
        help_text=_("PDF 或照片。只有本机构和所在地的禁入登记员能看到。"),
    )
    note = reason_field(_("说明"), required=False, rows=2)


class RevocationForm(forms.Form):
    reason = reason_field(_("撤回理由"), help_text=_("原结论错在哪里，依据什么材料。"))


class ReviewFilter(forms.Form):
    q = search_field(_("姓名或机构"))
    state = state_field(
        ("", _("待核对")),
        ("overdue", _("已超期")),
        ("waiting", _("等待补充材料")),
        ("decided", _("已核对")),
        ("all", ALL[1]),
    )
