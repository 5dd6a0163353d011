"""The inbox: told once, to those who hold the role now."""

import pytest

from lms.people import services
from lms.people.models import Message, Role
from tests.factories import people as make

pytestmark = pytest.mark.django_db
NEWS = {"code": "ban.in_force", "title": "本机构人员被列入禁入", "now": make.LONG_AGO}


def test_told_twice_is_told_once() -> None:
    user = make.practitioner()
    for _ in range(2):
        services.tell(user=user, dedupe_key="case-1", **NEWS)
    assert Message.objects.filter(user=user).count() == 1
    services.tell(user=user, **NEWS)
    services.tell(user=user, **NEWS)
    assert Message.objects.filter(user=user).count() == 3


def test_members_with_the_role_are_told_in_one_insert(django_assert_num_queries: object) -> None:
    institution = make.institution()
    checker = make.member(institution, Role.INSTITUTION_CHECKER)
    make.member(make.institution(), Role.INSTITUTION_CHECKER)
    services.grant_role(
        user=checker,
        role=Role.INSTITUTION_MANAGER,
        organisation=institution,
        actor=make.system(),
        now=make.LONG_AGO,
    )
    Message.objects.all().delete()
    roles = (Role.INSTITUTION_CHECKER, Role.INSTITUTION_MANAGER)
    with django_assert_num_queries(2):  # type: ignore[operator]
        told = services.tell_members(organisation=institution, roles=roles, dedupe_key="case-1", **NEWS)
    assert told == 2
    assert set(Message.objects.values_list("user", flat=True)) == {checker.pk, make.manager_of(institution).pk}


def test_a_person_without_an_account_is_not_told() -> None:
    user = make.practitioner()
    assert user.person is not None
    assert services.tell_person(person=make.person(), **NEWS) == 0
    assert services.tell_person(person=user.person, **NEWS) == 1


def test_read_is_ones_own_only() -> None:
    user, other = make.practitioner(), make.practitioner()
    services.tell(user=user, **NEWS)
    message = Message.objects.get(user=user)
    assert services.mark_read(user=other, message=message, now=make.LONG_AGO) == 0
    assert services.mark_read(user=user, message=message, now=make.LONG_AGO) == 1
    assert services.mark_read(user=user, now=make.LONG_AGO) == 0
