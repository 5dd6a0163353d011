"""Courses to be passed first: no chain leads back, nobody is asked for what can't be learned, any year's pass counts."""

import threading
import uuid
from dataclasses import replace

import pytest
from django.db import connections
from django.urls import reverse

from courses.catalogue.models import Release
from courses.catalogue.prerequisites import find_cycle, prerequisites_of, refuse_cycle, refuse_missing
from courses.catalogue.services import publish_release
from lms.ledger.services import reverse_entry
from lms.people.models import Person
from lms.rules.refusals import Refusal
from tests.catalogue.people import practitioner_client
from tests.catalogue.test_publish_release import NOW, PLATFORM, draft, officer
from tests.factories.catalogue import a_college, released_course
from tests.factories.ledger import credited, learner
from tests.factories.policy import packs_loaded

A, B, C, D = (uuid.UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("asks_first", "asked", "chain"),
    [
        ([], {}, []),
        ([B], {B: []}, []),
        ([A], {}, [A, A]),
        ([B], {B: [A]}, [A, B, A]),
        ([B, C], {B: [D], C: [A], D: [C]}, [A, C, A]),
        ([B], {B: [C, D], C: [D], D: []}, []),
        ([B], {B: [C], C: [B]}, []),  # a cycle of others is not ours to find
    ],
)
def test_chains(asks_first, asked, chain) -> None:
    assert find_cycle(A, asks_first, asked) == chain


def asking(*releases: Release, title: str = "后修"):
    """A release that asks for these courses first."""
    return released_course(title=title, prerequisites=[str(release.course_id) for release in releases])


def refusal_of(call, **given) -> Refusal:
    with pytest.raises(Refusal) as refused:
        call(**given)
    return refused.value


@pytest.mark.django_db
class TestCycle:
    def test_the_chain_is_named(self) -> None:
        first = released_course(title="甲")
        second = asking(first, title="乙")
        third = asking(second, title="丙")
        refusal = refusal_of(refuse_cycle, course_id=first.course_id, prerequisites=[third.course_id], title="甲（新）")
        assert refusal.code == "prerequisite_cycle"
        assert refusal.field == "prerequisites"
        assert "甲（新） → 丙 → 乙 → 甲（新）" in str(refusal)

    def test_a_course_that_was_never_published_is_unknown(self) -> None:
        assert refusal_of(refuse_cycle, course_id=A, prerequisites=[B]).code == "prerequisite_unknown"
        assert refusal_of(refuse_cycle, course_id=A, prerequisites=[A]).code == "prerequisite_cycle"
        refuse_cycle(A, [])

    def test_only_the_newest_release_asks(self) -> None:
        first = released_course(title="甲")
        second = asking(first, title="乙")
        released_course(title="乙", course=second.course)
        refuse_cycle(first.course_id, [second.course_id])


@pytest.mark.django_db
class TestPublish:
    @pytest.fixture(autouse=True)
    def _policy(self) -> None:
        packs_loaded()

    def test_what_the_draft_says_is_frozen(self) -> None:
        first = released_course(title="甲")
        wanted = draft(
            notes=" 更新了第二节 ",
            prerequisites=(first.course_id,),
            glossary=({"term": "SIDS", "text": "婴儿猝死综合征"},),
        )
        release = publish_release(draft=wanted, actor=officer(), now=NOW)
        release.refresh_from_db()
        assert release.notes == "更新了第二节"
        assert release.prerequisites == [str(first.course_id)]
        assert release.glossary == [{"term": "SIDS", "text": "婴儿猝死综合征"}]
        assert Release.objects.current().found_by("anquanshuimian").get() == release

    def test_notes_make_no_release_and_prerequisites_do(self) -> None:
        first = released_course(title="甲")
        wanted = draft()
        release = publish_release(draft=wanted, actor=officer(), now=NOW)
        assert publish_release(draft=replace(wanted, notes="新说明"), actor=officer(), now=NOW) == release
        changed = replace(wanted, prerequisites=(first.course_id,))
        assert publish_release(draft=changed, actor=officer(), now=NOW).number == 2

    def test_a_cycle_is_refused_and_nothing_is_left_of_it(self) -> None:
        wanted = draft(title="甲")
        first = publish_release(draft=wanted, actor=officer(), now=NOW)
        second = publish_release(draft=draft(title="乙", prerequisites=(first.course_id,)), actor=officer(), now=NOW)
        closing = replace(wanted, prerequisites=(second.course_id,))
        refusal = refusal_of(publish_release, draft=closing, actor=officer(), now=NOW)
        assert refusal.code == "prerequisite_cycle"
        assert "甲 → 乙 → 甲" in str(refusal)
        assert Release.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_publications_at_once_do_not_close_a_cycle() -> None:
    packs_loaded()
    college = a_college()
    drafts = [draft(college, title=title) for title in ("甲", "乙")]
    keys = [publish_release(draft=one, actor=PLATFORM, now=NOW).course_id for one in drafts]
    closing = [replace(one, prerequisites=(other,)) for one, other in zip(drafts, reversed(keys), strict=True)]
    start, results = threading.Barrier(2), []

    def publish(one) -> None:
        try:
            start.wait(10)
            results.append(publish_release(draft=one, actor=PLATFORM, now=NOW).number)
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=(one,)) for one in closing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results, key=str) == [2, "prerequisite_cycle"]


@pytest.mark.django_db
class TestMissing:
    def test_named_until_passed_in_whichever_year(self) -> None:
        person = learner()
        first, second = released_course(title="甲"), released_course(title="乙")
        wanted = asking(first, second)
        refusal = refusal_of(refuse_missing, person=person, release=wanted)
        assert refusal.code == "prerequisite_missing"
        assert "“甲”、“乙”" in str(refusal)
        assert refusal.params["courses"] == [first.course_id, second.course_id]
        credited(person, course_id=first.course_id, on=NOW.date().replace(year=2025))
        assert "“甲”" not in str(refusal_of(refuse_missing, person=person, release=wanted))
        credited(person, course_id=second.course_id)
        refuse_missing(person, wanted)

    def test_hours_taken_back_are_no_pass(self) -> None:
        person, first = learner(), released_course()
        entry = credited(person, course_id=first.course_id)
        reverse_entry(entry=entry, reason="作废", actor=PLATFORM, now=NOW)
        assert refusal_of(refuse_missing, person=person, release=asking(first)).code == "prerequisite_missing"

    @pytest.mark.parametrize("case", ["withdrawn", "closed college", "elsewhere"])
    def test_what_can_not_be_learned_is_not_insisted_on(self, case: str) -> None:
        first = released_course(regions=["110000"] if case == "elsewhere" else [])
        if case == "withdrawn":
            first.course.withdrawn_at = NOW
            first.course.save()
        if case == "closed college":
            first.course.college.status = "closed"
            first.course.college.save()
        person = learner()
        wanted = asking(first)
        refuse_missing(person, wanted)
        assert [(one.open, one.passed, one.missing) for one in prerequisites_of(wanted, person)] == [
            (False, False, False)
        ]

    def test_the_page_links_them_and_offers_no_enrolment_before(self) -> None:
        packs_loaded()
        first = released_course(title="甲")
        wanted = asking(first)
        client, person = practitioner_client("310115")
        address = reverse("catalogue:course", args=[wanted.course_id])
        page = client.get(address).content.decode()
        assert reverse("catalogue:course", args=[first.course_id]) in page
        assert "还没学完" in page
        enrol = reverse("learning:enrol", args=[wanted.pk])
        assert enrol not in page
        credited(Person.objects.get(pk=person.pk), course_id=first.course_id)
        page = client.get(address).content.decode()
        assert "已学完" in page
        assert enrol in page
