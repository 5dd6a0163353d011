"""A practitioner's own registration: person, account and role, all or none."""

import pytest

from lms.audit.models import AuditEvent
from lms.people import services
from lms.people.models import Membership, Person, Role, User
from lms.people.services import accounts
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db
WANTED = {
    "name": "欧阳𬱖",
    "document_type": "resident_id",
    "document_number": "11010519491231002X",
    "region_code": make.PUDONG,
    "username": "ouyang",
    "phone": "+86 139-0000-1234",
    "password": make.PASSWORD,
    "now": make.LONG_AGO,
}


def register(**changes: object) -> User:
    return services.register_practitioner(**(WANTED | changes))  # type: ignore[arg-type]


def refused(**changes: object) -> str:
    with pytest.raises(Refusal) as caught:
        register(**changes)
    return caught.value.code


def test_person_account_and_role_come_together() -> None:
    user = register()
    assert user.person is not None
    assert (user.person.name, user.phone, user.get_full_name()) == ("欧阳𬱖", "13900001234", "欧阳𬱖")
    assert user.check_password(make.PASSWORD)
    assert Membership.objects.open(make.LONG_AGO).get(user=user).role == Role.PRACTITIONER
    event = AuditEvent.objects.get(verb="practitioner.registered")
    assert (event.actor_id, event.person_id) == (user.pk, user.person_id)


def test_twice_is_refused_and_nothing_doubled() -> None:
    register()
    assert refused(username="ouyang2", phone="13900009999") == "document_held"
    assert Person.objects.count() == User.objects.count() == 1


def test_someone_elses_document_is_refused_with_the_sentence_of_any_other() -> None:
    """Known without an account, under another name: not told apart from a document in use."""
    make.person(name="王小明", document_number="11010519491231002X")
    assert refused() == "document_held"
    assert not User.objects.exists()


def test_whom_an_employer_registered_takes_over_the_record() -> None:
    known = make.person(name="歐陽秋月", document_number="11010519491231002X")
    user = register(name="欧阳秋月")
    assert user.person == known
    assert Person.objects.count() == 1
    assert refused(name="欧阳秋月", username="second", phone="") == "document_held"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "OuYang", "phone": "13900000001"}, "username_taken"),
        ({"username": "another", "phone": "139 0000 1234"}, "phone_taken"),
        ({"username": "13900000002", "phone": ""}, "username_shape"),
        ({"username": "a@b.cn", "phone": ""}, "username_shape"),
        ({"username": "abc", "phone": ""}, "username_shape"),
        ({"username": "another", "phone": "12"}, "phone_shape"),
    ],
)
def test_a_login_leads_to_one_account(changes: dict[str, str], code: str) -> None:
    register()
    with pytest.raises(Refusal) as caught:
        register(document_number=make.resident_number(), name="王小明", **changes)
    assert caught.value.code == code
    assert Person.objects.count() == User.objects.count() == 1


def test_two_at_once_with_one_user_name(monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    looked = iter([None])
    check = accounts._refuse_taken
    monkeypatch.setattr(accounts, "_refuse_taken", lambda user: next(looked, False) is None or check(user))
    assert refused(document_number=make.resident_number(), name="王小明", phone="") == "username_taken"
    assert Person.objects.count() == 1


def test_killed_half_way_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(accounts, "record", die)
    with pytest.raises(SystemExit):
        register()
    assert not Person.objects.exists()
    assert not User.objects.exists()


def test_contact_changes_are_ones_own_and_one_persons_only() -> None:
    user = register()
    other = make.practitioner()
    changed = services.update_contact(
        user=user, phone="13811112222", email="O@Example.cn", actor=make.acting(user), now=make.LONG_AGO
    )
    assert (changed.phone, changed.email) == ("13811112222", "o@example.cn")
    assert AuditEvent.objects.get(verb="account.contact_changed").changes == {"fields": ["phone", "email"]}
    with pytest.raises(Refusal) as caught:
        services.update_contact(user=other, phone="", email="o@EXAMPLE.cn", actor=make.acting(other), now=make.LONG_AGO)
    assert caught.value.code == "email_taken"
    with pytest.raises(Refusal) as caught:
        services.update_contact(user=user, phone="", email="", actor=make.acting(other), now=make.LONG_AGO)
    assert caught.value.code == "role_required"
