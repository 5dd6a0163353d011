"""The college's pages, the wall, and the learner's phone at the wall."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.classroom.models import Booking, Scan, Session
from courses.classroom.services import current_code
from tests.factories import people
from tests.factories.classroom import blended_course, booked, classroom_lesson, session
from tests.factories.learning import enrolled
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
BACKEND = "lms.people.backends.SignInBackend"


@pytest.fixture
def college():
    packs_loaded()
    return people.college()


@pytest.fixture
def day(college):
    """A session that begins in ten minutes."""
    now = timezone.now()
    return session(classroom_lesson(blended_course(college)), starts_at=now + timedelta(minutes=10), now=now)


@pytest.fixture
def staff(client, day):
    client.force_login(day.teacher, backend=BACKEND)
    return client


def sign_in_learner(client, day, *, booked_too=True):
    user = people.practitioner(name="林小满")
    enrolment = enrolled(user.person, day.lesson.release, now=timezone.now())
    if booked_too:
        booked(day, user.person, enrolment.pk, timezone.now())
    client.force_login(user, backend=BACKEND)
    return user, enrolment


def scan_url(day, code=None):
    return reverse("classroom:scan", args=[day.pk, code or current_code(day, timezone.now())])


class TestCollege:
    def test_open_a_session(self, staff, day):
        form = {
            "lesson": day.lesson_id,
            "venue": "实训楼 302",
            "teacher": day.teacher_id,
            "starts_at": "2030-05-06T09:00",
            "ends_at": "2030-05-06T12:00",
            "capacity": "20",
        }
        assert staff.post(reverse("classroom:new"), form).status_code == 302
        opened = Session.objects.get(venue="实训楼 302")
        assert timezone.localtime(opened.starts_at).hour == 9
        again = staff.post(reverse("classroom:new"), form)
        assert "已有班次" in again.content.decode()
        short = staff.post(reverse("classroom:new"), {**form, "ends_at": "2030-05-06T10:00"})
        assert "时段太短" in short.content.decode()

    def test_lists_and_searches(self, staff, day):
        url = reverse("classroom:sessions")
        assert day.venue in staff.get(url).content.decode()
        assert day.venue not in staff.get(url, {"q": "没有这里"}).content.decode()
        assert day.venue not in staff.get(url, {"when": "past"}).content.decode()

    def test_the_paper_roll(self, staff, day, client):
        person = people.person(name="纸上人")
        booked(day, person, enrolled(person, day.lesson.release, now=timezone.now()).pk, timezone.now())
        url = reverse("classroom:session", args=[day.pk])
        at = timezone.localtime(timezone.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
        form = {"person": person.pk, "kind": "in", "at": at, "reason": "手机坏了"}
        assert staff.post(url, form).status_code == 302
        page = staff.get(url).content.decode()
        assert "手机坏了" in page
        assert "纸上人" in page
        assert staff.get(reverse("classroom:export", args=[day.pk])).content.startswith(b"PK")

    def test_cancel_and_substitute(self, staff, day, college):
        other = people.member(college, "college_teacher")
        replaced = staff.post(reverse("classroom:substitute", args=[day.pk]), {"teacher": other.pk, "reason": "病假"})
        assert replaced.status_code == 302
        url = reverse("classroom:cancel", args=[day.pk])
        assert "确认后将会" in staff.get(url).content.decode()
        assert staff.post(url, {"reason": ""}).status_code == 200
        assert staff.post(url, {"reason": "停电"}).status_code == 302
        day.refresh_from_db()
        assert day.cancel_reason == "停电"

    def test_another_college_finds_nothing(self, client, day):
        client.force_login(people.member(people.college(), "college_teacher"), backend=BACKEND)
        for name in ("session", "wall", "wall_code", "cancel", "substitute", "export"):
            assert client.get(reverse(f"classroom:{name}", args=[day.pk])).status_code == 404
        assert day.venue not in client.get(reverse("classroom:sessions")).content.decode()

    def test_not_for_practitioners(self, client, day):
        sign_in_learner(client, day)
        for name in ("session", "wall", "wall_code"):
            assert client.get(reverse(f"classroom:{name}", args=[day.pk])).status_code == 403

    def test_queries(self, staff, day, django_assert_max_num_queries):
        for _number in range(5):
            person = people.person()
            booked(day, person, enrolled(person, day.lesson.release, now=timezone.now()).pk, timezone.now())
        for name, arguments in (("sessions", []), ("session", [day.pk]), ("wall", [day.pk])):
            with django_assert_max_num_queries(12):
                staff.get(reverse(f"classroom:{name}", args=arguments))


def test_the_wall_shows_the_code_and_never_the_secret(staff, day):
    page = staff.get(reverse("classroom:wall", args=[day.pk]))
    code = current_code(day, timezone.now())
    assert page.context["code"].replace(" ", "") in {code, current_code(day, timezone.now() - timedelta(seconds=30))}
    assert "data:image/png" in page.content.decode()
    assert day.qr_secret not in page.content.decode()
    assert "no-store" in staff.get(reverse("classroom:wall_code", args=[day.pk]))["Cache-Control"]


class TestPhone:
    def test_looking_changes_nothing_confirming_checks_in(self, client, day):
        sign_in_learner(client, day)
        url = scan_url(day)
        assert "确认签到" in client.get(url).content.decode()
        assert not Scan.objects.exists()
        page = client.post(url, {"kind": "in"}, follow=True).content.decode()
        assert "已签到" in page
        assert "现在签退" not in page  # the code one came in by does not lead out
        assert Scan.objects.get().device

    def test_signing_in_does_not_cost_the_code(self, client, day, monkeypatch):
        url = scan_url(day)
        assert client.get(url).url.startswith(reverse("account_login"))
        sign_in_learner(client, day)
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(minutes=3))
        assert "确认签到" in client.get(url).content.decode()
        client.post(url, {"kind": "in"})
        assert Scan.objects.count() == 1

    def test_an_address_passed_on_is_worth_nothing_later(self, client, day):
        sign_in_learner(client, day)
        old = current_code(day, timezone.now() - timedelta(minutes=2))
        assert "签到码已更换" in client.get(scan_url(day, old)).content.decode()
        assert client.post(scan_url(day, old), {"kind": "in"}).status_code == 409
        assert not Scan.objects.exists()

    def test_not_booked(self, client, day):
        sign_in_learner(client, day, booked_too=False)
        assert "您没有预约" in client.get(scan_url(day)).content.decode()
        assert client.post(scan_url(day), {"kind": "in"}).status_code == 404

    def test_typed_by_hand(self, client, day):
        sign_in_learner(client, day)
        url = reverse("classroom:enter", args=[day.pk])
        code = current_code(day, timezone.now())
        assert client.post(url, {"code": f"{code[:3]} {code[3:]}".lower()}).url == scan_url(day, code)
        assert "不对或已更换" in client.post(url, {"code": "AAAAAA"}).content.decode()
        client.force_login(people.practitioner(), backend=BACKEND)
        assert client.get(url).status_code == 404


def test_booking_from_the_course(client, day):
    _user, enrolment = sign_in_learner(client, day, booked_too=False)
    url = reverse("learning:sessions", args=[enrolment.pk, day.lesson_id])
    assert "预约" in client.get(url).content.decode()
    assert client.post(url, {"session": day.pk, "action": "book"}).status_code == 302
    assert client.post(url, {"session": day.pk, "action": "book"}).status_code == 302
    assert Booking.objects.filter(cancelled_at=None).count() == 1
    client.post(url, {"session": day.pk, "action": "cancel"})
    assert not Booking.objects.filter(cancelled_at=None).exists()
    other = session(starts_at=timezone.now() + timedelta(days=3), now=timezone.now())
    assert client.post(url, {"session": other.pk, "action": "book"}).status_code == 404
    assert client.post(url, {"session": "nonsense"}).status_code == 404
