"""Where allauth's pages for security keys need a word of ours."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.http import HttpRequest, HttpResponse


class RemoveKey(RemoveWebAuthnView):  # type: ignore[misc]
    """An officer's last second factor stays: the page says what to do first."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = not get_adapter().can_delete_authenticator(self.object)
        return {**super().get_context_data(**kwargs), "kept": kept}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if not get_adapter().can_delete_authenticator(self.object):
            kept: HttpResponse = self.render_to_response(self.get_context_data(object=self.object), status=409)
            return kept
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


class UseKeyAgain(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A key that was not recognised is asked for again, on the same page."""

    def form_invalid(self, form: Any) -> HttpResponse:
        again: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return again
