"""The catalogue's pages: open to all, searchable, and telling a practitioner why a course counts."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from courses.catalogue.files import freeze
from tests.catalogue.people import practitioner_client
from tests.factories.catalogue import a_college, released_course, video
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db
INDEX = "/courses/"


@pytest.fixture
def learner(db: None) -> Client:
    packs_loaded()
    return _practitioner("310115")


def _practitioner(region: str) -> Client:
    return practitioner_client(region)[0]


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_may_read_it() -> None:
    release = released_course(title="喂养", lessons=[video(2700, "示范")])
    assert "喂养" in _text(Client(), INDEX)
    page = _text(Client(), reverse("catalogue:course", args=[release.course_id]))
    assert "示范" in page
    assert "登录后报名" in page
    assert "45 分钟" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=喂养", {"喂养"}),
        ("q=sleep", {"睡眠"}),
        ("category=ethics", {"师德"}),
        ("topic=safety", {"睡眠"}),
        ("delivery=blended", {"喂养"}),
        ("hours_to=1", {"师德"}),
        ("hours_from=1.5&hours_to=4", {"睡眠"}),
        ("hours_from=4.5", {"喂养"}),
        ("hours_from=unknown&category=nonsense&college=x", {"喂养", "睡眠", "师德"}),
        ("q=没有", set()),
    ],
)
def test_search_and_filters(query: str, found: set[str]) -> None:
    released_course(title="喂养", topic="professional_skills", delivery="blended", class_hours="6.0")
    released_course(title="睡眠", title_en="Safe sleep", class_hours="2.0")
    released_course(title="师德", category="ethics", topic="professional_ethics", class_hours="1.0")
    shown = _text(Client(), f"{INDEX}?{query}")
    assert {title for title in ("喂养", "睡眠", "师德") if f">{title}</a>" in shown} == found


def test_only_the_newest_release_of_open_courses_of_admitted_colleges_is_listed() -> None:
    old = released_course(title="旧版")
    released_course(title="新版", course=old.course)
    gone = released_course(title="下架")
    gone.course.withdrawn_at = datetime(2026, 2, 1, tzinfo=UTC)
    gone.course.save()
    waiting = a_college()
    waiting.status = "applied"
    waiting.save()
    released_course(title="未准入", college=waiting)
    shown = _text(Client(), INDEX)
    assert "新版" in shown
    assert not any(title in shown for title in ("旧版", "下架", "未准入"))
    assert "较早的版本" in _text(Client(), reverse("catalogue:release", args=[old.pk]))
    assert "旧版" not in _text(Client(), reverse("catalogue:course", args=[old.course_id]))


def test_a_practitioner_reads_why_it_counts(learner: Client) -> None:
    release = released_course(class_hours="2.0")
    page = _text(learner, reverse("catalogue:course", args=[release.course_id]))
    assert "每年 72 学时中的 2.0 学时" in page
    assert "还差 72 学时" in page
    assert reverse("catalogue:index") in page


def test_a_course_for_elsewhere_says_so(learner: Client) -> None:
    released_course(regions=["110000"])
    assert "不适用于您所在的地区" in _text(learner, INDEX)


def test_a_place_without_yearly_hours_says_so(learner: Client) -> None:
    released_course()
    assert "没有规定年度学时" in _text(_practitioner("320102"), INDEX)


def test_the_list_is_in_pages() -> None:
    for number in range(13):
        released_course(title=f"课程{number:02d}", class_hours=Decimal("1.0"))
    assert "共 2 页" in _text(Client(), INDEX)
    assert "课程12" in _text(Client(), INDEX + "?page=2")


def test_few_queries_however_many_courses(learner: Client, django_assert_max_num_queries: object) -> None:
    for _number in range(10):
        release = released_course()
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        learner.get(INDEX)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        learner.get(reverse("catalogue:course", args=[release.course_id]))


def test_covers_are_public_and_other_frozen_files_are_not() -> None:
    out = BytesIO()
    Image.new("RGB", (8, 8)).save(out, format="PNG")
    picture = freeze(ContentFile(out.getvalue(), name="x.png"), suffix=".png")
    film = freeze(ContentFile(b"film", name="x.mp4"), suffix=".mp4")
    release = released_course(cover=picture.name)
    assert Client().get(reverse("catalogue:cover", args=[release.pk])).status_code == 200
    address = reverse("catalogue:file", args=[picture.name.removeprefix("releases/")])
    assert Client().get(address).status_code == 302
    member = _practitioner("310115")
    assert member.get(address).status_code == 200
    assert member.get(reverse("catalogue:file", args=[film.name.removeprefix("releases/")])).status_code == 404
    assert member.get(reverse("catalogue:file", args=["nothing.png"])).status_code == 404
