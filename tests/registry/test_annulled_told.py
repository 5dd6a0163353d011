"""After an annulment everyone hears of it who acted on the ban, and the person; compensation is on record."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from lms.audit.models import AuditEvent
from lms.hiring.services.annulments import LOOK_BACK, tell_askers
from lms.people.models import Message
from lms.registry import services
from lms.registry.services import freed_persons
from lms.rules.refusals import Conflict, Invalid, NotAllowed
from tests.factories import hiring, people, registry
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
LATER = registry.ENTERED + timedelta(days=30)


@pytest.fixture(autouse=True)
def _packs(db: None) -> None:
    packs_loaded()


def asked(institution: Any, person: Any, **more: Any) -> Any:
    return hiring.checked(
        institution, now=more.pop("now", registry.ENTERED + timedelta(days=1)), **hiring.identity_of(person), **more
    )


def told(institution: Any) -> int:
    return Message.objects.filter(code="check.annulled", user__memberships__organisation=institution).count()


def test_who_was_answered_barred_is_told_once() -> None:
    someone = people.person()
    asker, stranger = people.institution(), people.institution()
    people.manager_of(asker)
    people.manager_of(stranger)
    case = registry.case_in_force(someone)
    assert asked(asker, someone).outcome == "barred"
    asked(asker, someone)
    asked(stranger, people.person())
    registry.annulled(case, now=LATER)
    assert told(asker) == 1
    assert told(stranger) == 0
    assert AuditEvent.objects.filter(verb="check.annulment_told").count() == 2

    subjects = list(case.subjects.all())
    freed = freed_persons(case, subjects, LATER)
    tell_askers(case_id=case.pk, subjects=subjects, freed=freed, actor=people.system(), now=LATER)
    assert told(asker) == 1


def test_a_check_before_the_ban_or_too_long_ago_is_left_alone() -> None:
    someone, asker = people.person(), people.institution()
    people.manager_of(asker)
    asked(asker, someone, now=registry.ENTERED - timedelta(days=9))
    case = registry.case_in_force(someone)
    asked(asker, someone)
    registry.annulled(case, now=registry.ENTERED + LOOK_BACK + timedelta(days=2))
    assert told(asker) == 0


def test_somebody_another_ban_holds_is_still_barred_for_the_asker() -> None:
    someone, asker = people.person(), people.institution()
    people.manager_of(asker)
    first = registry.case_in_force(someone)
    second = registry.case_in_force(someone)
    asked(asker, someone)
    registry.annulled(first, now=LATER)
    assert told(asker) == 0
    registry.annulled(second, now=LATER)
    assert told(asker) == 1


def test_somebody_never_registered_is_found_by_the_number() -> None:
    who = {"name": "王小明", "document_type": "resident_id", "document_number": people.resident_number()}
    asker = people.institution()
    people.manager_of(asker)
    case = registry.case_in_force(unknown=[who])
    hiring.checked(asker, now=registry.ENTERED + timedelta(days=1), **who)
    registry.annulled(case, now=LATER)
    assert told(asker) == 1


def test_the_person_hears_it() -> None:
    user = people.practitioner()
    assert user.person
    first, second = registry.case_in_force(user.person), registry.case_in_force(user.person)
    registry.annulled(first, now=LATER)
    message = Message.objects.get(user=user, code="ban.annulled")
    assert first.number in message.title
    assert "仍然有效" in message.body
    registry.annulled(second, now=LATER)
    assert "已恢复" in Message.objects.get(user=user, code="ban.annulled", title__contains=second.number).body


def test_compensation_is_noted_shown_and_audited() -> None:
    case = registry.case_in_force(people.person())
    officer = people.acting(registry.registrar())
    with pytest.raises(Conflict) as refused:
        services.note_compensation(case=case, note="赔偿", actor=officer, now=LATER)
    assert refused.value.code == "wrong_state"
    services.propose_annulment(
        case=case,
        overturning_file=registry.decision_file("判决书.pdf"),
        reason="判决撤销原决定",
        compensation="已启动国家赔偿程序",
        actor=officer,
        now=LATER,
    )
    services.confirm_annulment(case=case, actor=people.acting(registry.confirming()), now=LATER)
    client = Client()
    client.force_login(registry.registrar())
    client.post(reverse("registry:compensation", args=[case.pk]), {"note": "已支付赔偿金"})
    page = client.get(reverse("registry:case", args=[case.pk])).content.decode()
    assert "已启动国家赔偿程序" in page
    assert "已支付赔偿金" in page
    assert AuditEvent.objects.filter(verb="ban_case.compensation_noted", subject_id=case.pk).count() == 2
    with pytest.raises(Invalid):
        services.note_compensation(case=case, note="  ", actor=officer, now=LATER)
    auditor = people.acting(people.officer("bureau_auditor"))
    with pytest.raises(NotAllowed):
        services.note_compensation(case=case, note="赔偿", actor=auditor, now=LATER)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_compensationnote")


def test_leaving_out_the_direct_manager_needs_a_reason() -> None:
    employer = people.institution()
    manager = people.employed(institution=employer, post="institution_head").person
    culprit = people.employed(institution=employer, manager=manager).person
    case = registry.drafted_case()
    registry.subject_of(case, culprit)
    first = people.acting(case.states.get(number=1).officer)
    with pytest.raises(Conflict) as refused:
        services.submit_case(case=case, actor=first, now=registry.ENTERED)
    assert refused.value.code == "managers_open"
    client = Client()
    client.force_login(case.states.get(number=1).officer)
    client.post(reverse("registry:submit", args=[case.pk]), {"reason": "经查管理人当日休假，已另案处理"})
    second = Client()
    second.force_login(registry.confirming())
    page = second.get(reverse("registry:confirm", args=[case.pk])).content.decode()
    assert "经查管理人当日休假" in page
