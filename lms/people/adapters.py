"""Where sign-in leads, and how the second factor is kept.

Open sign-up through allauth is closed: practitioners and organisations have doors of their own.
"""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import timezone

from lms.people import vault
from lms.people.access import STAFF_ROLES
from lms.people.models import Membership
from lms.people.security_keys import second_factors


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second factor rest encrypted under the identity keys; an officer can't lay the factor down."""

    def encrypt(self, text: str) -> str:
        sealed = vault.seal(text)
        return f"{sealed.key_version}:{sealed.ciphertext}"

    def decrypt(self, encrypted_text: str) -> str:
        version, _colon, ciphertext = encrypted_text.partition(":")
        return vault.unseal(ciphertext, int(version))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """An officer keeps at least one: an authenticator app or a security key."""
        others = second_factors(authenticator.user_id).exclude(pk=authenticator.pk)
        held = Membership.objects.open(timezone.now()).filter(user_id=authenticator.user_id)
        return others.exists() or not held.with_role(*STAFF_ROLES).exists()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": app_settings.TOTP_ISSUER}
