"""A recording is what the server finds in it; anything else is refused with a reason."""

from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from cms.content import AudioContent, VideoContent
from cms.models import CollegePage, CourseMedia, CoursePage
from cms.services import add_audio, add_video, approve, submit_for_approval
from courses.catalogue.models import Rendition
from lms.people.models import Organisation, User
from lms.rules.refusals import Refusal
from tests.factories.cms import (
    NOW,
    a_package_file,
    a_reading,
    a_sound_file,
    a_video_file,
    acting_as,
    approver,
    author,
    drafted_course,
    submitted_course,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\n仰卧入睡\n"


@pytest.fixture
def writer(db: None) -> User:
    packs_loaded()
    return author()


def _college(writer: User) -> Organisation:
    return writer.memberships.get().organisation


def _add(writer: User, file: Any, captions: str = "") -> CourseMedia:
    return add_video(
        college=_college(writer), title="示范", file=file, captions=captions, actor=acting_as(writer), now=NOW
    )


def _add_audio(writer: User, file: Any, captions: str = "") -> CourseMedia:
    return add_audio(
        college=_college(writer), title="访谈", file=file, captions=captions, actor=acting_as(writer), now=NOW
    )


def test_length_size_codec_hash_and_poster_are_found(writer: User) -> None:
    media = _add(writer, a_video_file(6), VTT)
    assert media.duration == pytest.approx(6, abs=0.6)
    assert (media.width, media.height, media.codec) == (64, 36, "h264")
    assert len(media.sha256) == 64
    assert media.thumbnail.open("rb").read(2) == b"\xff\xd8"
    assert media.captions.startswith("WEBVTT")


def test_a_header_that_claims_hours_is_not_believed(writer: User) -> None:
    raw = bytearray(a_video_file(4).read())
    at = raw.index(b"mvhd") + 4  # version and flags, created, modified, timescale, duration
    raw[at + 16 : at + 20] = (10 * 3600 * 1000).to_bytes(4, "big")
    media = _add(writer, ContentFile(bytes(raw), name="forged.mp4"))
    assert media.duration < 10


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"%PDF-1.7 no film at all", "lesson.mp4", "upload_wrong_kind"),
        (b"", "empty.mp4", "upload_empty"),
        (b"MZ\x90\x00" * 400, "program.mp4", "upload_wrong_kind"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" * 40, "photo.mp4", "upload_wrong_kind"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(4000), "head.mp4", "not_a_video"),
    ],
)
def test_what_is_no_video_is_refused_whatever_its_name(writer: User, content: bytes, name: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        _add(writer, ContentFile(content, name=name))
    assert refused.value.code == code
    assert not CourseMedia.objects.exists()


def test_a_zip_file_with_the_name_of_a_film_is_refused(writer: User) -> None:
    with pytest.raises(Refusal) as refused:
        _add(writer, a_package_file(name="lesson.mp4"))
    assert refused.value.code == "upload_wrong_kind"


def test_a_film_cut_off_before_its_index_is_refused(writer: User) -> None:
    whole = a_video_file(20).read()
    with pytest.raises(Refusal) as refused:
        _add(writer, ContentFile(whole[: len(whole) // 3], name="cut.mp4"))
    assert refused.value.code == "not_a_video"


@pytest.mark.parametrize(("form", "name"), [("mp4", "cut.mp4"), ("webm", "cut.webm")])
def test_a_film_cut_off_behind_its_index_is_refused_with_both_lengths(
    writer: User, form: str, name: str, tmp_path: Path
) -> None:
    whole = _with_index_first(tmp_path / name, 30, form)
    with pytest.raises(Refusal) as refused:
        _add(writer, ContentFile(whole[: len(whole) // 2], name=name))
    assert refused.value.code == "media_truncated"
    assert "应有 30 秒" in str(refused.value)


def test_a_film_whose_middle_is_nought_is_refused(writer: User, tmp_path: Path) -> None:
    whole = bytearray(_with_index_first(tmp_path / "whole.mp4", 30, "mp4"))
    middle = len(whole) // 3
    whole[middle : 2 * middle] = bytes(middle)
    with pytest.raises(Refusal) as refused:
        _add(writer, ContentFile(bytes(whole), name="holed.mp4"))
    assert refused.value.code == "not_a_video"


def _with_index_first(path: Path, seconds: int, form: str) -> bytes:
    """A film whose length is said at its beginning, as films for the web are written; grain makes it weigh something."""
    options = {"movflags": "faststart"} if form == "mp4" else {}
    with av.open(str(path), "w", format=form, options=options) as container:
        stream = container.add_stream("libx264" if form == "mp4" else "libvpx", rate=4)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.gop_size = 4
        for _number in range(seconds * 4):
            picture = Image.effect_noise((64, 36), 60).convert("RGB")
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode())
    return path.read_bytes()


def test_sound_alone_is_no_film(writer: User) -> None:
    with pytest.raises(Refusal) as refused:
        _add(writer, a_sound_file(codec="aac", name="sound.mp4"))
    assert refused.value.code == "no_video_stream"
    with pytest.raises(Refusal) as refused:
        _add(writer, a_sound_file(name="sound.mp4"))
    assert refused.value.code == "upload_wrong_kind"


@pytest.mark.parametrize(("codec", "name"), [("mp3", "讲座.mp3"), ("aac", "讲座.m4a")])
def test_sound_is_measured_too(writer: User, codec: str, name: str) -> None:
    media = _add_audio(writer, a_sound_file(5, codec=codec, name=name), VTT)
    assert media.duration == pytest.approx(5, abs=0.3)
    assert (media.type, media.codec, media.width) == ("audio", codec, None)
    assert not media.thumbnail
    assert not Rendition.objects.exists()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (lambda: a_video_file(name="film.m4a"), "is_a_video"),
        (lambda: ContentFile(b"ID3" + bytes(3000), name="silence.mp3"), "not_a_video"),
        (lambda: ContentFile(b"", name="empty.mp3"), "upload_empty"),
        (lambda: a_sound_file(name="sound.m4a"), "upload_renamed"),
        (lambda: a_sound_file(codec="alac", name="lossless.m4a"), "audio_codec"),
    ],
)
def test_what_is_no_sound_is_refused(writer: User, file: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        _add_audio(writer, file())
    assert refused.value.code == code


def test_sound_in_the_place_of_a_film_is_refused_when_submitted(writer: User) -> None:
    sound = _add_audio(writer, a_sound_file(5))
    with pytest.raises(Refusal) as refused:
        submitted_course(writer, a_reading(45), VideoContent("示范", sound.pk))
    assert refused.value.code == "media_misplaced"
    assert "放的是音频，不是视频" in str(refused.value)


def test_sound_is_frozen_with_its_transcript_and_chapters(writer: User) -> None:
    sound = _add_audio(writer, a_sound_file(6), VTT)
    page = submitted_course(writer, a_reading(45), AudioContent("访谈", sound.pk, ((0, "开始"), (2, "后来"))))
    lesson = approve(page=page, actor=acting_as(approver()), now=NOW).lessons.get(kind="audio")
    assert lesson.media == f"releases/{sound.sha256}.mp3"
    assert (lesson.seconds, lesson.captions, len(lesson.chapters)) == (int(sound.duration), VTT, 2)


def test_a_codec_no_browser_plays_is_refused(writer: User) -> None:
    with pytest.raises(Refusal) as refused:
        _add(writer, a_video_file(codec="mpeg4"))
    assert refused.value.code == "video_codec"


def test_a_film_too_large_is_refused_before_it_is_read(writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_video_file()
    file.size = 2 * 1024**3
    monkeypatch.setattr("cms.models.media.probe", None)  # nobody may open it
    with pytest.raises(Refusal) as refused:
        _add(writer, file)
    assert refused.value.code == "upload_too_large"


def test_a_request_of_two_gigabytes_is_turned_away_at_the_door(writer: User) -> None:
    client = Client()
    client.force_login(writer)
    answer = client.post(
        reverse("wagtailmedia:add", args=["video"]), {"title": "x"}, headers={"Content-Length": str(2 * 1024**3)}
    )
    assert answer.status_code == 413


def test_a_file_of_no_video_is_told_in_the_library_form(writer: User) -> None:
    client = Client()
    client.force_login(writer)
    branch = CollegePage.objects.get(organisation=_college(writer))
    address = reverse("wagtailmedia:add", args=["video"])
    data = {"title": "讲义", "file": ContentFile(b"not a film", name="x.mp4"), "collection": branch.collection_id}
    assert "的内容不是可接受的文件" in client.post(address, data).content.decode()
    good = {"title": "示范", "file": a_video_file(), "collection": branch.collection_id}
    good["captions_file"] = ContentFile(b"WEBVTT\n\nnonsense --> never\nx", name="x.vtt")
    assert "字幕第 3 行的时间写法不对" in client.post(address, good).content.decode()
    good = {"title": "示范", "file": a_video_file(), "collection": branch.collection_id}
    good["captions_file"] = ContentFile("1\n00:00:00,000 --> 00:00:02,000\n仰卧入睡".encode("gb18030"), name="x.srt")
    assert client.post(address, good).status_code == 302
    media = CourseMedia.objects.get()
    assert media.duration > 0
    assert "仰卧入睡" in media.captions
    assert Rendition.objects.get().media_sha256 == media.sha256


def test_a_release_keeps_its_film_when_the_library_loses_it(writer: User) -> None:
    media = _add(writer, a_video_file(4), VTT)
    lessons = (a_reading(45), VideoContent("示范", media.pk, ((0, "开始"), (2, "放下"))))
    page = submitted_course(writer, *lessons)
    lesson = approve(page=page, actor=acting_as(approver()), now=NOW).lessons.get(kind="video")
    media.file.storage.delete(media.file.name)
    CourseMedia.objects.filter(pk=media.pk).update(duration=9999)
    lesson.refresh_from_db()
    assert lesson.seconds == int(media.duration)
    assert lesson.media == f"releases/{lesson.media_sha256}.mp4"
    assert media.file.storage.exists(lesson.media)
    assert [chapter["at"] for chapter in lesson.chapters] == [0, 2]
    assert lesson.captions == VTT


def test_what_is_neither_video_nor_sound_has_no_place(writer: User) -> None:
    client = Client()
    client.force_login(writer)
    branch = CollegePage.objects.get(organisation=_college(writer))
    data = {"title": "x", "file": a_video_file(), "collection": branch.collection_id}
    answer = client.post(reverse("wagtailmedia:add", args=["media"]), data)
    assert "请选择上传视频，或上传音频" in answer.content.decode()


def test_a_course_with_no_lesson_is_told_so(writer: User) -> None:
    page = drafted_course(writer)
    page.lessons = "[]"
    page.save_revision()
    page.save()
    with pytest.raises(Refusal) as refused:
        submit_for_approval(page=page, actor=acting_as(writer), now=NOW)
    assert refused.value.code == "no_lessons"
    assert "至少要有一节" in str(refused.value)


def test_a_video_without_its_file_can_not_be_submitted(writer: User) -> None:
    with pytest.raises(Refusal) as refused:
        submitted_course(writer, a_reading(45), VideoContent("示范", 999_999))
    assert refused.value.code == "video_without_media"
    assert not CoursePage.objects.filter(live=True).exists()
