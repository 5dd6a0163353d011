"""Further documents of one person, and finding people by any of them."""

from datetime import date
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from lms.audit.models import AuditEvent
from lms.people import services, vault
from lms.people.checks import check_identity_keys
from lms.people.models import IdentityDocument, Person
from lms.people.services.sealing import reseal_documents
from lms.rules.refusals import Refusal
from tests.factories import hiring, policy
from tests.factories import people as make

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 1)


def add(person: Person, number: str, document_type: str = "passport", actor: object = None) -> IdentityDocument:
    return services.add_document(
        person=person,
        document_type=document_type,
        document_number=number,
        valid_from=DAY,
        actor=actor or make.system(),  # type: ignore[arg-type]
        now=make.LONG_AGO,
    )


def test_any_document_finds_the_person_and_adding_twice_is_once() -> None:
    person = make.person()
    assert add(person, "E12345678") == add(person, "ｅ１２３４５６７８")
    assert services.find_person(document_type="passport", document_number="e-1234 5678") == person
    assert {number.canonical for number in services.identity_numbers(person)} >= {"E12345678"}
    assert AuditEvent.objects.filter(verb="person.document_added").count() == 1


def test_a_replaced_document_still_finds_its_person_and_is_nobody_elses() -> None:
    person = make.person()
    old = add(person, "E12345678")
    IdentityDocument.objects.filter(pk=old.pk).update(valid_to=DAY)
    assert services.find_person(document_type="passport", document_number="E12345678") == person
    with pytest.raises(Refusal) as caught:
        add(make.person(), "E12345678")
    assert caught.value.code == "document_held"


def test_an_old_fifteen_digit_entry_is_found_under_the_new_number() -> None:
    """Rows taken over from elsewhere may be indexed under the old form."""
    person = make.person()
    number = vault.IdentityNumber(services.identity_numbers(person)[0].type, "110105491231002")
    IdentityDocument.objects.filter(person=person).update(blind_index=vault.blind_index(number))
    assert services.find_person(document_type="resident_id", document_number="11010519491231002x") == person


def test_a_number_that_tells_another_birth_date_is_refused() -> None:
    person = make.person()
    other = "93101519700101001" + make.check_digit("93101519700101001")
    with pytest.raises(Refusal) as caught:
        add(person, other, "foreign_permanent_residence")
    assert caught.value.code == "birth_date_differs"


def test_another_regions_bureau_does_not_find_the_person() -> None:
    person = make.person(region=make.PUDONG)
    with pytest.raises(Refusal) as caught:
        add(person, "E12345678", actor=make.acting(make.officer(region=make.BEIJING)))
    assert caught.value.code == "person_unknown"
    assert add(person, "E12345678", actor=make.acting(make.officer(region=make.SHANGHAI)))


def test_unknown_is_none() -> None:
    assert services.find_person(document_type="passport", document_number="X99999999") is None


def test_rotated_keys_reseal_everything_and_find_everyone() -> None:
    person, officer = make.person(), make.officer()
    before = services.identity_numbers(person)
    keys = {**settings.IDENTITY_KEYS, vault.newest_version() + 1: b"k" * 32}
    with override_settings(IDENTITY_KEYS=keys):
        added_meanwhile = make.person()
        call_command("rotate_identity_keys", "--batch", "1")
        assert set(IdentityDocument.objects.values_list("key_version", flat=True)) == {max(keys)}
        with override_settings(IDENTITY_KEYS={max(keys): keys[max(keys)]}):
            assert services.identity_numbers(person) == before
            found = services.find_person(document_type="resident_id", document_number=before[0].canonical)
            assert found == person
            assert services.identity_numbers(added_meanwhile)
            secret = Authenticator.objects.get(user=officer, type="totp").data["secret"]
            assert decrypt(secret) == make.TOTP_SECRET
        call_command("rotate_identity_keys")
    assert AuditEvent.objects.filter(verb="identity_document.resealed").count() == 1


def test_a_rotation_killed_between_batches_goes_on_with_the_rest() -> None:
    people = [make.person() for _ in range(3)]
    keys = {**settings.IDENTITY_KEYS, vault.newest_version() + 1: b"k" * 32}
    with override_settings(IDENTITY_KEYS=keys):
        assert reseal_documents(size=2, actor=make.system(), now=make.LONG_AGO) == 2
        for person in people:
            number = services.identity_numbers(person)[0]
            assert services.find_person(document_type=number.type, document_number=number.canonical) == person
        assert reseal_documents(size=2, actor=make.system(), now=make.LONG_AGO) == 1
        assert reseal_documents(size=2, actor=make.system(), now=make.LONG_AGO) == 0


def test_a_key_that_is_needed_is_missed_before_anything_is_read() -> None:
    """Without it every check that comes near somebody sealed under it would break."""
    policy.packs_loaded()
    hiring.checked(make.institution(), make.person())
    old, new = vault.newest_version(), vault.newest_version() + 1
    told = StringIO()
    with override_settings(IDENTITY_KEYS={**settings.IDENTITY_KEYS, new: b"k" * 32}):
        call_command("rotate_identity_keys", stdout=told)
        assert f"key {old} must stay: 1 hiring.check\n" in told.getvalue()
        assert check_identity_keys(databases=["default"]) == []
    with override_settings(IDENTITY_KEYS={new: b"k" * 32}):
        (error,) = check_identity_keys(databases=["default"])
        assert (error.id, f"lacks key {old}" in error.msg, "hiring.check" in error.msg) == ("people.E001", True, True)
        assert check_identity_keys() == []
