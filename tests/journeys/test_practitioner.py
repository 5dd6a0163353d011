"""A practitioner with a phone: registers, learns a short course honestly, is certified, and sees who asked about them."""

import io
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from certificates.models import Certificate
from courses.catalogue.models import Release
from lms.demo.content import Slide
from lms.demo.video import render
from lms.ledger.models import HourEntry
from lms.people.models import Person, User
from tests.factories import assessment, hiring, people
from tests.factories.catalogue import quiz, released_course, video
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import PHONE, Visitor, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]
SECONDS = 8
NAME, NUMBER = "林知夏", "340104199505010061"
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:08.000\n单独睡、仰着睡、空着床。\n"


@pytest.fixture
def course(cities: None, tmp_path: Path) -> Release:
    """A film of eight seconds, a page of eight seconds and two questions, approved as one class-hour."""
    slides = [
        Slide(at=0, heading="安全睡眠三条底线", lines=("单独睡", "仰着睡"), timer=False),
        Slide(at=4, heading="睡着以后", lines=("看脸色", "看呼吸"), timer=False),
    ]
    film = tmp_path / "film.mp4"
    render(slides, SECONDS, film)
    name = default_storage.save("releases/safe-sleep.mp4", ContentFile(film.read_bytes()))
    college = people.college(name="申江开放大学")
    bank = assessment.bank(college)
    questions = [assessment.question(bank, "single", stem="婴儿入睡时应采用什么姿势？") for _ in range(2)]
    page = {
        "kind": "reading",
        "title": "睡前检查",
        "seconds": SECONDS,
        "body": "<h2>三看</h2><p>看床面、看温度、看孩子。</p>",
    }
    film_lesson = {**video(SECONDS, "安全睡眠三条底线", name), "captions": CAPTIONS}
    return released_course(
        college=college,
        class_hours=Decimal(1),
        lessons=[film_lesson, page, quiz(questions)],
        summary="让每一次午睡都安全：睡眠环境、睡姿和巡视。",
        published_at=timezone.now(),
    )


def registers(visitor: Visitor) -> Person:
    visitor.open("/")
    visitor.open("/register/")
    visitor.press("注册")
    visitor.sees("真实姓名")
    number = NUMBER
    visitor.fill(
        name=NAME,
        document_number=number,
        phone="13900000001",
        region_code=people.PUDONG,
        username="linzhixia",
        password=people.PASSWORD,
        password_again=people.PASSWORD,
    )
    visitor.field("consent").check()
    visitor.press("注册")
    visitor.sees("年度学习", "0 / 72", "0 / 40")
    person = User.objects.get(username="linzhixia").person
    assert person is not None
    return person


def learns(visitor: Visitor) -> None:
    page, done = visitor.page, visitor.page.locator("[data-player-done]")
    page.locator("video").evaluate("video => { video.muted = true; return video.play(); }")
    done.wait_for(state="visible", timeout=40_000)
    visitor.look()
    visitor.follow("下一课")
    visitor.sees("睡前检查")
    done.wait_for(state="visible", timeout=40_000)
    visitor.look()
    visitor.follow("下一课")


def sits_the_quiz(visitor: Visitor) -> None:
    visitor.press("开始测验")
    for question in visitor.page.locator("fieldset.question").all():
        question.get_by_text("仰卧").click()
    visitor.look()
    visitor.press("检查并交卷")
    visitor.sees("全部题目都已作答")
    visitor.press("交卷")
    visitor.sees("通过", "正确答案")


def keeps_the_certificate(visitor: Visitor, title: str) -> None:
    visitor.open("/certificates/")
    visitor.sees(title)
    with pikepdf.open(io.BytesIO(visitor.download("下载 PDF"))) as paper:
        assert len(paper.pages) >= 1
    visitor.follow("核验页")
    visitor.sees("有效", f"{NAME[0]}**")
    assert NAME not in visitor.page.content()


def test_from_registration_to_the_certificate(new_visitor: NewVisitor, course: Release) -> None:
    visitor = new_visitor("practitioner", size=PHONE)
    person = registers(visitor)
    visitor.follow("课程", within=".bar")
    visitor.follow(course.title)
    visitor.press("报名学习")
    visitor.follow("开始学习")
    learns(visitor)
    assert not HourEntry.objects.filter(person=person).exists()
    sits_the_quiz(visitor)
    visitor.open("/home/")
    visitor.sees("1 / 72 学时")
    keeps_the_certificate(visitor, course.title)
    assert Certificate.objects.get(person=person).serial
    hiring.checked(people.institution(name="春芽托育中心"), person, now=timezone.now())
    visitor.open("/home/")
    visitor.follow("谁查过我", within=".bar")
    visitor.sees("春芽托育中心", "未见禁入")
    for path in ("/hours/", "/me/", "/inbox/", "/courses/"):
        visitor.open(path)
