"""Alerts of bans: what the employer did, and where its own software hears of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lms.hiring.forms.fields import ALL, reason_field, search_field, state_field
from lms.hiring.models import WebhookDelivery


class AlertFilter(forms.Form):
    q = search_field(_("姓名或机构"))
    state = state_field(("", _("待确认")), ("overdue", _("已超期")), ("confirmed", _("已确认")), ("all", ALL[1]))


class RemovalForm(forms.Form):
    note = reason_field(_("处理情况"), help_text=_("何时停止其工作、如何交接、谁负责。"))


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        help_text=_("贵机构系统的公网 https 地址。警报会以签名的 POST 请求发到这里，不含姓名和证件号码。"),
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )


class DeliveryFilter(forms.Form):
    state = state_field(ALL, *WebhookDelivery.State.choices)
