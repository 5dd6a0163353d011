"""Terms are explained, twelve courses are written, submitted and approved.

Later a new version waits for the bureau, another for its college's publisher, and a third was sent back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile

from cms.content import AudioContent, LessonContent
from cms.models import CoursePage
from cms.services import (
    add_audio,
    approve,
    forward,
    return_with_comment,
    revise_course_page,
    save_term,
    submit_for_approval,
)
from courses.assessment.models import QuestionBank
from lms.demo import sound
from lms.demo.authoring import course_content, write_course
from lms.demo.calendar import at
from lms.demo.content import Course, load_courses, load_terms
from lms.demo.load.world import World
from lms.demo.video import webvtt
from lms.people.models import Role

WAITS = ("safe-sleep", "（新增：转奶期夜间照护）")
AT_PUBLISHER = ("professional-boundaries", "（新增：发火之前的呼吸练习）")
SOUND = "听一听：发火之前，先做四次呼吸"
SENT_BACK = ("responsive-feeding", "（新增：过敏家庭的辅食添加）")
COMMENT = "第三节新增的过敏处理流程与《托育机构婴幼儿喂养与营养指南（试行）》的表述不一致，请核对出处后再提交。"


def publish(world: World) -> None:
    """Everything that can be learned in this year. Releases keep the terms as they are explained before."""
    _explain(world)
    for number, course in enumerate(load_courses()):
        written = at(world.opens, 9, number) + timedelta(days=4)
        author = world.member(course.college, Role.COLLEGE_AUTHOR)
        college = world.bodies[course.college]
        page = write_course(course=course, college=college, actor=author, now=written)
        page = submit_for_approval(page=page, actor=author, now=written + timedelta(days=1))
        publisher = world.member(course.college, Role.COLLEGE_PUBLISHER)
        page = forward(page=page, actor=publisher, now=written + timedelta(days=2))
        approver = world.officer(Role.BUREAU_APPROVER, college.region_code)
        release = approve(page=page, actor=approver, now=written + timedelta(days=3))
        assert release is not None
        world.releases[course.slug] = release
    world.agenda.add(world.now - timedelta(days=4, hours=3), partial(_put_forward, world, *WAITS))
    world.agenda.add(world.now - timedelta(days=6), partial(_put_forward, world, *SENT_BACK))
    world.agenda.add(world.now - timedelta(days=5), partial(_send_back, world, SENT_BACK[0]))
    world.agenda.add(world.now - timedelta(hours=20), partial(_add_sound, world, *AT_PUBLISHER))


def _explain(world: World) -> None:
    now = at(world.opens, 8) + timedelta(days=4)
    for term in load_terms():
        author = world.member(term.college, Role.COLLEGE_AUTHOR)
        save_term(college=world.bodies[term.college], term=term.term, text=term.text, actor=author, now=now)


def _put_forward(world: World, slug: str, addition: str, now: datetime) -> None:
    page = _revise(world, slug, addition, now)
    publisher = world.member(_course(slug).college, Role.COLLEGE_PUBLISHER)
    forward(page=page, actor=publisher, now=now + timedelta(hours=2))


def _add_sound(world: World, slug: str, addition: str, now: datetime) -> None:
    college = _course(slug).college
    media = add_audio(
        college=world.bodies[college],
        title=SOUND,
        file=ContentFile(sound.breathing(), name="breathing.mp3"),
        captions=webvtt(sound.transcript()),
        actor=world.member(college, Role.COLLEGE_AUTHOR),
        now=now,
    )
    _revise(world, slug, addition, now, AudioContent(SOUND, media.pk))


def _revise(world: World, slug: str, addition: str, now: datetime, *more: LessonContent) -> CoursePage:
    """A new version as its author hands it in, with ``more`` lessons before the quiz."""
    course, page = _course(slug), _page(world, slug)
    author, college = world.member(course.college, Role.COLLEGE_AUTHOR), world.bodies[course.college]
    bank = QuestionBank.objects.get(college=college, name=course.title)
    content = course_content(
        course=course,
        bank=bank,
        college=college,
        actor=author,
        now=now,
        summary=course.summary + addition,
        notes=addition.strip("（）"),
    )
    content = replace(content, lessons=(*content.lessons[:-1], *more, content.lessons[-1]))
    page = revise_course_page(page=page, content=content, actor=author, now=now)
    return submit_for_approval(page=page, actor=author, now=now + timedelta(minutes=20))


def _send_back(world: World, slug: str, now: datetime) -> None:
    approver = world.officer(Role.BUREAU_APPROVER, world.bodies[_course(slug).college].region_code)
    return_with_comment(page=_page(world, slug), comment=COMMENT, actor=approver, now=now)


def _course(slug: str) -> Course:
    return next(course for course in load_courses() if course.slug == slug)


def _page(world: World, slug: str) -> CoursePage:
    page: CoursePage = CoursePage.objects.get(translation_key=world.releases[slug].course_id)
    return page
