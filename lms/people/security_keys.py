"""Security keys (WebAuthn) beside the authenticator app: what forms say, and what counts as a second factor."""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 50


def second_factors(user_id: UUID | None) -> "QuerySet[Authenticator]":
    """What the account can prove itself with beside its password. Recovery codes stand in for one of these."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user_id, type__in=kinds)
    return found


def _not_recognised() -> ValidationError:
    return ValidationError(_("没有认出这把安全密钥。请换一把，或改用其他方式。"), code="key_unknown")


class _Named:
    """A name by which its owner tells a key from others."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.max_length = _("名称"), LONGEST_NAME
        name.help_text = _("方便您自己分辨，例如“办公室的蓝色密钥”。")
        name.widget.attrs |= {"maxlength": LONGEST_NAME, "autocomplete": "off"}


class AddKeyForm(_Named, forms.AddWebAuthnForm):  # type: ignore[misc]
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, ValueError, KeyError, AttributeError):
            # What a browser sends is anybody's to write: no shape of it may be more than a wrong key.
            raise _not_recognised() from None
        return cleaned


class RenameKeyForm(_Named, forms.EditWebAuthnForm):  # type: ignore[misc]
    pass


class _Used:
    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise
        except (ValueError, KeyError, AttributeError):
            pass
        raise _not_recognised()


class UseKeyForm(_Used, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class UseKeyAgainForm(_Used, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
