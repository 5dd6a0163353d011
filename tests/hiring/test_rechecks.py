"""Everybody on a roster is asked about again every year, by one press; who forgets is named to the bureau."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from lms.hiring.models import CheckBatch, Recheck
from lms.hiring.services import batches, rechecks
from lms.people.models import Message, Organisation
from lms.rules.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.factories import hiring, people, registry

YEAR = timedelta(days=365)
ALMOST = hiring.ASKED + YEAR - timedelta(days=20)


def started(institution: Organisation, *, now: object = ALMOST, **more: object) -> Recheck:
    actor = people.acting(people.manager_of(institution))
    terms = {"consent": True, "actor": actor, "now": now, **more}
    return rechecks.start_recheck(institution=institution, **terms)  # type: ignore[arg-type]


def test_one_batch_for_all_who_are_due() -> None:
    institution = people.institution()
    for _ in range(3):
        hiring.hired(institution)
    hiring.hired(institution, now=hiring.ASKED + timedelta(days=200))
    recheck = started(institution)
    assert recheck.persons == 3
    batch = CheckBatch.objects.get()
    assert (batch.purpose, batch.total, recheck.batch) == ("annual_review", 3, batch)
    assert "同意" in recheck.consent_basis
    while batches.work_on(batch_id=batch.pk, now=ALMOST):
        pass
    assert not rechecks.due_employments(institution, ALMOST.date() + timedelta(days=30), ALMOST).exists()


def test_somebody_nobody_ever_asked_about_is_due() -> None:
    institution = people.institution()
    people.employed(institution=institution)
    assert started(institution, now=hiring.ASKED).persons == 1


def test_pressed_twice_is_once() -> None:
    institution = people.institution()
    people.employed(institution=institution)
    recheck = started(institution)
    with pytest.raises(Conflict) as refused:
        started(institution)
    assert refused.value.code == "recheck_running"
    while batches.work_on(batch_id=recheck.batch_id, now=ALMOST):
        pass
    with pytest.raises(Conflict) as nobody:
        started(institution)
    assert nobody.value.code == "nobody_due"


def test_who_may_not() -> None:
    institution = people.institution()
    people.employed(institution=institution)
    for actor, refusal in (
        (people.acting(people.manager_of(people.institution())), NotFound),
        (people.acting(registry.registrar()), NotAllowed),
    ):
        with pytest.raises(refusal):
            started(institution, actor=actor)
    with pytest.raises(Invalid):
        started(institution, consent=False)


def test_managers_are_reminded_once_a_month_and_the_bureau_hears_who_forgot() -> None:
    institution, officer = people.institution(), registry.registrar()
    hiring.hired(institution)
    manager = people.manager_of(institution)
    assert rechecks.remind(now=hiring.ASKED + timedelta(days=300)) == 0
    for _twice in range(2):
        assert rechecks.remind(now=ALMOST) == 1
    assert Message.objects.filter(user=manager, code="recheck.due").count() == 1
    assert not Message.objects.filter(user=officer, code="recheck.overdue").exists()
    late = hiring.ASKED + YEAR + timedelta(days=31)
    for _twice in range(2):
        rechecks.remind(now=late)
    assert Message.objects.filter(user=officer, code="recheck.overdue").count() == 1


def test_the_bureau_sees_its_own_region_only() -> None:
    institution = people.institution()
    hiring.hired(institution)
    people.employed(institution=people.institution(region=people.BEIJING))
    late = hiring.ASKED + YEAR + timedelta(days=31)
    (told,) = rechecks.forgetful(actor=people.acting(registry.registrar()), now=late)
    assert (told.institution, told.persons, told.oldest) == (institution, 1, hiring.ASKED.date())
    (other,) = rechecks.forgetful(actor=people.acting(registry.registrar(people.BEIJING)), now=late)
    assert other.oldest is None


def test_the_pages() -> None:
    institution = people.institution()
    employment = people.employed(institution=institution)
    client, officer = Client(), Client()
    client.force_login(people.manager_of(institution))
    officer.force_login(registry.registrar())
    address = reverse("hiring:rechecks")
    assert address in client.get(reverse("hiring:roster")).content.decode()
    assert employment.person.name in client.get(address).content.decode()
    assert client.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    assert institution.name in officer.get(address).content.decode()
    assert institution.name not in officer.get(address, {"q": "别的机构"}).content.decode()
    assert officer.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    assert client.post(address, {}).status_code == 422
    page = client.post(address, {"consent": "on"})
    assert page.status_code == 302
    assert page["Location"] == reverse("hiring:batch", args=[Recheck.objects.get().batch_id])
    assert officer.post(address, {"consent": "on"}).status_code == 200
    assert Recheck.objects.count() == 1


def test_lamps_are_filtered() -> None:
    institution = people.institution()
    certified, plain = people.employed(institution=institution), people.employed(institution=institution)
    hiring.qualified(certified.person)
    client = Client()
    client.force_login(people.manager_of(institution))
    page = client.get(reverse("hiring:roster"), {"lamp": "uncertified"}).content.decode()
    assert plain.person.name in page
    assert certified.person.name not in page
    everyone = client.get(reverse("hiring:roster"), {"lamp": "check"}).content.decode()
    assert plain.person.name in everyone
    assert certified.person.name in everyone
