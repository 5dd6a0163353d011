"""Sign-in, second factor, sign-out (allauth)."""

from django.urls import include, path

from lms.people.views.security_keys import RemoveKey, UseKeyAgain

urlpatterns = [
    # In front of allauth's own, under its names.
    path("2fa/webauthn/keys/<int:pk>/remove/", RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("2fa/webauthn/reauthenticate/", UseKeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("", include("allauth.urls")),
]
