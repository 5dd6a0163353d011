"""What a lesson plays goes to those enrolled, in the stretches they ask for."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse

from courses.learning.services import withdraw
from tests.factories import people
from tests.factories.catalogue import MASTER, reading, released_course, rendition, video
from tests.factories.learning import NOON, SYSTEM, enrolled
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
FILM = bytes(range(256)) * 8


@pytest.fixture
def lesson():
    packs_loaded()
    name = storages["default"].save("releases/film.mp4", ContentFile(FILM))
    college = people.college()
    return released_course(college=college, lessons=[video(40, media=name), reading(45)]).lessons.get(position=1)


def sign_in(client, user):
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


@pytest.fixture
def learner(client, lesson):
    user = people.practitioner()
    enrolled(user.person, lesson.release)
    return sign_in(client, user)


def url(lesson, name="media"):
    return reverse(f"learning:{name}", args=[lesson.pk])


def body(response) -> bytes:
    return response.getvalue() if hasattr(response, "getvalue") else b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        (None, 200, 0, 2047),
        ("bytes=0-", 206, 0, 2047),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=100-199", 206, 100, 199),
        ("bytes=2000-99999", 206, 2000, 2047),
        ("bytes=-10", 206, 2038, 2047),
        ("bytes=0-1,5-6", 200, 0, 2047),
        (f"bytes={'9' * 5000}-", 200, 0, 2047),
        ("lines=1-2", 200, 0, 2047),
    ],
)
def test_ranges(learner, lesson, asked, status, first, last):
    headers = {"Range": asked} if asked else {}
    response = learner.get(url(lesson), headers=headers)
    assert response.status_code == status
    assert body(response) == FILM[first : last + 1]
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "video/mp4"
    if status == 206:
        assert response["Content-Range"] == f"bytes {first}-{last}/2048"


@pytest.mark.parametrize("asked", ["bytes=2048-", "bytes=9-3", "bytes=-0"])
def test_ranges_that_can_not_be_met(learner, lesson, asked):
    response = learner.get(url(lesson), headers={"Range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */2048")


def test_a_changed_film_is_sent_whole(learner, lesson):
    response = learner.get(url(lesson), headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert response.status_code == 200
    assert learner.head(url(lesson)).headers["Accept-Ranges"] == "bytes"


def test_captions(learner, lesson):
    response = learner.get(url(lesson, "captions"))
    assert response["Content-Type"].startswith("text/vtt")
    assert response.content.startswith(b"WEBVTT")


def streamed(client, lesson, name, **headers):
    return client.get(reverse("learning:stream", args=[lesson.pk, name]), headers=headers)


def test_a_rendition_is_served_piece_by_piece(learner, lesson):
    rendition(lesson)
    master = streamed(learner, lesson, "master.m3u8")
    assert body(master) == MASTER.encode()
    assert master["Content-Type"] == "application/vnd.apple.mpegurl"
    piece = streamed(learner, lesson, "360p/0.ts", Range="bytes=1-2")
    assert (piece.status_code, body(piece), piece["Content-Type"]) == (206, b"ie", "video/mp2t")


@pytest.mark.parametrize("state", ["waiting", "working", "failed"])
def test_a_rendition_not_ready_is_not_found(learner, lesson, state):
    rendition(lesson, state)
    assert streamed(learner, lesson, "master.m3u8").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["../film.mp4", "360p/../../film.mp4", "a/b/0.ts", "360p/", "/etc/passwd", "master.m3u8.bak", "0.TS", "９.ts"],
)
def test_nothing_but_pieces_leaves_its_folder(learner, lesson, name):
    rendition(lesson)
    storages["default"].save("renditions/film.mp4", ContentFile(FILM))
    assert streamed(learner, lesson, name).status_code == 404


def test_a_rendition_is_for_those_enrolled(client, lesson):
    rendition(lesson)
    sign_in(client, people.practitioner())
    assert [streamed(client, lesson, name).status_code for name in ("master.m3u8", "360p/0.ts")] == [404] * 2


def test_what_is_not_there_is_not_found(learner, lesson):
    other = lesson.release.lessons.get(position=2)
    assert [learner.get(url(other, name)).status_code for name in ("media", "poster", "captions")] == [404] * 3


def test_not_for_those_who_are_not_enrolled(client, lesson):
    assert client.get(url(lesson)).status_code == 302
    user = people.practitioner()
    sign_in(client, user)
    assert [client.get(url(lesson, name)).status_code for name in ("media", "poster", "captions")] == [404] * 3
    enrolment = enrolled(user.person, lesson.release)
    assert client.get(url(lesson)).status_code == 200
    withdraw(enrolment=enrolment, reason="", actor=SYSTEM, now=NOON)
    assert client.get(url(lesson)).status_code == 404


def test_for_its_own_college_and_the_bureau(client, lesson):
    sign_in(client, people.member(lesson.release.course.college, "college_author"))
    assert client.get(url(lesson)).status_code == 200
    sign_in(client, people.member(people.college(), "college_author"))
    assert client.get(url(lesson)).status_code == 404
