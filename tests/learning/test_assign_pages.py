"""Pages of required courses: the manager's, with filters and a workbook; the practitioner's home."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from courses.learning.models import Assignment, Enrolment
from lms.people.models import Organisation, User
from tests.factories import people
from tests.factories.catalogue import offered_programme, released_course
from tests.factories.learning import assigned
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


@pytest.fixture
def home(db: None) -> Organisation:
    packs_loaded()
    return people.institution()


@pytest.fixture
def manager(home: Organisation) -> Client:
    return signed_in(people.manager_of(home))


def text(client: Client, name: str, query: dict[str, str] | None = None, **names: object) -> str:
    answer = client.get(reverse(f"learning:{name}", kwargs=names), query)
    assert answer.status_code == 200
    return answer.content.decode()


class TestAssign:
    def test_from_the_catalogue_to_the_list(self, home: Organisation, manager: Client) -> None:
        person = people.employed(institution=home).person
        release = released_course(title="急救")
        page = manager.get(reverse("catalogue:course", args=[release.course_id])).content.decode()
        address = f"{reverse('learning:assign')}?course={release.course_id}"
        assert address in page
        form = manager.get(address).content.decode()
        assert "急救" in form
        assert person.name in form
        due = timezone.localdate() + timedelta(days=30)
        answer = manager.post(address, {"due_on": due.isoformat(), "person": str(person.pk), "note": "年底前"})
        assert answer.headers["Location"] == reverse("learning:assignments")
        assignment = Assignment.objects.get()
        assert (assignment.person, assignment.due_on, assignment.note) == (person, due, "年底前")
        assert "已布置给 1 人" in text(manager, "assignments")

    def test_what_is_wrong_is_said_at_the_field(self, home: Organisation, manager: Client) -> None:
        address = f"{reverse('learning:assign')}?course={released_course().course_id}"
        yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
        answer = manager.post(address, {"due_on": yesterday})
        assert answer.status_code == 422
        assert "不能早于今天" in answer.content.decode()
        neighbour = people.employed(institution=people.institution()).person
        assert manager.post(address, {"due_on": yesterday, "person": str(neighbour.pk)}).status_code == 422
        assert not Assignment.objects.exists()

    def test_a_programme(self, home: Organisation, manager: Client) -> None:
        programme = offered_programme(year=timezone.localdate().year)
        assert "布置给员工" in manager.get(reverse("catalogue:programme", args=[programme.pk])).content.decode()
        address = f"{reverse('learning:assign')}?programme={programme.pk}"
        manager.post(address, {"due_on": timezone.localdate().isoformat(), "post": "cook"})
        assert Assignment.objects.get().programme == programme
        assert "炊事人员" in text(manager, "assignments")

    @pytest.mark.parametrize("query", ["course=x", "programme=x", "course=00000000-0000-0000-0000-000000000001"])
    def test_nothing_that_is_not_there(self, manager: Client, query: str) -> None:
        assert manager.get(f"{reverse('learning:assign')}?{query}").status_code == 404
        assert manager.get(reverse("learning:assign")).headers["Location"] == reverse("catalogue:index")


class TestLists:
    def test_person_by_person_filtered_and_as_a_workbook(self, home: Organisation, manager: Client) -> None:
        release, today = released_course(title="急救"), timezone.localdate()
        done, open_one = (people.employed(institution=home).person for _number in range(2))
        credited(done, course_id=release.course_id, on=today)
        foreign = people.employed(institution=people.institution()).person
        now = timezone.now()
        first = assigned(home, release, due_on=today, now=now)
        assigned(home, released_course(title="睡眠"), person=done, due_on=today + timedelta(days=9), now=now)
        page = text(manager, "assigned_people")
        assert all(name in page for name in (done.name, open_one.name, "急救", "睡眠"))
        assert foreign.name not in page
        finished = text(manager, "assigned_people", {"state": "done"})
        assert open_one.name not in finished
        only = manager.get(
            reverse("learning:assigned_people"), {"assignment": str(first.pk), "q": open_one.name, "state": "due"}
        )
        assert only.context["total"] == 1
        assert manager.get(reverse("learning:assigned_people"), {"state": "x"}).context["total"] == 3
        assert "没有符合条件的人" in text(manager, "assigned_people", {"q": "查无此人"})
        answer = manager.get(reverse("learning:assigned_people"), {"format": "xlsx", "state": "done"})
        rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert len(rows) == 2
        assert rows[1][0] == done.name

    def test_cancel_shows_what_follows(self, home: Organisation, manager: Client) -> None:
        assignment = assigned(home, released_course(title="急救"), now=timezone.now())
        assert "不再提醒" in text(manager, "cancel_assignment", assignment_id=assignment.pk)
        manager.post(reverse("learning:cancel_assignment", args=[assignment.pk]))
        assert "还没有布置必修课程" in text(manager, "assignments")
        assert "急救" in text(manager, "assignments", {"cancelled": "1"})
        stranger = signed_in(people.manager_of(people.institution()))
        assert stranger.post(reverse("learning:cancel_assignment", args=[assignment.pk])).status_code == 404

    def test_nothing_yet_says_what_to_do(self, manager: Client) -> None:
        for name in ("assignments", "assigned_people"):
            assert "去课程目录" in text(manager, name)

    def test_few_queries_however_many(self, home: Organisation, manager: Client) -> None:
        user = people.practitioner()
        people.employed(institution=home, person=user.person)
        now = timezone.now()
        assigned(home, offered_programme(year=now.year), now=now)
        for _number in range(6):
            people.employed(institution=home)
            assigned(home, now=now)
        practitioner = signed_in(user)
        for client, name in ((manager, "assignments"), (manager, "assigned_people"), (practitioner, "home")):
            client.get(reverse(f"learning:{name}"))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"learning:{name}")).status_code == 200
            assert len(queries) <= 15, (name, len(queries))


class TestPractitioner:
    def test_home_says_what_is_left_and_until_when(self, home: Organisation) -> None:
        user, today, now = people.practitioner(), timezone.localdate(), timezone.now()
        people.employed(institution=home, person=user.person)
        left, done = released_course(title="急救"), released_course(title="睡眠")
        assigned(home, left, due_on=today + timedelta(days=9), now=now)
        assigned(home, done, due_on=today, now=now)
        credited(user.person, course_id=done.course_id, on=today)
        page = text(signed_in(user), "home")
        assert "单位布置的必修" in page
        assert "还有 9 天" in page
        assert reverse("catalogue:course", args=[left.course_id]) in page
        assert "今天到期" not in page
        assert "单位布置的必修" not in text(signed_in(people.practitioner()), "home")

    def test_enrol_in_a_programme(self, db: None) -> None:
        packs_loaded()
        user = people.practitioner()
        client, programme = signed_in(user), offered_programme(year=timezone.localdate().year)
        address = reverse("learning:enrol_programme", args=[programme.pk])
        first = client.post(address, {"which": "next"})
        enrolment = Enrolment.objects.get()
        assert first.headers["Location"] == reverse("learning:course", args=[enrolment.pk])
        client.post(address, {"which": "all"})
        assert Enrolment.objects.count() == 2
        assert client.post(address, {"which": "all"}).status_code == 409

    def test_enrolling_too_early_leads_to_what_comes_first(self, db: None) -> None:
        packs_loaded()
        first = released_course(title="入门")
        wanted = released_course(title="进阶", prerequisites=[str(first.course_id)])
        answer = signed_in(people.practitioner()).post(reverse("learning:enrol", args=[wanted.pk]), follow=True)
        page = answer.content.decode()
        assert "请先学完先修课程：“入门”" in page
        assert reverse("catalogue:course", args=[first.course_id]) in page
