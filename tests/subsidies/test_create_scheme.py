"""A bureau announces what it pays for."""

from datetime import date

import pytest

from lms.rules.refusals import Refusal
from lms.subsidies.models import Scheme
from lms.subsidies.services import create_scheme, yuan
from tests.factories import people
from tests.factories.subsidies import NOON, approver, auditor, scheme

pytestmark = pytest.mark.django_db


def given(**changed):
    facts = {
        "bureau": people.bureau(kind="hr_bureau"),
        "kind": "shortage_training",
        "name": "紧缺培训",
        "occupation": "保育员",
        "level": "初级",
        "amount_fen": 60_000,
        "budget_fen": 600_000,
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 12, 31),
        "now": NOON,
        **changed,
    }
    return facts if "actor" in facts else {**facts, "actor": people.acting(approver())}


def test_announced():
    made = create_scheme(**given())
    assert (made.amount_fen, made.budget_fen, str(made)) == (60_000, 600_000, "紧缺培训")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount_fen": 0}, "amount_not_positive"),
        ({"budget_fen": 59_999}, "budget_too_small"),
        ({"closes_on": date(2025, 12, 31)}, "dates_reversed"),
        ({"kind": "holiday"}, "scheme_kind"),
        ({"name": " "}, "scheme_incomplete"),
    ],
)
def test_what_can_not_be(changed, code):
    with pytest.raises(Refusal) as no:
        create_scheme(**given(**changed))
    assert no.value.code == code
    assert not Scheme.objects.exists()


def test_one_day_is_a_window():
    day = date(2026, 12, 31)
    assert create_scheme(**given(opens_on=day, closes_on=day)).closes_on == day


def test_twice_is_refused():
    create_scheme(**given())
    with pytest.raises(Refusal) as no:
        create_scheme(**given())
    assert no.value.code == "scheme_exists"
    assert Scheme.objects.count() == 1


def test_an_auditor_or_another_bureau_does_not_announce():
    with pytest.raises(Refusal) as no:
        create_scheme(**given(actor=people.acting(auditor())))
    assert no.value.code == "role_required"
    with pytest.raises(Refusal) as no:
        create_scheme(**given(actor=people.acting(approver(people.BEIJING))))
    assert no.value.status == 404


def test_who_sees_a_scheme():
    city, district = scheme(), scheme(region=people.PUDONG)
    seen = lambda actor: set(Scheme.objects.visible_to(actor))  # noqa: E731
    assert seen(people.acting(people.manager_of(people.college(region=people.PUDONG)))) == {city, district}
    assert seen(people.acting(people.manager_of(people.college(region=people.HUANGPU)))) == {city}
    assert seen(people.acting(auditor(people.PUDONG))) == {district}
    assert seen(people.acting(auditor())) == {city, district}
    assert seen(people.acting(auditor(people.BEIJING))) == set()
    assert seen(people.acting(people.officer("registrar"))) == set()


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (150_000, "1,500.00"), (-123, "-1.23")])
def test_money_reads_as_money(fen, text):
    assert yuan(fen) == text
