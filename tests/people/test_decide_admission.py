"""The bureau of the region admits or refuses."""

from typing import Any

import pytest

from lms.audit.models import AuditEvent
from lms.people import services, signals
from lms.people.models import Membership, Message, Organisation, OrganisationStatus, Role
from lms.people.services import organisations
from lms.rules.refusals import Refusal
from tests.factories import people as make

pytestmark = pytest.mark.django_db


def decide(organisation: Organisation, actor: Any, admit: bool = True, reason: str = "") -> Organisation:
    return services.decide_admission(
        organisation=organisation, admit=admit, reason=reason, actor=actor, now=make.LONG_AGO
    )


def refused(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as caught:
        decide(*args, **kwargs)
    return caught.value.code


def test_admission_opens_the_roles_and_says_so() -> None:
    heard: list[tuple[str, Any]] = []

    def hear_organisation(sender: Any, **news: Any) -> None:
        heard.append(("organisation", news["organisation"]))

    def hear_membership(sender: Any, **news: Any) -> None:
        heard.append(("membership", news["membership"].role))

    signals.organisation_admitted.connect(hear_organisation)
    signals.membership_granted.connect(hear_membership)
    waiting = make.applicant()
    officer = make.officer(Role.REGISTRAR)
    heard.clear()
    admitted = decide(waiting, make.acting(officer))
    assert admitted.status == OrganisationStatus.ADMITTED
    assert heard == [("organisation", admitted), ("membership", "institution_manager")]
    assert Membership.objects.open(make.LONG_AGO).filter(organisation=admitted).exists()
    assert admitted.decisions.get().decided_by == officer
    assert AuditEvent.objects.get(verb="organisation.admitted").actor_id == officer.pk
    assert Message.objects.get(user=make.manager_of(admitted)).code == "admission.decided"


@pytest.mark.parametrize(
    ("kind", "role", "allowed"),
    [
        ("institution", Role.REGISTRAR, True),
        ("institution", Role.CONFIRMING_REGISTRAR, True),
        ("institution", Role.ADMINISTRATOR, True),
        ("institution", Role.BUREAU_APPROVER, False),
        ("college", Role.BUREAU_AUDITOR, True),
        ("college", Role.BUREAU_APPROVER, True),
        ("college", Role.REGISTRAR, False),
        ("training_base", Role.BUREAU_APPROVER, True),
    ],
)
def test_each_bureau_admits_its_own_kind(kind: str, role: str, allowed: bool) -> None:
    waiting = make.applicant(kind=kind)
    actor = make.acting(make.officer(role))
    if allowed:
        assert decide(waiting, actor).status == OrganisationStatus.ADMITTED
    else:
        assert refused(waiting, actor) == "role_required"


def test_another_regions_officer_finds_nothing() -> None:
    waiting = make.applicant(region=make.PUDONG)
    assert refused(waiting, make.acting(make.officer(region=make.HUANGPU))) == "organisation_unknown"
    assert refused(waiting, make.acting(make.officer(region=make.BEIJING))) == "organisation_unknown"
    assert decide(waiting, make.acting(make.officer(region=make.PUDONG)))


def test_nobody_admits_themselves() -> None:
    waiting = make.applicant()
    assert refused(waiting, make.acting(make.manager_of(waiting))) in {"role_required", "organisation_unknown"}


def test_the_second_decision_comes_too_late() -> None:
    waiting = make.applicant()
    decide(waiting, make.acting(make.officer(Role.REGISTRAR)), admit=False, reason="材料不清")
    assert refused(waiting, make.acting(make.officer(Role.CONFIRMING_REGISTRAR))) == "decided_already"
    assert waiting.decisions.count() == 1


def test_a_refusal_needs_its_reason_and_can_be_put_right() -> None:
    waiting = make.applicant()
    officer = make.acting(make.officer())
    assert refused(waiting, officer, admit=False, reason="  ") == "reason_required"
    decide(waiting, officer, admit=False, reason="请补交备案回执")
    applicant = make.acting(make.manager_of(waiting))
    assert not Membership.objects.open(make.LONG_AGO).filter(organisation=waiting).exists()
    services.resubmit_application(organisation=waiting, actor=applicant, now=make.LONG_AGO)
    with pytest.raises(Refusal) as caught:
        services.resubmit_application(organisation=waiting, actor=applicant, now=make.LONG_AGO)
    assert caught.value.code == "not_refused"
    assert decide(waiting, officer).status == OrganisationStatus.ADMITTED
    statuses = list(waiting.decisions.order_by("pk").values_list("status", flat=True))
    assert statuses == ["refused", "applied", "admitted"]


def test_killed_half_way_the_application_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: object) -> None:
        raise SystemExit

    waiting = make.applicant()
    monkeypatch.setattr(organisations, "tell", die)
    with pytest.raises(SystemExit):
        decide(waiting, make.system())
    waiting.refresh_from_db()
    assert waiting.status == OrganisationStatus.APPLIED
    assert not waiting.decisions.exists()
