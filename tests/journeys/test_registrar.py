"""A registrar's whole day: two decisions on one matter, a whole list, another region's file, an annulment, the public pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from lms.registry.models import BanCase, Intake
from lms.registry.services.intake_work import work_on
from tests.factories import certificates, hiring, people, registry
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import PHONE, journey, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, journey]


def a_file(name: str, content: bytes, kind: str) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


def test_two_decisions_on_one_matter_and_an_annulment(new_visitor: NewVisitor) -> None:
    now = timezone.now() - timedelta(days=3)
    institution = people.institution(name="晨曦托育中心")
    person = people.employed(institution=institution).person
    certificates.course_certificate(person, now=now - timedelta(days=40))
    day = timezone.localdate(now)
    court = registry.case_in_force(
        person,
        number="（2026）沪0105刑初1号",
        authority="上海市长宁区人民法院",
        decided_on=day,
        facts_on=day - timedelta(days=30),
        until=day + timedelta(days=5 * 365),
        now=now,
    )
    first = new_visitor("matter-first", registry.registrar())
    first.open(f"/bans/{court.pk}/")
    first.sees("同一事件的其他决定")
    first.follow("录入另一份决定")
    first.fill(number="沪卫禁字〔2026〕9号", authority="上海市卫生健康委员会", legal_basis="《管理办法》第十二条")
    first.fill(decided_on=f"{timezone.localdate():%Y-%m-%d}")
    first.field("decision_file").set_input_files(a_file("决定书.pdf", registry.PDF, "application/pdf"))
    first.press("保存，登记人员")
    first.tick(person.name)
    first.press("列入本案")
    first.sees("同一人的其他禁入", "上海市长宁区人民法院")
    first.press("提交复核")

    second = new_visitor("matter-second", registry.confirming())
    case = BanCase.objects.get(authority="上海市卫生健康委员会")
    second.open(f"/bans/{case.pk}/confirm/")
    second.sees("晨曦托育中心")
    second.field("read").check()
    second.press("确认生效")
    second.follow(person.name)
    second.sees("名单证明", "根哈希")

    hiring.checked(people.institution(name="问询托育园"), **hiring.identity_of(person), now=timezone.now())
    first.open(f"/bans/{case.pk}/annul/")
    first.field("overturning_file").set_input_files(a_file("判决书.pdf", registry.PDF, "application/pdf"))
    first.fill(reason="判决撤销原决定", compensation="已启动国家赔偿程序")
    first.press("提交复核")
    second.open(f"/bans/{case.pk}/annul/confirm/")
    second.sees("将恢复的和将得到通知的", "已启动国家赔偿程序")
    second.field("read").check()
    second.press("确认撤销")
    second.sees("已撤销")
    first.open("/bans/")


def test_a_whole_list(new_visitor: NewVisitor) -> None:
    registry.taken_in(registry.listed_row(), registry.listed_row(禁入截止日期="2031-05-05"))
    first = new_visitor("list-first", registry.registrar())
    first.open("/bans/lists/")
    letter = a_file("移交函.pdf", registry.PDF, "application/pdf")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    wrong = registry.list_file(registry.listed_row(事实类别="打架"), registry.listed_row())
    for file, button in ((wrong, False), (registry.list_file(registry.listed_row(姓名="赵可寻")), True)):
        first.fill(source="某市卫生健康委员会移交名单，2026年3月")
        first.field("letter").set_input_files(letter)
        first.field("file").set_input_files(a_file("名单.xlsx", file.read(), kind))
        first.field("dry_run").set_checked(not button)
        first.press("上传")
        first.sees("等待另一位工作人员复核" if button else "1 行有误")
    second = new_visitor("list-second", registry.confirming())
    second.open("/bans/lists/")
    second.follow("某市卫生健康委员会移交名单")
    second.sees("赵可寻")
    second.field("read").check()
    second.press("确认整批生效")
    intake = Intake.objects.get(state="running")
    work_on(intake_id=intake.pk, now=timezone.now())
    second.open(f"/bans/lists/{intake.pk}/")
    second.sees("已列入")


def test_exchange_with_another_region(new_visitor: NewVisitor) -> None:
    with registry.at_another_installation():
        from lms.registry.services.peers import card_file

        card = card_file()
    administrator = new_visitor("exchange-administrator", people.officer("administrator"))
    administrator.open("/bans/exchange/")
    administrator.field("file").set_input_files(a_file("card.json", card, "application/json"))
    administrator.press("登记")
    administrator.sees("指纹")
    second = new_visitor("exchange-second", registry.confirming())
    second.open("/bans/exchange/")
    second.follow("127.0.0.1")
    second.field("compared").check()
    second.press("指纹一致，列为可信")
    second.sees("导出给对方")
    first = new_visitor("exchange-first", registry.registrar())
    first.open("/bans/exchange/take/")
    first.field("file").set_input_files(a_file("list.json", b"{}", "application/json"))
    first.press("上传")
    first.sees("这不是地区交换文件")


def test_what_everybody_reads(new_visitor: NewVisitor) -> None:
    names = [{"name": people.full_name(), "document_type": "resident_id"} for _each in range(7)]
    registry.case_in_force(unknown=[{**one, "document_number": people.resident_number()} for one in names])
    for size in ({}, {"size": PHONE}):
        stranger = new_visitor("public", **size)
        stranger.open("/")
        stranger.open("/list/statistics/")
        stranger.sees("禁入统计", "虐待儿童")
        stranger.follow("名单的全部签名版本")
        stranger.sees("#1", "已签名")
