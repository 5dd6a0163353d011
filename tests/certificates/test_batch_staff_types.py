"""Orders for the types an issuer's staff made: a programme, a post, those who teach; within the same bounds."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import CertificateType, IssueBatch
from certificates.services import plan_batch, start_batch
from certificates.services.choosing import Selection
from lms.audit.actors import Actor
from tests.factories import catalogue, people
from tests.factories.batches import approver, worked
from tests.factories.certificate_types import post_type, programme_type
from tests.factories.certificates import NOON, bureau, passed_course, refused
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
NANJING = "320100"  # no yearly class-hours are asked here


def ordered(kind: CertificateType, actor: Actor, **rule: Any) -> dict[str, str]:
    batch = plan_batch(type=kind, selection=Selection(**rule), actor=actor, now=NOON)
    return {row.person.name: row.foreseen for row in batch.rows.select_related("person")}


def test_a_post_by_those_who_passed_one_of_its_courses() -> None:
    packs_loaded()
    college = people.college()
    first, second, other = (catalogue.released_course(college=college) for _ in range(3))
    whole, half, none = (people.person(name=name) for name in ("林都过", "周过一", "孙没过"))
    passed_course(whole, first), passed_course(whole, second), passed_course(half, first), passed_course(none, other)
    kind = post_type(college, first, second, automatic=False)
    publisher = people.acting(people.manager_of(college))
    assert ordered(kind, publisher) == {"林都过": "", "周过一": "requirements_missing"}
    batch = IssueBatch.objects.get()
    assert batch.period == "once"
    start_batch(batch=batch, actor=publisher, now=NOON)
    assert set(worked(batch).rows.values_list("outcome", flat=True)) == {"issued", "refused"}
    assert ordered(kind, publisher)["林都过"] == "held"


def test_a_post_that_runs_out_is_ordered_for_a_year() -> None:
    packs_loaded()
    college = people.college()
    release = catalogue.released_course(college=college)
    passed_course(people.person(name="林小满"), release)
    kind = post_type(college, release, automatic=False, validity_months=24)
    publisher = people.acting(people.manager_of(college))
    with refused("year_unknown"):
        ordered(kind, publisher)
    assert ordered(kind, publisher, year=2026) == {"林小满": ""}
    assert ordered(kind, publisher, year=2025) == {"林小满": "requirements_missing"}


def test_a_bureaus_post_stays_within_its_region() -> None:
    packs_loaded()
    release = catalogue.released_course(college=people.college())
    for name, region in (("浦东人", people.PUDONG), ("黄浦人", people.HUANGPU), ("北京人", people.BEIJING)):
        passed_course(people.person(name=name, region=region), release)
    kind = post_type(bureau(), release, automatic=False)
    officer = people.acting(approver())
    assert set(ordered(kind, officer)) == {"浦东人", "黄浦人"}
    assert set(ordered(kind, officer, region=people.PUDONG)) == {"浦东人"}


def test_a_programme_by_those_who_began_it() -> None:
    packs_loaded()
    college = people.college(region=NANJING)
    releases = [
        catalogue.released_course(college=college, title=title, category=category)
        for title, category in (("技能课", "skills"), ("师德课", "ethics"))
    ]
    programme = catalogue.offered_programme(releases, title="全年计划")
    kind = programme_type(college, automatic=False)
    for name, taken in (("周一半", releases[:1]), ("林全部", releases)):
        person = people.person(name=name, region=NANJING)
        for release in taken:
            what = {"category": release.category, "course_id": release.course_id, "release_id": release.pk}
            credited(person, class_hours=release.class_hours, on=date(2026, 6, 15), title=release.title, **what)
    publisher = people.acting(people.manager_of(college))
    with refused("programme_unknown"):
        ordered(kind, publisher)
    told = ordered(kind, publisher, programme=str(programme.pk))
    assert told == {"林全部": "", "周一半": "programme_incomplete"}


def test_the_form_asks_what_the_type_has_a_use_for() -> None:
    packs_loaded()
    college = people.college()
    release = catalogue.released_course(college=college)
    post, programme = post_type(college, release), programme_type(college)
    client = Client()
    client.force_login(people.manager_of(college), backend="lms.people.backends.SignInBackend")
    choice = client.get(reverse("certificates:batch_new")).content.decode()
    assert reverse("certificates:batch_plan", args=[post.pk]) in choice
    asked = client.get(reverse("certificates:batch_plan", args=[programme.pk])).content.decode()
    assert 'name="programme"' in asked
    assert 'name="year"' not in asked
    assert client.get(reverse("certificates:batch_plan", args=[post.pk])).status_code == 200
