"""The sign-in form: one field for user name, phone number or e-mail address."""

from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


class LoginForm(forms.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("用户名、手机号或电子邮箱")
        login.widget.attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        password.widget.attrs.pop("placeholder", None)
        password.help_text = ""
        self.fields["remember"].label = _("在这台设备上保持登录 12 小时")
