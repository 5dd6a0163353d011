"""The queue, a flag with its evidence drawn, and what the person sees: bounded, scoped, without blame."""

import io
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from courses.learning import timeline
from courses.learning.models import (
    ChallengeOutcome,
    Heartbeat,
    Lease,
    PresenceChallenge,
)
from lms.audit.models import AuditEvent
from tests.factories import people
from tests.factories.catalogue import reading, released_course
from tests.factories.classroom import blended_course, booked, classroom_lesson, scanned, session
from tests.factories.learning import NOON, Player, enrolled, leased, passed
from tests.factories.policy import packs_loaded
from tests.factories.reviews import (
    LATER,
    appealed,
    approver,
    auditor,
    flagged,
    flagged_pass,
    of_themselves,
    overturned,
    voided,
)

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="lms.people.backends.SignInBackend")
    return client


def page(flag, user=None, query: str = ""):
    return signed_in(user or auditor()).get(reverse("learning:review", args=[flag.pk]) + query)


# the queue ---------------------------------------------------------------------------------------------------------------


def test_the_queue_has_its_region_and_the_heaviest_first() -> None:
    light, heavy = flagged_pass(code="overnight_run"), flagged_pass()
    flagged_pass(people.practitioner(name="远方人", region=people.BEIJING).person)
    answer = signed_in(auditor()).get(reverse("learning:reviews"))
    assert [row.flag for row in answer.context["rows"]] == [heavy, light]
    assert "远方人" not in answer.content.decode()
    assert "40 次心跳的间隔几乎完全相同" in answer.content.decode()


def test_the_queue_is_searched_and_filtered() -> None:
    flag, other = flagged_pass(), flagged_pass(code="shared_device")
    name = flag.enrolment.person.name
    client = signed_in(auditor())

    def found(query: str):
        return {row.flag for row in client.get(reverse("learning:reviews") + query).context["rows"]}

    assert found(f"?q={name}") == {flag}
    assert found("?kind=shared_device") == {other}
    assert found("?region=310115") == {flag, other}
    assert found("?region=110000") == {flag, other}  # no place of theirs: not a filter
    assert found("?state=cleared") == set()
    assert found("?state=nonsense") == set()
    assert found("?state=all") == {flag, other}


def test_an_approver_begins_with_the_appeals() -> None:
    flagged_pass()
    flag = appealed(flagged_pass())
    answer = signed_in(approver()).get(reverse("learning:reviews"))
    assert [row.flag for row in answer.context["rows"]] == [flag]


def test_an_empty_queue_says_what_comes_here() -> None:
    assert "系统发现异常的学习记录后会出现" in signed_in(auditor()).get(reverse("learning:reviews")).content.decode()


def test_the_queue_costs_the_same_for_many(django_assert_max_num_queries) -> None:
    packs_loaded()
    for _turn in range(6):
        flagged(enrolled(people.practitioner().person))
    client = signed_in(auditor())
    with django_assert_max_num_queries(12):
        assert len(client.get(reverse("learning:reviews")).context["rows"]) == 6


def test_the_queue_can_be_taken_away() -> None:
    flag = flagged_pass()
    answer = signed_in(auditor()).get(reverse("learning:reviews") + "?format=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[-1][0] == flag.enrolment.person.name
    assert rows[-1][7] == "待审核"


# one flag ------------------------------------------------------------------------------------------------------------------


def test_the_page_draws_the_day_and_leaves_a_word_of_the_look_up() -> None:
    flag = flagged_pass()
    officer = auditor()
    answer = page(flag, officer)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert {lane.kind for lane in answer.context["day"].lanes} >= {"session", "credited"}
    assert answer.context["day"].on.isoformat() == "2026-06-15"
    assert "开始学习" in text
    assert "心跳间隔有多齐" in text
    event = AuditEvent.objects.get(verb="person.looked_up", person_id=flag.enrolment.person_id)
    assert event.changes["purpose"] == "learning_evidence"
    lookups = signed_in(flag.enrolment.person.user).get(reverse("people:lookups")).content.decode()
    assert "审核学习记录" in lookups


def test_a_long_course_costs_no_more_queries_and_no_more_marks(django_assert_max_num_queries) -> None:
    flag = flagged_pass()
    lease = flag.enrolment.leases.get()
    Heartbeat.objects.bulk_create(
        Heartbeat(
            lease=lease,
            sequence=1_000 + turn,
            received_at=NOON - timedelta(hours=10) + timedelta(seconds=5 * turn),
            played=[],
            visible=turn % 2 == 0,
            position_ms=0,
            credited_ms=0 if turn % 2 else 4_000,
            refused="hidden" if turn % 2 else "",
        )
        for turn in range(6_000)
    )
    client = signed_in(auditor())
    client.get(reverse("learning:reviews"))
    with django_assert_max_num_queries(15):
        answer = client.get(reverse("learning:review", args=[flag.pk]))
    day = answer.context["day"]
    assert len(day.columns) <= timeline.COLUMNS_AT_MOST + 1
    assert sum(len(lane.marks) for lane in day.lanes) <= 4 * timeline.COLUMNS_AT_MOST
    assert len(answer.content) < 250_000


def test_another_day_is_chosen_by_its_date_and_nonsense_is_not_one() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person, released_course(lessons=[reading(30)]))
    Player(leased(enrolment)).play(60)
    next_day = NOON + timedelta(days=1)
    Player(leased(enrolment, now=next_day)).play(60)
    flag = flagged(enrolment, now=next_day)
    assert page(flag).context["day"].on.isoformat() == "2026-06-16"
    assert page(flag, query="?day=2026-06-15").context["day"].on.isoformat() == "2026-06-15"
    assert page(flag, query="?day=1999-01-01").context["day"].on.isoformat() == "2026-06-16"
    assert page(flag, query="?day=<b>").context["day"].on.isoformat() == "2026-06-16"


def test_a_flag_without_any_heartbeat_says_so() -> None:
    packs_loaded()
    answer = page(flagged(enrolled(people.practitioner().person), "shared_device", persons=2))
    assert "这一天没有学习记录" in answer.content.decode()


def test_a_night_across_new_year_is_drawn_on_the_local_day() -> None:
    packs_loaded()
    night = datetime.fromisoformat("2026-12-31T23:50:00+08:00")
    enrolment = enrolled(people.practitioner().person, released_course(lessons=[reading(60)]), now=night)
    Player(leased(enrolment, now=night)).play(1200)
    flag = flagged(enrolment, "overnight_run", now=night + timedelta(minutes=30), minutes=200)
    day = page(flag).context["day"]
    assert (day.on.isoformat(), f"{day.begins:%H:%M}") == ("2027-01-01", "00:00")
    eve = page(flag, query="?day=2026-12-31").context["day"]
    assert (f"{eve.begins:%H:%M}", eve.ends - eve.begins) == ("23:40", timedelta(minutes=20))


def test_others_on_the_device_are_masked_and_challenges_and_scans_are_drawn() -> None:
    packs_loaded()
    release = blended_course()
    someone, stranger = people.practitioner().person, people.practitioner(name="诸葛秋明").person
    enrolment = enrolled(someone, release)
    online = enrolled(someone, released_course(lessons=[reading(30)]))
    player = Player(leased(online, device="shared"))
    player.play(60)
    lease = player.lease
    for number, result in ((1, "passed"), (2, "missed"), (3, "repeated")):
        challenge = PresenceChallenge.objects.create(
            lease=lease,
            number=number,
            kind="sum",
            prompt="一加一",
            choices=[],
            answer="x",
            asked_at=NOON + timedelta(seconds=20 * number),
            answer_until=NOON + timedelta(minutes=2),
        )
        ChallengeOutcome.objects.create(
            challenge=challenge, result=result, after_sequence=1, taken_back_ms=15_000 * (number == 2), at=NOON
        )
    Player(leased(enrolled(stranger), device="shared", now=NOON + timedelta(minutes=5))).play(60)
    day = session(classroom_lesson(release), starts_at=NOON, now=NOON - timedelta(hours=2))
    booked(day, someone, enrolment.pk, NOON - timedelta(hours=1))
    scanned(day, someone, "in", NOON)
    scanned(day, someone, "out", NOON + timedelta(hours=2))
    answer = page(flagged(online, "shared_device", persons=2))
    kinds = {lane.kind: lane for lane in answer.context["day"].lanes}
    assert kinds.keys() >= {"passed", "failed", "room", "others"}
    text = answer.content.decode()
    assert "诸葛**" in text
    assert "诸葛秋明" not in text
    assert "收回 15 秒" in text


def test_others_at_the_address_are_drawn_where_the_flag_is_about_it() -> None:
    packs_loaded()
    lesson = released_course(lessons=[reading(30)])
    someone, stranger = enrolled(people.practitioner().person, lesson), enrolled(people.person(name="诸葛秋明"), lesson)
    for enrolment in (someone, stranger):
        lease = leased(enrolment, device=f"phone-{enrolment.pk}")
        Lease.objects.filter(pk=lease.pk).update(address="one-router")
        Player(lease).play(60)
    figures = {"persons": 2, "lessons": 1}
    about = page(flagged(someone, "in_step", **figures))
    assert "同一网络地址另有 诸葛** 学习" in about.content.decode()
    assert "同一网络地址" not in page(flagged(someone, "overnight_run")).content.decode().split("<aside")[0]


def test_clearing_on_the_page() -> None:
    flag, officer = flagged_pass(), auditor()
    client, address = signed_in(officer), reverse("learning:review", args=[flag.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "网络稳定"}).status_code == 302
    answer = page(flag, officer)
    assert answer.context["form"] is None
    assert "网络稳定" in answer.content.decode()


def test_voiding_shows_its_consequences_first() -> None:
    flag, client = flagged_pass(), signed_in(auditor())
    address = reverse("learning:review_void", args=[flag.pk])
    text = client.get(address).content.decode()
    assert "45 分钟学时从台账中冲销" in text
    assert "结业证书被撤销" in text
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "程序代学"}).status_code == 302
    assert "已由" in client.post(address, {"reason": "程序代学"}).content.decode()


def test_an_approver_decides_on_the_page_but_does_not_void() -> None:
    flag, officer = appealed(flagged_pass()), approver()
    client = signed_in(officer)
    assert client.get(reverse("learning:review_void", args=[flag.pk])).status_code == 403
    answer = client.post(reverse("learning:review", args=[flag.pk]), {"overturn": "yes", "reason": "录像证明"})
    assert answer.status_code == 302
    assert flag.decisions.order_by("-number")[0].decision == "overturned"


def test_ones_own_case_has_no_form() -> None:
    flag = flagged_pass()
    officer = of_themselves(auditor(), flag.enrolment.person)
    answer = page(flag, officer)
    assert answer.context["form"] is None
    assert "须由另一位工作人员审核" in answer.content.decode()


@pytest.mark.parametrize("role", ["registrar", "administrator", "institution_manager", "college_publisher"])
def test_others_have_no_door(role) -> None:
    body = {"institution_manager": people.institution, "college_publisher": people.college}.get(role)
    user = people.member(body(), role) if body else people.officer(role)
    assert page(flagged_pass(), user).status_code == 403


def test_another_region_finds_nothing() -> None:
    assert page(flagged_pass(), auditor(people.BEIJING)).status_code == 404


# the person's own --------------------------------------------------------------------------------------------------------


def test_a_flag_is_no_blame(django_assert_max_num_queries) -> None:
    flag = flagged_pass()
    flagged(flag.enrolment, "overnight_run", minutes=190)
    client = signed_in(flag.enrolment.person.user)
    with django_assert_max_num_queries(9):
        text = client.get(reverse("learning:own_flags", args=[flag.enrolment_id])).content.decode()
    assert "正在审核，您的学时不受影响" in text
    assert "不是说您做错了什么" in text
    assert "违规" not in text
    assert "深夜连续学习 190 分钟" in text
    assert not AuditEvent.objects.filter(verb="person.looked_up").exists()


def test_the_course_page_says_that_something_is_looked_at() -> None:
    flag = flagged_pass()
    client, address = signed_in(flag.enrolment.person.user), reverse("learning:course", args=[flag.enrolment_id])
    assert "学习记录正在审核" in client.get(address).content.decode()
    voided(flag)
    assert "查看理由与申诉" in client.get(address).content.decode()


def test_who_was_voided_reads_why_by_whom_until_when_and_appeals(monkeypatch) -> None:
    flag = voided(flagged_pass())
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER + timedelta(days=1))
    client, address = signed_in(flag.enrolment.person.user), reverse("learning:own_flags", args=[flag.enrolment_id])
    until = flag.decisions.get().appeal_until
    text = client.get(address).content.decode()
    for word in ("心跳由程序发出", "310000 人力资源社会保障部门", until.isoformat(), "还有"):
        assert word in text
    officer = flag.decisions.get().by
    assert officer.display_name not in text
    send = reverse("learning:appeal", args=[flag.enrolment_id, flag.pk])
    answer = client.post(send, {"text": ""})
    assert (answer.status_code, "申诉说明" in answer.content.decode()) == (422, True)
    assert client.post(send, {"text": "是我本人"}).status_code == 302
    text = client.get(address).content.decode()
    assert "已申诉，等待决定" in text
    assert "是我本人" in text
    assert client.post(send, {"text": "再说"}).status_code == 422


def test_late_is_said_plainly(monkeypatch) -> None:
    flag = voided(flagged_pass())
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER + timedelta(days=400))
    client = signed_in(flag.enrolment.person.user)
    assert "申诉期限已于" in client.get(reverse("learning:own_flags", args=[flag.enrolment_id])).content.decode()
    answer = client.post(reverse("learning:appeal", args=[flag.enrolment_id, flag.pk]), {"text": "是我"})
    assert answer.status_code == 422


def test_another_persons_review_is_not_found() -> None:
    flag = voided(flagged_pass())
    client = signed_in(people.practitioner())
    assert client.get(reverse("learning:own_flags", args=[flag.enrolment_id])).status_code == 404
    answer = client.post(reverse("learning:appeal", args=[flag.enrolment_id, flag.pk]), {"text": "是我"})
    assert answer.status_code == 404


def test_nothing_flagged_is_said_too() -> None:
    packs_loaded()
    enrolment = enrolled(people.practitioner().person)
    text = signed_in(enrolment.person.user).get(reverse("learning:own_flags", args=[enrolment.pk])).content.decode()
    assert "没有需要审核的记录" in text
    assert flagged_pass().code == "identical_spacing"


# from the ledger ---------------------------------------------------------------------------------------------------------


def test_an_entry_leads_to_what_it_rests_on() -> None:
    flag = flagged_pass()
    person = flag.enrolment.person
    entry = person.hour_entries.get()
    address, record = reverse("ledger:entry", args=[entry.pk]), reverse("learning:record", args=[flag.enrolment_id])
    assert record in signed_in(auditor()).get(address).content.decode()
    own = signed_in(person.user).get(address).content.decode()
    assert reverse("learning:own_flags", args=[flag.enrolment_id]) in own
    assert record not in own
    employer = people.institution()
    people.employed(institution=employer, person=person)
    manager = signed_in(people.manager_of(employer)).get(address).content.decode()
    assert "/learn/" not in manager.split("<main")[1]


def test_learning_that_nobody_flagged_is_drawn_too(django_assert_max_num_queries) -> None:
    packs_loaded()
    enrolment = passed(people.practitioner().person, released_course(class_hours=1, lessons=[reading(1)]))
    entry = enrolment.person.hour_entries.get()
    own = signed_in(enrolment.person.user).get(reverse("ledger:entry", args=[entry.pk])).content.decode()
    assert reverse("learning:course", args=[enrolment.pk]) in own
    client, address = signed_in(approver()), reverse("learning:record", args=[enrolment.pk])
    with django_assert_max_num_queries(15):
        answer = client.get(address)
    assert "计入的时间" in answer.content.decode()
    assert AuditEvent.objects.filter(verb="person.looked_up", person_id=enrolment.person_id).count() == 1
    assert signed_in(approver(people.BEIJING)).get(address).status_code == 404
    assert signed_in(people.officer("registrar")).get(address).status_code == 403


def test_hours_given_back_lead_to_the_same_learning() -> None:
    flag = overturned(flagged_pass())
    entry = flag.enrolment.person.hour_entries.standing_credits().get()
    text = signed_in(auditor()).get(reverse("ledger:entry", args=[entry.pk])).content.decode()
    assert reverse("learning:record", args=[flag.enrolment_id]) in text
    assert "申诉决定" in text
