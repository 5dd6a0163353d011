"""Who works here: the list as a whole, and one person's start, manager and end."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, consent_of_all_field, date_field, file_field, filter_field, search_field
from lms.people.models import Person, Post


class RosterFilter(forms.Form):
    q = search_field(_("姓名"))
    lamp = filter_field(
        _("需要处理"),
        ALL,
        ("uncertified", _("未持证")),
        ("hours", _("学时未达标")),
        ("check", _("须重新核查")),
        ("barred", _("禁入")),
    )
    post = filter_field(_("岗位"), ALL, *Post.choices)


class RosterLoadForm(forms.Form):
    """Everyone who works here, from a workbook."""

    file = file_field(
        _("人员名单"),
        accept=".xlsx",
        help_text=_("Excel。列：姓名、证件类型、证件号码、出生日期、内部编号、岗位、入职日期、直接管理人。"),
    )
    consent = consent_of_all_field()
    dry_run = forms.BooleanField(label=_("先试读，不核查也不办理入职"), required=False)


class RecheckForm(forms.Form):
    consent = forms.BooleanField(
        label=_("劳动（聘用）合同已载明本人同意在职期间每年复核；他们会看到这次核查"),
        error_messages={"required": _("请确认每一位在册人员已同意在职期间每年复核。")},
    )


class NameFilter(forms.Form):
    q = search_field(_("机构"))


class ManagerField(forms.ChoiceField):
    """One of the people who work here today."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("直接管理人"), **kwargs)

    def offer(self, people: list[Person]) -> None:
        empty = [("", _("暂不登记"))] if not self.required else [("", _("请选择"))]
        self.choices = [*empty, *((str(person.pk), person.name) for person in people)]


class FormAmongColleagues(forms.Form):
    """A form with a ``manager`` among those who work here."""

    def __init__(self, *args: Any, colleagues: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["manager"]
        assert isinstance(field, ManagerField)
        field.offer(colleagues)


class StartForm(FormAmongColleagues):
    # Nobody becomes the head of an institution because that stood first.
    post = forms.ChoiceField(label=_("岗位"), choices=[("", _("请选择")), *Post.choices])
    from_date = date_field(_("入职日期"))
    manager = ManagerField(required=False, help_text=_("日常直接管理此人的负责人；发生伤害时据此追责。"))


class ManagerForm(FormAmongColleagues):
    manager = ManagerField()
    from_date = date_field(_("从哪一天起"))


class EndForm(forms.Form):
    to_date = date_field(_("最后工作日"))
    reason = forms.CharField(label=_("离职原因"), max_length=200)


def chosen(people: list[Person], key: str) -> Person | None:
    """The person with this key among those offered."""
    return next((person for person in people if key and person.pk == UUID(key)), None)
