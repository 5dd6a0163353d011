"""The demonstration people: enough of them, with the names that break careless software, and nobody's real number."""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from lms.demo.population import People, load_people
from lms.demo.values import CONTENT_DIRECTORY
from lms.people.services.memberships import KINDS_OF_ROLE
from lms.rules import identity, names, regions

PEOPLE = load_people()
CITIES = ("310000", "110000", "330281", "331083", "320100")
TEXT = (CONTENT_DIRECTORY / "people.yaml").read_text(encoding="utf-8")


@pytest.fixture
def raw() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(TEXT))


def test_three_colleges_ten_institutions_sixty_practitioners() -> None:
    assert (len(PEOPLE.colleges), len(PEOPLE.institutions), len(PEOPLE.practitioners)) == (3, 10, 60)


def test_every_city_has_an_institution_and_both_bureaus() -> None:
    for city in CITIES:
        assert any(regions.covers(city, institution.region) for institution in PEOPLE.institutions)
        kinds = [bureau.kind for bureau in PEOPLE.bureaus if bureau.region == city]
        assert sorted(kinds) == ["health_bureau", "hr_bureau"]


def test_a_ban_and_a_decision_find_two_different_officers_in_every_city() -> None:
    for bureau in PEOPLE.bureaus:
        roles = [member.roles for member in PEOPLE.staff if member.organisation == bureau.slug]
        flat = {role for of_one in roles for role in of_one}
        wanted = {"registrar", "confirming_registrar"} if bureau.kind == "health_bureau" else {"bureau_auditor"}
        assert wanted <= flat
        assert not any({"registrar", "confirming_registrar"} <= set(of_one) for of_one in roles)


def test_every_organisation_has_the_roles_its_staff_hold() -> None:
    kinds = {body.slug: body.kind for body in (*PEOPLE.colleges, *PEOPLE.bureaus)}
    for member in PEOPLE.staff:
        for role in member.roles:
            assert kinds.get(member.organisation, "institution") in KINDS_OF_ROLE[role], member.name


def test_every_institution_has_one_head_and_health_staff() -> None:
    for institution in PEOPLE.institutions:
        posts = Counter(p.post for p in PEOPLE.practitioners if p.institution == institution.slug)
        assert posts["institution_head"] == 1
        assert posts["health_staff"] == 1
        assert posts["caregiver"] >= 2


def test_names_of_every_difficult_kind_are_there() -> None:
    all_names = [practitioner.name for practitioner in PEOPLE.practitioners]
    assert {2, 3, 4} <= {len(name) for name in all_names}
    assert any(name.startswith(("欧阳", "司马", "诸葛")) for name in all_names)
    assert any("·" in name for name in all_names)
    assert any(re.search("[\u3400-\u4dbf]", name) for name in all_names), "Extension A"
    assert any(ord(character) > 0xFFFF for name in all_names for character in name), "outside the basic plane"
    assert max(Counter(all_names).values()) == 2, "two persons of the same name"
    assert any(practitioner.previous_name for practitioner in PEOPLE.practitioners)
    assert {p.document for p in PEOPLE.practitioners} >= {"resident_id", "hk_macau_permit", "taiwan_permit", "passport"}


@pytest.mark.parametrize("name", sorted({p.name for p in PEOPLE.practitioners} | {m.name for m in PEOPLE.staff}))
def test_every_name_is_one_the_register_accepts(name: str) -> None:
    names.validate(name)


def test_two_persons_of_one_name_differ_in_birth_date() -> None:
    pairs = {(practitioner.name, practitioner.born) for practitioner in PEOPLE.practitioners}
    assert len(pairs) == len(PEOPLE.practitioners)


def test_no_identity_number_stands_in_the_file() -> None:
    assert not re.search(r"\d{15,}", TEXT)


def test_a_valid_resident_number_can_be_made_for_whoever_has_a_home_district() -> None:
    for sequence, person in enumerate(PEOPLE.practitioners):
        if person.home:
            first17 = f"{person.home}{person.born:%Y%m%d}{sequence:02d}{1 if person.sex == 'M' else 2}"
            number = identity.parse("resident_id", first17 + identity.check_digit(first17))
            assert (number.birth_date, number.sex) == (person.born, "male" if person.sex == "M" else "female")


def _unknown_institution(raw: dict[str, Any]) -> None:
    raw["practitioners"][0]["institution"] = "nowhere"


def _slug_used_twice(raw: dict[str, Any]) -> None:
    raw["institutions"][1]["slug"] = raw["institutions"][0]["slug"]


def _hired_as_a_child(raw: dict[str, Any]) -> None:
    raw["practitioners"][0]["born"] = raw["practitioners"][0]["hired"]


def _home_without_resident_number(raw: dict[str, Any]) -> None:
    raw["practitioners"][0]["document"] = "passport"


def _staff_of_nowhere(raw: dict[str, Any]) -> None:
    raw["staff"][0]["organisation"] = "nowhere"


@pytest.mark.parametrize(
    "spoil",
    [
        _unknown_institution,
        _slug_used_twice,
        _hired_as_a_child,
        _home_without_resident_number,
        _staff_of_nowhere,
    ],
)
def test_a_reference_that_leads_nowhere_is_refused(raw: dict[str, Any], spoil: Any) -> None:
    People.model_validate(raw)
    spoil(raw)
    with pytest.raises(ValidationError):
        People.model_validate(raw)
