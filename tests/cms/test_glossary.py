"""Terms and reusable texts: a college's own, put in their places when a course is shown or frozen."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.content import ReadingContent, VideoContent
from cms.drafts import preview_lessons
from cms.glossary import terms_in
from cms.models import CollegePage, GlossaryTerm, ReusableText
from cms.services import add_video, approve, retire_text, save_term
from courses.catalogue.models import Release
from lms.people.models import User
from lms.rules.refusals import Refusal
from tests.factories import people
from tests.factories.catalogue import a_college
from tests.factories.cms import (
    NOW,
    a_picture,
    a_reading,
    a_term,
    a_text,
    a_video_file,
    acting_as,
    approver,
    author,
    drafted_course,
    editor_data,
    submitted_course,
    text_of,
)
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(db: None) -> User:
    packs_loaded()
    return author()


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _released(writer: User, *lessons: Any) -> Release:
    page = submitted_course(writer, *lessons)
    return approve(page=page, actor=acting_as(approver()), now=NOW)


# Terms ------------------------------------------------------------------------------------------------------------


def test_a_release_holds_the_terms_that_occur_in_it(writer: User) -> None:
    for term in ("回应性照护", "仰卧", "SIDS", "没有出现"):
        a_term(writer, term, f"{term}的解释")
    captions = "WEBVTT\n\n00:00.000 --> 00:02.000\n仰卧入睡\n"
    college = writer.memberships.get().organisation
    film = add_video(
        college=college, title="x", file=a_video_file(4), captions=captions, actor=acting_as(writer), now=NOW
    )
    reading = ReadingContent("回应性照护", ({"type": "paragraph", "text": "sids 与睡眠" + text_of(45)},))
    release = _released(writer, reading, VideoContent("示范", film.pk))
    assert [entry["term"] for entry in release.glossary] == ["SIDS", "仰卧", "回应性照护"]
    assert release.glossary[1]["text"] == "仰卧的解释"


def test_whoever_approves_reads_the_terms_too(writer: User) -> None:
    a_term(writer, "睡眠环境", "孩子睡觉的地方")
    page = submitted_course(writer)
    for name in ("cms:preview", "cms:approval"):
        assert "孩子睡觉的地方" in _signed_in(approver()).get(reverse(name, args=[page.pk])).content.decode()


def test_what_was_published_keeps_its_explanation(writer: User) -> None:
    term = a_term(writer, "睡眠环境", "旧的解释")
    release = _released(writer)
    save_term(college=term.college, term="睡眠环境", text="新的解释", existing=term, actor=acting_as(writer), now=NOW)
    release.refresh_from_db()
    assert release.glossary == [{"term": "睡眠环境", "text": "旧的解释"}]


def test_a_latin_term_is_a_word_of_its_own(writer: User) -> None:
    college = a_term(writer, "AED").college
    assert terms_in(["墙上的AED在这里"], college)
    assert terms_in(["an aed, here"], college)
    assert not terms_in(["shaed waeds"], college)


def test_terms_of_another_college_do_not_occur(writer: User) -> None:
    a_term(author(a_college()), "睡眠环境")
    assert _released(writer).glossary == []


def test_a_term_is_explained_once_and_never_empty(writer: User) -> None:
    a_term(writer, "仰卧")
    for term, text, code in (("仰卧", "又一次", "term_exists"), (" ", "x", "term_empty"), ("x", " ", "term_empty")):
        with pytest.raises(Refusal) as refused:
            a_term(writer, term, text)
        assert refused.value.code == code
    a_term(author(a_college()), "仰卧")
    assert GlossaryTerm.objects.count() == 2


def test_terms_are_written_in_the_browser(writer: User) -> None:
    client, address = _signed_in(writer), reverse("cms:terms")
    assert "没有术语" in client.get(address).content.decode()
    assert client.post(address, {"term": "仰卧", "text": "面朝上"}).status_code == 302
    assert client.post(address, {"term": "仰卧", "text": "重复"}).status_code == 422
    term = GlossaryTerm.objects.get()
    assert client.post(reverse("cms:term", args=[term.pk]), {"term": "仰卧", "text": "面朝上躺"}).status_code == 302
    assert "面朝上躺" in client.get(address + "?q=仰").content.decode()
    assert "面朝上躺" not in client.get(address + "?q=俯").content.decode()
    assert client.post(reverse("cms:term-remove", args=[term.pk])).status_code == 302
    assert not GlossaryTerm.objects.exists()


def test_another_colleges_terms_and_texts_do_not_exist(writer: User) -> None:
    term, text = a_term(writer, "甲校术语"), a_text(writer, "甲校文字")
    client = _signed_in(author(a_college()))
    assert "甲校术语" not in client.get(reverse("cms:terms")).content.decode()
    assert "甲校文字" not in client.get(reverse("cms:texts")).content.decode()
    assert client.get(reverse("cms:term", args=[term.pk])).status_code == 404
    assert client.get(reverse("cms:text", args=[text.pk])).status_code == 404
    learner = _signed_in(people.practitioner())
    for address in (reverse("cms:text", args=[text.pk]), reverse("cms:text-new")):
        assert learner.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    for name, thing in (("term-remove", term), ("text-retire", text)):
        assert client.post(reverse(f"cms:{name}", args=[thing.pk])).status_code == 404
    assert GlossaryTerm.objects.exists()


# Reusable texts ---------------------------------------------------------------------------------------------------


def _holding(text: ReusableText, minutes: int = 45) -> ReadingContent:
    blocks = ({"type": "paragraph", "text": text_of(minutes)}, {"type": "reusable", "text": text.pk})
    return ReadingContent("阅读", blocks)


def test_a_reading_shows_the_text_as_it_is_now_and_a_release_as_it_was(writer: User) -> None:
    text = a_text(writer, "急救", {"type": "paragraph", "text": "拨打 120。"}, {"type": "heading", "text": "随后"})
    page = submitted_course(writer, _holding(text))
    assert "拨打 120。" in preview_lessons(page)[0]["body"]
    release = approve(page=page, actor=acting_as(approver()), now=NOW)
    body = release.lessons.get().body
    assert "拨打 120。" in body
    assert "<h3>随后</h3>" in body
    text.body = a_text(writer, "另一个", {"type": "paragraph", "text": "改了"}).body
    text.save()
    assert "改了" in preview_lessons(page)[0]["body"]
    release.refresh_from_db()
    assert "拨打 120。" in release.lessons.get().body


def test_its_words_and_exercises_count_as_reading(writer: User) -> None:
    practice = {"type": "practice", "title": "洗手", "minutes": 5, "steps": ["湿"]}
    text = a_text(writer, "练习", {"type": "paragraph", "text": text_of(10)}, practice)
    page = drafted_course(writer, _holding(text, minutes=10))
    reading = page.lessons[0].value
    assert reading.expected_minutes == 26  # a begun minute counts


def test_a_retired_text_stays_where_it_is_and_is_marked(writer: User) -> None:
    text = a_text(writer, "旧规定")
    page = drafted_course(writer, _holding(text))
    retire_text(text=text, actor=acting_as(writer), now=NOW)
    editor = _signed_in(writer).get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "\\u65e7\\u89c4\\u5b9a" in editor or "旧规定（已停用）" in editor
    assert preview_lessons(page)[0]["body"]


def test_another_colleges_text_is_refused(writer: User) -> None:
    text = a_text(author(a_college()), "别人的")
    with pytest.raises(Refusal) as refused:
        submitted_course(writer, a_reading(45), _holding(text))
    assert refused.value.code == "foreign_text"
    reading = ("reading", {"title": "阅读", "minutes": "", "body": streamfield([("reusable", str(text.pk))])})
    page = drafted_course(writer)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    _signed_in(writer).post(address, editor_data(page, reading, title="偷来的"))
    assert "偷来的" not in page.get_latest_revision_as_object().title


def test_another_colleges_picture_in_a_text_is_refused(writer: User) -> None:
    other = CollegePage.objects.get(organisation=author(a_college()).memberships.get().organisation)
    image = Image.objects.create(title="别人的", file=a_picture(), collection=other.collection)
    with pytest.raises(Refusal) as refused:
        a_text(writer, "配图", {"type": "image", "image": image.pk, "description": "x", "caption": ""})
    assert refused.value.code == "foreign_file"


def test_a_text_is_written_in_wagtails_editor(writer: User) -> None:
    client = _signed_in(writer)
    assert client.get(reverse("cms:text-new")).status_code == 200
    body = streamfield([("paragraph", rich_text("<p>拨打 120。</p>")), ("heading", "随后")])
    data = dict(nested_form_data({"title": "急救电话", "body": body}))
    assert client.post(reverse("cms:text-new"), data).status_code == 302
    text = ReusableText.objects.get()
    assert (text.title, len(text.body)) == ("急救电话", 2)
    assert client.post(reverse("cms:text-new"), data).status_code == 422  # the title is taken
    assert client.get(reverse("cms:text", args=[text.pk])).status_code == 200
    renamed = {**data, "title": "急救"}
    assert client.post(reverse("cms:text", args=[text.pk]), renamed).status_code == 302
    assert "急救" in client.get(reverse("cms:texts")).content.decode()
    assert ReusableText.objects.get().changed_at <= timezone.now()


def test_the_lists_need_few_queries(writer: User, django_assert_max_num_queries: Any) -> None:
    for number in range(8):
        a_term(writer, f"术语{number}")
        a_text(writer, f"文字{number}")
    client = _signed_in(writer)
    for name in ("cms:terms", "cms:texts", "cms:packages", "cms:recordings"):
        with django_assert_max_num_queries(15):
            assert client.get(reverse(name)).status_code == 200
