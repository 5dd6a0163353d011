"""From the policy to the last classroom day: bodies are admitted, courses written and approved, one person learns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cms.services import approve, forward, revise_course_page, submit_for_approval
from courses.assessment.models import QuestionBank
from courses.catalogue.models import Lesson, LessonKind, Release
from courses.classroom.models import Session
from courses.classroom.services import open_session
from courses.learning.models import LessonCompletion
from courses.learning.services import beat, close_lease, enrol, open_lease
from lms.demo.authoring import course_content, write_course
from lms.demo.calendar import at
from lms.demo.journey.story import MAIN, PASSWORD, PLATFORM, PUDONG, REST, SHANGHAI, YANGPU, Story, expect, refused
from lms.demo.learners import Learner
from lms.demo.numbers import credit_code, resident_number
from lms.people.models import OrganisationKind, Role, User
from lms.people.services import apply_organisation, decide_admission, found_bureau, register_practitioner
from lms.people.services.memberships import add_member
from lms.policy.services import load_policy, pack_in_force


def policy_is_loaded(story: Story) -> str:
    loaded = load_policy(actor=PLATFORM, now=story.before(60))
    again = load_policy(actor=PLATFORM, now=story.before(60))
    expect(len(loaded) == 5 and not any(one.created for one in again), "five packs, once")
    pack = pack_in_force(SHANGHAI, story.today)
    hours = "，".join(f"{one.title} {one.class_hours:g}" for one in pack.annual_requirements)
    return _("%(count)d 个城市；上海 %(version)s：%(hours)s 学时") % {
        "count": len(loaded),
        "version": pack.version,
        "hours": hours,
    }


def bureaus_are_there(story: Story) -> str:
    now = story.before(59)
    story.health_bureau = found_bureau(
        kind=OrganisationKind.HEALTH_BUREAU, name="上海市卫生健康委员会", region_code=SHANGHAI, actor=PLATFORM, now=now
    )
    story.hr_bureau = found_bureau(
        kind=OrganisationKind.HR_BUREAU,
        name="上海市人力资源和社会保障局",
        region_code=SHANGHAI,
        actor=PLATFORM,
        now=now,
    )
    for who, name, organisation, role in (
        ("registrar", "方守正", story.health_bureau, Role.REGISTRAR),
        ("confirming", "季清和", story.health_bureau, Role.CONFIRMING_REGISTRAR),
        ("auditor", "柳问之", story.hr_bureau, Role.BUREAU_AUDITOR),
        ("approver", "梅允中", story.hr_bureau, Role.BUREAU_APPROVER),
    ):
        story.staff(who, name, organisation, role, now)
    return _("两个主管部门，四名工作人员")


def bodies_are_admitted(story: Story) -> str:
    applied, decided = story.before(58), story.before(57)
    story.college = apply_organisation(
        kind=OrganisationKind.COLLEGE,
        name="申江开放大学",
        credit_code=credit_code(region=YANGPU, sequence=1),
        region_code=YANGPU,
        contact_name="陆知行",
        contact_phone="19900000001",
        username="publisher",
        password=PASSWORD,
        now=applied,
    )
    story.institution = apply_organisation(
        kind=OrganisationKind.INSTITUTION,
        name="浦东新区春芽托育中心",
        credit_code=credit_code(region=PUDONG, sequence=2),
        region_code=PUDONG,
        contact_name="米秀兰",
        contact_phone="19900000002",
        username="manager",
        password=PASSWORD,
        now=applied,
    )
    wrong_desk = refused(
        "role_required",
        lambda: decide_admission(
            organisation=story.college, admit=True, reason="", actor=story.actor("registrar", decided), now=decided
        ),
    )
    expect(wrong_desk, "the health bureau admits no college")
    for organisation, officer in ((story.college, "auditor"), (story.institution, "registrar")):
        decide_admission(
            organisation=organisation, admit=True, reason="", actor=story.actor(officer, decided), now=decided
        )
    for username in ("publisher", "manager"):
        story.users[username] = User.objects.get(username=username)
    for who, name, role in (("author", "顾明澜", Role.COLLEGE_AUTHOR), ("teacher", "唐书言", Role.COLLEGE_TEACHER)):
        story.users[who] = add_member(
            organisation=story.college,
            role=role,
            username=who,
            name=name,
            phone="",
            password=PASSWORD,
            actor=story.actor("publisher", decided),
            now=decided,
        ).user
    return f"{story.college.name}，{story.institution.name}"


def courses_are_written(story: Story) -> str:
    now = story.before(50)
    author = story.actor("author", now)
    course = story.course(MAIN)
    page = write_course(course=course, college=story.college, actor=author, now=now, class_hours=Decimal(20))
    too_much = refused("claims_too_much", lambda: submit_for_approval(page=page, actor=author, now=now))
    bank = QuestionBank.objects.get(college=story.college, name=course.title)
    content = course_content(course=course, bank=bank, college=story.college, actor=author, now=now)
    page = revise_course_page(page=page, content=content, actor=author, now=now)
    publisher = story.actor("publisher", now)
    page = submit_for_approval(page=page, actor=author, now=now)
    early = refused("not_under_review", lambda: approve(page=page, actor=story.actor("approver", now), now=now))
    expect(early, "the bureau decides over nothing its college did not forward")
    story.pages[MAIN] = forward(page=page, actor=publisher, now=now)
    for slug in REST:
        page = write_course(course=story.course(slug), college=story.college, actor=author, now=now)
        page = submit_for_approval(page=page, actor=author, now=now)
        story.pages[slug] = forward(page=page, actor=publisher, now=now)
    return _("%(count)d 门提交；多报时被拒：%(refusal)s") % {"count": len(story.pages), "refusal": too_much}


def releases_are_frozen(story: Story) -> str:
    now = story.before(45)
    approver = story.actor("approver", now)
    for slug, page in story.pages.items():
        release = approve(page=page, comment="", actor=approver, now=now)
        assert release is not None
        story.releases[slug] = release
    second = refused("not_under_review", lambda: approve(page=story.pages[MAIN], actor=approver, now=now))
    expect(second, "a second approval is refused")
    main = story.releases[MAIN]
    return _("%(count)d 个版本；%(title)s 第 %(number)d 版，%(lessons)d 课节，%(minutes)d 分钟，%(hash)s…") % {
        "count": len(story.releases),
        "title": main.title,
        "number": main.number,
        "lessons": main.lessons.count(),
        "minutes": main.content_minutes,
        "hash": main.content_hash[:12],
    }


def practitioner_enrols(story: Story) -> str:
    now = story.before(3)
    born = story.today.replace(year=story.today.year - 31, day=1)
    story.practitioner_number = resident_number(home="340104", born=born, sex="F", sequence=7)
    written = story.practitioner_number.lower()
    user = register_practitioner(
        name="林知夏",
        document_type="resident_id",
        document_number=written,
        region_code=PUDONG,
        username="linzhixia",
        phone="19900000003",
        password=PASSWORD,
        now=now,
    )
    assert user.person is not None
    story.users["linzhixia"], story.practitioner = user, user.person
    actor = story.actor("linzhixia", now)
    for slug, release in story.releases.items():
        story.enrolments[slug] = enrol(person=user.person, release=release, actor=actor, now=now)
        again = enrol(person=user.person, release=release, actor=actor, now=now)
        expect(again.pk == story.enrolments[slug].pk, "enrolled twice is enrolled once")
    story.learner = Learner(person=user.person, actor=actor, seed="journey", one_stroke=False)
    return _("%(name)s，%(count)d 门课程") % {"name": user.person.name, "count": len(story.enrolments)}


def nobody_outruns_the_clock(story: Story) -> str:
    """A player that claims the whole lesson after a quarter of a minute is credited a quarter of a minute."""
    enrolment = story.enrolments[MAIN]
    lesson = _lessons(story.releases[MAIN], LessonKind.READING)[0]
    now = at(story.evening, 18, 30)
    lease = open_lease(
        enrolment=enrolment,
        lesson=lesson,
        device=story.learner.device,
        device_label="Android",
        address="",
        take_over=False,
        actor=story.learner.actor,
        now=now,
    )
    told: dict[str, Any] = {
        "lease_id": lease.pk,
        "person": story.practitioner,
        "visible": True,
        "position_ms": lesson.seconds * 1000,
    }
    whole, later = [(0, lesson.seconds * 1000)], now + timedelta(seconds=15)
    honest = beat(**told, sequence=1, nonce=lease.nonce, played=whole, now=later)
    replayed = beat(**told, sequence=1, nonce=lease.nonce, played=whole, now=later)
    close_lease(lease_id=lease.pk, actor=story.learner.actor, now=later)
    expect(honest.credited_ms == 15_000, f"credited {honest.credited_ms} ms for 15 s")
    expect(replayed.credited_ms == 0 and replayed.refused == "replayed", "a replay earns nothing")
    return _("声称 %(claimed)d 秒，只过了 15 秒：计 %(credited)d 秒；重放：0 秒") % {
        "claimed": lesson.seconds,
        "credited": honest.credited_ms // 1000,
    }


def learns_online(story: Story) -> str:
    enrolment, now = story.enrolments[MAIN], at(story.evening, 19)
    for lesson in _lessons(story.releases[MAIN], LessonKind.READING, LessonKind.VIDEO):
        now = story.learner.study(enrolment, lesson, now) + timedelta(minutes=2)
    done = LessonCompletion.objects.filter(enrolment=enrolment, evidence_kind="heartbeats").count()
    expect(done == len(_lessons(story.releases[MAIN], LessonKind.READING, LessonKind.VIDEO)), "every lesson complete")
    return _("%(lessons)d 个课节，心跳为证，%(at)s 学完") % {"lessons": done, "at": f"{now:%H:%M}"}


def passes_the_quiz(story: Story) -> str:
    now = at(story.evening, 21)
    (quiz,) = _lessons(story.releases[MAIN], LessonKind.QUIZ)
    result = story.learner.sit(story.enrolments[MAIN], quiz, now, blank=1)
    expect(result.passed, "one blank question of eight still passes")
    return _("%(points)g / %(out_of)g 分") % {"points": result.points, "out_of": result.out_of}


def attends_classes(story: Story) -> str:
    """Fourteen days in a room: the course's own practice day and the classroom courses of the year."""
    days = iter(story.class_days)
    minutes = 0
    for slug in (MAIN, *REST):
        release, enrolment = story.releases[slug], story.enrolments[slug]
        done = at(story.evening, 21)
        for lesson in _lessons(release, LessonKind.CLASSROOM_DAY):
            session = _session(story, lesson, next(days))
            story.learner.book(session, enrolment, story.before(1))
            story.learner.come(session)
            done = story.learner.go(session)
            minutes += lesson.seconds // 60
        for quiz in _lessons(release, LessonKind.QUIZ):
            if slug != MAIN:
                story.learner.sit(enrolment, quiz, done + timedelta(minutes=20))
        enrolment.refresh_from_db()
        expect(enrolment.state == "passed", f"{release.title}: {enrolment.state}")
    return _("%(days)d 天签到签退，%(minutes)d 分钟，%(courses)d 门课程通过") % {
        "days": len(story.class_days),
        "minutes": minutes,
        "courses": len(story.enrolments),
    }


def _session(story: Story, lesson: Lesson, day: date) -> Session:
    now = story.before(20)
    return open_session(
        lesson=lesson,
        venue="杨浦校区实训楼 302",
        teacher=story.users["teacher"],
        starts_at=at(day, 9),
        ends_at=at(day, 16, 30),
        capacity=24,
        actor=story.actor("teacher", now),
        now=now,
    )


def _lessons(release: Release, *kinds: str) -> list[Lesson]:
    return list(release.lessons.filter(kind__in=kinds).order_by("position"))
