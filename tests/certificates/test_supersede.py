"""``supersede_certificate``: a corrected name is a new edition; the old one points to it and is never rewritten."""

from datetime import timedelta

import pytest

from certificates.models import Certificate
from certificates.querysets import Status
from certificates.services import issue_certificate, revoke_certificate, supersede_certificate, validity
from lms.people.models import Person
from tests.factories import people
from tests.factories.certificates import NOON, SYSTEM, TODAY, course_certificate, holder, refused

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


def corrected(certificate: Certificate, name: str = "王昕怡") -> Certificate:
    Person.objects.filter(pk=certificate.person_id).update(name=name)
    certificate.person.refresh_from_db()
    return supersede_certificate(certificate=certificate, reason="姓名更正", actor=SYSTEM, now=LATER)


def test_the_new_edition_keeps_facts_and_dates() -> None:
    old = course_certificate(holder(name="王新怡"))
    new = corrected(old)
    assert (new.edition, new.holder_name, old.holder_name) == (2, "王昕怡", "王新怡")
    assert (new.valid_until, new.facts["lines"]) == (old.valid_until, old.facts["lines"])
    assert new.serial != old.serial
    assert new.token != old.token
    worth = validity(old, TODAY)
    assert (worth.status, worth.successor_token) == (Status.SUPERSEDED, new.token)
    assert validity(new, TODAY).is_valid


def test_issuing_again_returns_the_new_edition() -> None:
    old = course_certificate(holder(name="王新怡"))
    new = corrected(old)
    again = issue_certificate(person=old.person, type=old.type, period=old.period, actor=SYSTEM, now=LATER)
    assert again == new


def test_twice_is_refused() -> None:
    old = course_certificate(holder(name="王新怡"))
    corrected(old)
    with refused("superseded_already"):
        corrected(old, "王欣怡")
    with refused("superseded_already"):
        revoke_certificate(certificate=old, code="error", reason="x", authority="x", actor=SYSTEM, now=LATER)


def test_refused_where_nothing_changed_or_nothing_is_valid() -> None:
    same = course_certificate(holder(name="王新怡"))
    with refused("nothing_to_correct"):
        corrected(same, "王新怡")
    with refused("glyph_missing", "U+3134A"):
        corrected(same, "王\U0003134a")
    revoke_certificate(certificate=same, code="error", reason="x", authority="x", actor=SYSTEM, now=NOON)
    with refused("not_valid"):
        corrected(same)


def test_another_college_does_not_know_it() -> None:
    old = course_certificate(holder(name="王新怡"))
    other = people.acting(people.manager_of(people.college()))
    with refused("certificate_unknown"):
        supersede_certificate(certificate=old, reason="x", actor=other, now=LATER)
