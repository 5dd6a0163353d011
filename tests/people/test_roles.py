"""Roles over time: granted, ended, for those entitled."""

from typing import Any

import pytest

from lms.audit.models import AuditEvent
from lms.people import services, signals
from lms.people.models import Membership, Role, User
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def grant(user: User, role: str, organisation: Any, actor: Any) -> Membership:
    return services.grant_role(user=user, role=role, organisation=organisation, actor=actor, now=make.LONG_AGO)


def refused(*args: Any) -> str:
    with pytest.raises(Refusal) as caught:
        grant(*args)
    return caught.value.code


def test_twice_is_one_membership() -> None:
    institution, user = make.institution(), make.practitioner()
    manager = make.acting(make.manager_of(institution))
    first = grant(user, Role.INSTITUTION_CHECKER, institution, manager)
    assert grant(user, Role.INSTITUTION_CHECKER, institution, manager) == first
    assert grant(user, Role.PRACTITIONER, None, make.system()).organisation is None
    assert user.memberships.count() == 2
    granted = AuditEvent.objects.filter(verb="membership.granted", organisation_id=institution.pk)
    assert granted.count() == 1


def test_the_database_keeps_one_open_role() -> None:
    from django.db import IntegrityError, transaction

    user = make.practitioner()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, role=Role.PRACTITIONER, from_at=make.LONG_AGO)
    institution = make.institution()
    manager = make.manager_of(institution)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            user=manager, organisation=institution, role=Role.INSTITUTION_MANAGER, from_at=make.LONG_AGO
        )


def test_a_manager_grants_in_the_own_organisation_only() -> None:
    own, other, user = make.institution(), make.institution(), make.practitioner()
    manager = make.acting(make.manager_of(own))
    assert refused(user, Role.INSTITUTION_CHECKER, other, manager) == "role_required"
    assert refused(user, Role.COLLEGE_AUTHOR, own, manager) == "role_unfit"
    assert refused(user, Role.REGISTRAR, own, manager) == "role_unfit"
    assert refused(user, Role.ADMINISTRATOR, own, manager) == "role_unfit"


def test_a_checker_grants_nothing() -> None:
    institution = make.institution()
    checker = make.acting(make.member(institution, Role.INSTITUTION_CHECKER))
    assert refused(make.practitioner(), Role.INSTITUTION_MANAGER, institution, checker) == "role_required"


def test_an_administrator_grants_within_the_region() -> None:
    user = make.practitioner()
    administrator = make.acting(make.officer(Role.ADMINISTRATOR, make.SHANGHAI))
    bureau = make.bureau(kind="health_bureau", region=make.PUDONG)
    assert grant(user, Role.REGISTRAR, bureau, administrator)
    assert refused(user, Role.REGISTRAR, make.bureau(region=make.BEIJING), administrator) == "organisation_unknown"


def test_an_organisation_that_waits_has_no_members_to_make() -> None:
    assert refused(make.practitioner(), Role.INSTITUTION_CHECKER, make.applicant(), make.system()) == "not_admitted"


def test_ending_is_heard_once_and_the_role_acts_no_more() -> None:
    heard: list[Any] = []

    def hear(sender: Any, **news: Any) -> None:
        heard.append(news["membership"])

    signals.membership_ended.connect(hear)
    institution = make.institution()
    checker = make.member(institution, Role.INSTITUTION_CHECKER)
    row = checker.memberships.get()
    manager = make.acting(make.manager_of(institution))
    services.end_role(membership=row, actor=manager, now=make.LONG_AGO)
    assert heard == [row]
    assert not checker.memberships.open(make.LONG_AGO).exists()
    with pytest.raises(Refusal) as caught:
        services.end_role(membership=row, actor=manager, now=make.LONG_AGO)
    assert caught.value.code == "ended_already"


def test_the_last_manager_stays() -> None:
    institution = make.institution()
    user = make.manager_of(institution)
    row = user.memberships.get()
    with pytest.raises(Refusal) as caught:
        services.end_role(membership=row, actor=make.acting(user), now=make.LONG_AGO)
    assert caught.value.code == "last_manager"
    make.member(institution, Role.INSTITUTION_MANAGER)
    assert services.end_role(membership=row, actor=make.acting(user), now=make.LONG_AGO).to_at


def test_another_organisations_manager_ends_nothing() -> None:
    row = make.member(make.institution(), Role.INSTITUTION_CHECKER).memberships.get()
    with pytest.raises(Refusal):
        services.end_role(membership=row, actor=make.acting(make.manager_of(make.institution())), now=make.LONG_AGO)
    row.refresh_from_db()
    assert row.to_at is None


def test_a_colleagues_account_comes_with_the_role_or_not_at_all() -> None:
    institution = make.institution()
    manager = make.acting(make.manager_of(institution))
    wanted = {
        "organisation": institution,
        "username": "newcomer",
        "name": "李小红",
        "phone": "",
        "password": make.PASSWORD,
        "actor": manager,
        "now": make.LONG_AGO,
    }
    with pytest.raises(Refusal):
        services.add_member(role=Role.REGISTRAR, **wanted)
    assert not User.objects.filter(username="newcomer").exists()
    assert services.add_member(role=Role.INSTITUTION_CHECKER, **wanted).user.get_full_name() == "李小红"
