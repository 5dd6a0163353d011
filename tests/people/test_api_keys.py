"""Keys of organisations: shown once, one scope, stopped at once."""

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from lms.audit.models import AuditEvent
from lms.people import services
from lms.people.api import ApiKeyAuthentication
from lms.people.models import ApiKey, Organisation, Role
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def authenticate(token: str) -> object:
    request = APIRequestFactory().get("/", headers={"authorization": f"Bearer {token}"})
    return ApiKeyAuthentication().authenticate(Request(request))


def create(organisation: Organisation, actor: object, scope: str = "hiring-checks") -> str:
    return services.create_api_key(
        organisation=organisation,
        scope=scope,
        actor=actor,  # type: ignore[arg-type]
        now=make.LONG_AGO,
    )


def test_only_its_hash_is_kept_and_it_opens_the_door_until_revoked() -> None:
    institution = make.institution()
    manager = make.acting(make.manager_of(institution))
    token = create(institution, manager)
    key = ApiKey.objects.get()
    assert key.sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(AuditEvent.objects.values_list("changes", flat=True))
    assert authenticate(token)
    first = services.revoke_api_key(key=key, actor=manager, now=make.LONG_AGO).revoked_at
    assert services.revoke_api_key(key=key, actor=manager, now=make.LONG_AGO).revoked_at == first
    assert AuditEvent.objects.filter(verb="api_key.revoked").count() == 1
    with pytest.raises(AuthenticationFailed):
        authenticate(token)


@pytest.mark.parametrize("scope", ["", "everything"])
def test_unknown_scopes_are_refused(scope: str) -> None:
    with pytest.raises(Refusal) as caught:
        create(make.institution(), make.system(), scope)
    assert caught.value.code == "scope_unknown"


def test_whose_key_it_is() -> None:
    institution = make.institution()
    checker = make.acting(make.member(institution, Role.INSTITUTION_CHECKER))
    stranger = make.acting(make.manager_of(make.institution()))
    elsewhere = make.acting(make.officer(Role.ADMINISTRATOR, make.BEIJING))
    for actor in (checker, stranger, elsewhere):
        with pytest.raises(Refusal):
            create(institution, actor)
    with pytest.raises(Refusal):
        create(make.applicant(), make.system())
    create(institution, make.acting(make.officer(Role.ADMINISTRATOR, make.SHANGHAI)))
    with pytest.raises(Refusal):
        services.revoke_api_key(key=ApiKey.objects.get(), actor=stranger, now=make.LONG_AGO)
    assert ApiKey.objects.get().revoked_at is None


def test_the_command_prints_the_key_once() -> None:
    institution, out = make.institution(), StringIO()
    call_command("create_api_key", "--organisation", institution.credit_code, "--scope", "hiring-checks", stdout=out)
    token = out.getvalue().strip()
    assert ApiKey.objects.get().prefix == token[:12]
    with pytest.raises(CommandError):
        call_command("create_api_key", "--organisation", "none", "--scope", "hiring-checks")
    with pytest.raises(CommandError):
        call_command("create_api_key", "--organisation", make.applicant().credit_code, "--scope", "hiring-checks")
