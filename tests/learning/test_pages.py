"""Pages of the practitioner and of the college: what they show, to whom, and in how many queries."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.learning.models import Lease, LessonProgress
from courses.learning.services import open_lease
from lms.audit.actors import Actor
from lms.people.services import tell
from tests.factories import people
from tests.factories.assessment import paper
from tests.factories.catalogue import audio, classroom_day, package, quiz, reading, released_course, rendition, video
from tests.factories.learning import enrolled, passed
from tests.factories.ledger import credited
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.fixture
def user():
    packs_loaded()
    return people.practitioner(name="林小满")


@pytest.fixture
def signed_in(client, user):
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


def course(lessons: int = 3, **more):
    kinds = [video(40, title="巡视"), reading(2, title="为什么仰卧"), quiz(paper(2)), classroom_day(60)]
    kinds += [audio(40, title="听一听"), package(2, title="情景练习")] if lessons > 4 else []
    return released_course(class_hours=1, lessons=[kinds[n % len(kinds)] for n in range(lessons)], **more)


def lesson_url(enrolment, position=1, name="lesson"):
    lesson = enrolment.release.lessons.get(position=position)
    return reverse(f"learning:{name}", args=[enrolment.pk, lesson.pk])


def post_json(client, url, body):
    return client.post(url, json.dumps(body), content_type="application/json")


class TestHome:
    def test_two_rings_of_shanghai(self, signed_in, user):
        credited(user.person, class_hours=4, on=timezone.localdate())
        page = signed_in.get(reverse("learning:home"))
        assert [(ring.required, ring.met) for ring in page.context["rings"]] == [(72, False), (40, False)]
        assert page.context["rings"][0].value == 4
        assert "还差 68 学时" in page.content.decode()

    def test_hours_so_far_where_no_quota_is(self, client):
        packs_loaded()
        client.force_login(people.practitioner(region="330281"), backend="lms.people.backends.SignInBackend")
        page = client.get(reverse("learning:home"))
        assert page.context["rings"] == []
        assert len(page.context["so_far"]) == 2

    def test_the_lesson_to_go_on_with(self, signed_in, user):
        now = timezone.now()
        first, second = enrolled(user.person, course(), now=now), enrolled(user.person, course(), now=now)
        lesson = first.release.lessons.get(position=2)
        open_lease(
            enrolment=first,
            lesson=lesson,
            device="d",
            device_label="",
            address="",
            take_over=False,
            actor=SYSTEM,
            now=now,
        )
        page = signed_in.get(reverse("learning:home"))
        assert page.context["go_on"].lesson.pk == lesson.pk
        assert page.context["go_on"].begun
        assert {one.pk for one in page.context["running"]} == {first.pk, second.pk}

    def test_what_an_employer_requires_is_not_told_among_the_news_again(self, signed_in, user):
        for code in ("assignment", "course_passed"):
            tell(user=user, code=code, title=code, now=timezone.now())
        page = signed_in.get(reverse("learning:home"))
        assert [message.code for message in page.context["news"]] == ["course_passed"]

    def test_nothing_yet(self, signed_in):
        page = signed_in.get(reverse("learning:home"))
        assert page.context["go_on"] is None
        assert "还没有进行中的课程" in page.content.decode()

    def test_signed_out_and_without_a_person(self, client):
        assert client.get(reverse("learning:home")).status_code == 302
        client.force_login(
            people.member(people.college(), "college_author"), backend="lms.people.backends.SignInBackend"
        )
        assert client.get(reverse("learning:home")).status_code == 404

    @pytest.mark.parametrize("lessons", [1, 24])
    def test_queries(self, signed_in, user, lessons, django_assert_max_num_queries):
        for _number in range(3):
            enrolled(user.person, course(lessons), now=timezone.now())
        for _number in range(5):
            credited(user.person, class_hours=1, on=timezone.localdate())
        with django_assert_max_num_queries(12):
            signed_in.get(reverse("learning:home"))


class TestCourse:
    @pytest.mark.parametrize("lessons", [5, 60])
    def test_queries(self, signed_in, user, lessons, django_assert_max_num_queries):
        enrolment = enrolled(user.person, course(lessons))
        with django_assert_max_num_queries(12):
            page = signed_in.get(reverse("learning:course", args=[enrolment.pk]))
        assert len(page.context["outline"]) == lessons

    @pytest.mark.parametrize("lessons", [6, 60])
    def test_queries_of_a_lesson(self, signed_in, user, lessons, django_assert_max_num_queries):
        enrolment = enrolled(user.person, course(lessons))
        rendition(enrolment.release.lessons.get(position=1))
        for position in (1, 2, 5, 6):
            with django_assert_max_num_queries(12):
                assert signed_in.get(lesson_url(enrolment, position)).status_code == 200

    def test_enrol_by_the_button_twice(self, signed_in, user):
        url = reverse("learning:enrol", args=[course().pk])
        first, second = signed_in.post(url), signed_in.post(url)
        assert first.status_code == 302
        assert first.url == second.url
        assert signed_in.get(url).status_code == 405

    def test_a_refusal_is_a_page_with_its_sentence(self, signed_in):
        release = course(regions=["110000"])
        page = signed_in.post(reverse("learning:enrol", args=[release.pk]))
        assert page.status_code == 409
        assert "所在的地区" in page.content.decode()

    def test_withdraw_asks_first(self, signed_in, user):
        enrolment = enrolled(user.person, course(), now=timezone.now())
        url = reverse("learning:withdraw", args=[enrolment.pk])
        assert "确认后将会" in signed_in.get(url).content.decode()
        assert signed_in.post(url).status_code == 302
        enrolment.refresh_from_db()
        assert enrolment.state == "withdrawn"

    def test_passed_says_so(self, signed_in, user):
        enrolment = passed(user.person, released_course(class_hours=1, lessons=[reading(1)]))
        assert "本课程已学完" in signed_in.get(reverse("learning:course", args=[enrolment.pk])).content.decode()


class TestLesson:
    def page(self, client, enrolment, position):
        return client.get(lesson_url(enrolment, position))

    def test_each_kind_has_its_room(self, signed_in, user):
        enrolment = enrolled(user.person, course(6))
        film, text, sound, packed = (self.page(signed_in, enrolment, place) for place in (1, 2, 5, 6))
        for page, there, not_there in [
            (film, ["<video", "data-player-captions", "文字稿"], ["<audio", "<iframe", "data-player-quality"]),
            (text, ["data-player-text", "预计 2 分钟"], ["<video", "键盘操作"]),
            (sound, ["<audio", "文字稿", "键盘操作"], ["<video", "data-player-captions"]),
            (packed, ['<iframe src="/learn/lessons/', 'sandbox="allow-scripts allow-forms"'], ["<video", "文字稿"]),
        ]:
            for piece in there:
                assert piece in page.content.decode(), piece
            for piece in not_there:
                assert piece not in page.content.decode(), piece

    @pytest.mark.parametrize(("state", "streamed"), [("ready", True), ("working", False), ("failed", False)])
    def test_sizes_are_offered_once_they_are_ready(self, signed_in, user, state, streamed):
        enrolment = enrolled(user.person, course(6))
        lesson = enrolment.release.lessons.get(position=1)
        rendition(lesson, state)
        page = self.page(signed_in, enrolment, 1)
        assert ("data-player-quality" in page.content.decode()) is streamed
        master = reverse("learning:stream", args=[lesson.pk, "master.m3u8"]) if streamed else None
        assert page.context["settings"]["stream"] == master
        assert not self.page(signed_in, enrolment, 5).context["streamed"]

    def test_terms_of_a_reading(self, signed_in, user):
        release = released_course(
            lessons=[reading(1, body="<p>仰卧最安全。</p>")],
            glossary=[{"term": "仰卧", "text": "脸朝上<b>躺着</b>。"}, {"term": "俯卧", "text": "脸朝下。"}],
        )
        page = self.page(signed_in, enrolled(user.person, release), 1).content.decode()
        assert '<a class="term" href="#term-1">仰卧</a>最安全' in page
        assert "脸朝上&lt;b&gt;躺着&lt;/b&gt;。" in page
        assert "俯卧" not in page

    def test_the_player_is_told_what_the_policy_says(self, signed_in, user):
        enrolment = enrolled(user.person, course(6))
        told = self.page(signed_in, enrolment, 1).context["settings"]
        assert (told["total_ms"], told["max_rate"], told["grace_ms"], told["beat_ms"]) == (40000, 1.5, 30000, 15000)
        assert [self.page(signed_in, enrolment, place).context["settings"]["max_rate"] for place in (2, 5, 6)] == [
            1,
            1.5,
            1,
        ]


class TestAnotherPersons:
    def test_pages_are_not_found(self, signed_in):
        stranger = enrolled(people.practitioner().person, course(4))
        for position in (1, 2, 3, 4):
            for name in ("lesson", "exam", "sessions"):
                assert signed_in.get(lesson_url(stranger, position, name)).status_code == 404
        for name in ("course", "withdraw"):
            assert signed_in.get(reverse(f"learning:{name}", args=[stranger.pk])).status_code == 404
        assert post_json(signed_in, lesson_url(stranger, 1, "lease"), {}).status_code == 404

    def test_a_lesson_of_another_course_is_not_found(self, signed_in, user):
        own, other = enrolled(user.person, course()), course()
        url = reverse("learning:lesson", args=[own.pk, other.lessons.first().pk])
        assert signed_in.get(url).status_code == 404


class TestPlayer:
    def open(self, client, enrolment, **body):
        return post_json(client, lesson_url(enrolment, 1, "lease"), body)

    def test_lease_heartbeat_close(self, signed_in, user):
        enrolment = enrolled(user.person, course(), now=timezone.now())
        opened = self.open(signed_in, enrolment)
        assert opened.status_code == 201
        lease = opened.json()
        Lease.objects.update(last_beat_at=timezone.now() - timedelta(seconds=15))
        beat = post_json(
            signed_in,
            reverse("learning:beat", args=[lease["lease"]]),
            {"sequence": 1, "nonce": lease["nonce"], "played": [[0, 15000]], "visible": True, "position_ms": 15000},
        )
        assert beat.json()["credited_ms"] == 15000
        parting = {
            "sequence": 2,
            "nonce": lease["nonce"],
            "played": [[15000, 15400]],
            "visible": True,
            "position_ms": 15400,
        }
        closed = signed_in.post(reverse("learning:close", args=[lease["lease"]]), {"body": json.dumps(parting)})
        assert closed.status_code == 200
        assert Lease.objects.get().end_reason == "closed"
        assert LessonProgress.objects.get().position_ms == 15400

    def test_a_heartbeat_is_few_queries(self, signed_in, user, django_assert_max_num_queries):
        lease = self.open(signed_in, enrolled(user.person, course(), now=timezone.now())).json()
        url, body = reverse("learning:beat", args=[lease["lease"]]), {"sequence": 1, "nonce": lease["nonce"]}
        with django_assert_max_num_queries(14):
            post_json(signed_in, url, {**body, "played": [[0, 5000]], "visible": True, "position_ms": 5000})

    def test_problems_are_problem_details(self, signed_in, user, client):
        enrolment = enrolled(user.person, course(), now=timezone.now())
        lease = self.open(signed_in, enrolment).json()
        url = reverse("learning:beat", args=[lease["lease"]])
        forged = post_json(
            signed_in, url, {"sequence": 1, "nonce": "x", "played": [], "visible": True, "position_ms": 0}
        )
        assert (forged.status_code, forged["Content-Type"]) == (409, "application/problem+json")
        assert forged.json()["code"] == "forged"
        for body in ("", "[]", "{", '{"played": 5}', '{"played": [[1,2,3]], "sequence": 1}'):
            answer = signed_in.post(url, body, content_type="application/json")
            assert answer.status_code in {400, 422}, body
            assert answer["Content-Type"] == "application/problem+json"

    def test_elsewhere_and_take_over(self, signed_in, user):
        from django.test import Client

        enrolment = enrolled(user.person, course(), now=timezone.now())
        self.open(signed_in, enrolment)
        tablet = Client()
        tablet.force_login(user, backend="lms.people.backends.SignInBackend")
        refused = self.open(tablet, enrolment)
        assert (refused.status_code, refused.json()["code"]) == (409, "lease_elsewhere")
        assert self.open(tablet, enrolment, take_over=True).status_code == 201

    def test_signed_out_is_told_in_json(self, client, user):
        enrolment = enrolled(user.person, course())
        answer = self.open(client, enrolment)
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")

    def test_forged_requests_of_other_sites_are_refused(self, user):
        from django.test import Client

        enrolment = enrolled(user.person, course())
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="lms.people.backends.SignInBackend")
        assert self.open(client, enrolment).status_code == 403


class TestLearners:
    def test_a_college_sees_its_own_learners_only(self, client):
        packs_loaded()
        ours, theirs = people.college(), people.college()
        enrolled(people.person(name="我方学员"), course(college=ours))
        enrolled(people.person(name="他方学员"), course(college=theirs))
        client.force_login(people.member(ours, "college_teacher"), backend="lms.people.backends.SignInBackend")
        page = client.get(reverse("learning:learners")).content.decode()
        assert "我方学员" in page
        assert "他方学员" not in page
        found = client.get(reverse("learning:learners"), {"q": "没有此人"}).content.decode()
        assert "我方学员" not in found
        sheet = client.get(reverse("learning:learners_export"))
        assert sheet["Content-Disposition"].startswith("attachment")
        assert sheet.content.startswith(b"PK")

    def test_not_for_practitioners(self, signed_in):
        assert signed_in.get(reverse("learning:learners")).status_code == 403

    def test_queries(self, client, django_assert_max_num_queries):
        packs_loaded()
        ours = people.college()
        release = course(college=ours)
        for _number in range(30):
            enrolled(people.person(), release)
        client.force_login(people.member(ours, "college_author"), backend="lms.people.backends.SignInBackend")
        with django_assert_max_num_queries(12):
            client.get(reverse("learning:learners"), {"q": "", "state": "enrolled"})
