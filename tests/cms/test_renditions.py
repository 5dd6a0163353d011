"""A film is cut into pieces in the background: once per content, by one worker, from the beginning when one died."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import renditions
from cms.cutting import sizes_of
from cms.models import CourseMedia
from cms.renditions import ATTEMPTS_AT_MOST, GONE, INTERRUPTED, TakenOver, due, work_on
from cms.services import add_video
from cms.tasks import render, sweep
from courses.catalogue.models import Rendition, RenditionState
from lms.people.models import User
from tests.factories.catalogue import a_college
from tests.factories.cms import NOW, a_video_file, acting_as, author
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(db: None) -> User:
    packs_loaded()
    return author()


def _added(writer: User, seconds: int = 4) -> CourseMedia:
    college = writer.memberships.get().organisation
    return add_video(college=college, title="示范", file=a_video_file(seconds), actor=acting_as(writer), now=NOW)


def test_no_size_is_above_the_films_own() -> None:
    assert [(one.width, one.height) for one in sizes_of(1920, 1080)] == [(640, 360), (1280, 720)]
    assert [(one.width, one.height) for one in sizes_of(854, 480)] == [(640, 360)]
    assert [(one.width, one.height) for one in sizes_of(405, 720)] == [(202, 360), (404, 720)]
    assert [(one.width, one.height) for one in sizes_of(65, 37)] == [(64, 36)]


def test_a_film_becomes_pieces_a_player_can_play(writer: User, django_capture_on_commit_callbacks: Any) -> None:
    media = _added(writer, 14)
    made = Rendition.objects.get()
    render(str(made.pk))
    made.refresh_from_db()
    assert (made.state, made.progress, made.taken_until, made.problem) == (RenditionState.READY, 100, None, "")
    assert made.folder == f"renditions/{media.sha256}"
    master = storages["default"].open(f"{made.folder}/master.m3u8").read().decode()
    assert "36/index.m3u8" in master
    pieces = Path(storages["default"].path(f"{made.folder}/36/index.m3u8"))
    assert pieces.read_text().count("#EXTINF") == 3
    with av.open(str(pieces)) as container:
        assert container.duration / av.time_base == pytest.approx(14, abs=0.6)
        assert container.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _frame in container.decode(video=0)) == 28


def test_the_same_film_is_cut_once(writer: User) -> None:
    _added(writer)
    _added(author())
    assert Rendition.objects.count() == 1


def test_a_film_that_is_gone_fails_with_a_sentence(writer: User) -> None:
    media = _added(writer)
    media.file.storage.delete(media.file.name)
    made = Rendition.objects.get()
    assert work_on(rendition_id=made.pk, now=timezone.now())
    made.refresh_from_db()
    assert (made.state, made.problem) == (RenditionState.FAILED, GONE)
    assert not work_on(rendition_id=made.pk, now=timezone.now())


def test_a_worker_that_died_is_followed_by_another(writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _added(writer)
    made = Rendition.objects.get()
    now = timezone.now()
    with monkeypatch.context() as killed:
        killed.setattr(renditions, "cut", _killed)
        with pytest.raises(KeyboardInterrupt):
            work_on(rendition_id=made.pk, now=now)
    assert not due(now).exists()  # held
    later = now + renditions.HOLD + timedelta(seconds=1)
    assert due(later).get() == made
    assert work_on(rendition_id=made.pk, now=later)
    made.refresh_from_db()
    assert (made.state, made.attempts) == (RenditionState.READY, 2)


def _killed(*args: Any, **kwargs: Any) -> None:
    raise KeyboardInterrupt


def test_a_very_long_film_is_held_on_to(writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    _added(writer)
    now = timezone.now()

    def slow(file: Any, folder: Any, *, told: Any) -> None:
        for minutes in range(1, 9):  # less than a step in all that time
            moment = now + timedelta(minutes=minutes)
            monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
            told(1)
            assert not due(moment).exists()
        raise OSError

    monkeypatch.setattr(renditions, "cut", slow)
    assert work_on(rendition_id=Rendition.objects.get().pk, now=now)


def test_after_so_many_attempts_it_is_given_up(writer: User) -> None:
    _added(writer)
    Rendition.objects.update(state=RenditionState.WORKING, attempts=ATTEMPTS_AT_MOST, taken_until=NOW)
    sweep()
    work_on(rendition_id=Rendition.objects.get().pk, now=timezone.now())
    made = Rendition.objects.get()
    assert (made.state, made.problem) == (RenditionState.FAILED, INTERRUPTED)


def test_whoever_was_overtaken_writes_nothing(writer: User) -> None:
    _added(writer)
    slow = Rendition.objects.get()
    slow.attempts = 1
    Rendition.objects.update(state=RenditionState.WORKING, attempts=2)
    with pytest.raises(TakenOver):
        renditions._note(slow, state=RenditionState.READY)
    renditions._fail(slow, GONE)
    assert Rendition.objects.get().state == RenditionState.WORKING


def test_no_more_are_cut_at_once_than_allowed(writer: User, settings: Any) -> None:
    _added(writer, 4)
    _added(writer, 5)
    first, second = Rendition.objects.order_by("created_at")
    held = timezone.now() + timedelta(minutes=1)
    Rendition.objects.filter(pk=first.pk).update(state=RenditionState.WORKING, attempts=1, taken_until=held)
    assert not work_on(rendition_id=second.pk, now=timezone.now())
    settings.RENDITIONS_AT_ONCE = 2
    assert work_on(rendition_id=second.pk, now=timezone.now())


def test_the_list_shows_how_far_it_is_and_tries_again(writer: User, django_assert_max_num_queries: Any) -> None:
    media = _added(writer)
    Rendition.objects.update(state=RenditionState.WORKING, progress=42)
    client = Client()
    client.force_login(writer)
    with django_assert_max_num_queries(15):
        page = client.get(reverse("cms:recordings")).content.decode()
    assert "42 %" in page
    assert "hx-get" in client.get(reverse("cms:rendition", args=[media.pk])).content.decode()
    Rendition.objects.update(state=RenditionState.FAILED, problem=GONE, attempts=3)
    assert GONE in client.get(reverse("cms:recordings")).content.decode()
    assert client.post(reverse("cms:rendition-retry", args=[media.pk])).status_code == 302
    made = Rendition.objects.get()
    assert (made.state, made.attempts, made.problem) == (RenditionState.WAITING, 0, "")
    assert "hx-get" in client.get(reverse("cms:rendition", args=[media.pk])).content.decode()


def test_another_colleges_recordings_do_not_exist(writer: User) -> None:
    media = _added(writer)
    Rendition.objects.update(state=RenditionState.FAILED)
    client = Client()
    client.force_login(author(a_college()))
    assert "示范" not in client.get(reverse("cms:recordings")).content.decode()
    assert client.get(reverse("cms:rendition", args=[media.pk])).status_code == 404
    assert client.post(reverse("cms:rendition-retry", args=[media.pk])).status_code == 404
    assert Rendition.objects.get().state == RenditionState.FAILED
