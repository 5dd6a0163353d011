"""Sign-in by user name, e-mail address or phone number, with a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

from lms.people.models import User


class SignInBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        login = (username or kwargs.get("email") or kwargs.get("phone") or "").strip()
        if not login or password is None:
            return None
        found = User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login) | Q(phone=login))[:2]
        if len(found) != 1:
            make_password(password)  # the same time whether the account exists or not
            return None
        user = found[0]
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def get_user(self, user_id: Any) -> User | None:
        """With the person behind the account, whose name every page shows."""
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
