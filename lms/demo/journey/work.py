"""An institution asks and hires; the college claims, one officer audits, another decides."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from courses.catalogue.models import Release
from lms.audit.services import events_about
from lms.demo.journey.story import MAIN, PASSWORD, PUDONG, Story, expect, refused
from lms.demo.numbers import resident_number
from lms.hiring.models import Check
from lms.hiring.services import check_person, start_employment
from lms.people.models import Post
from lms.people.services import (
    create_api_key,
    direct_managers_on,
    record_qualification,
    register_practitioner,
    verify_qualification,
)
from lms.subsidies.models import ClaimLine
from lms.subsidies.services import (
    assemble_claim,
    audit_claim,
    create_scheme,
    decide_claim,
    export_claim,
    settle_line,
    submit_claim,
    totals,
    yuan,
)

HEAD = "许静宜"


def the_head_is_employed(story: Story) -> str:
    """The direct manager: registered, qualified, checked and hired before."""
    now = story.before(40)
    number = resident_number(home="310104", born=date(1979, 3, 18), sex="F", sequence=3)
    user = register_practitioner(
        name=HEAD,
        document_type="resident_id",
        document_number=number,
        region_code=PUDONG,
        username="xujingyi",
        phone="19900000004",
        password=PASSWORD,
        now=now,
    )
    assert user.person is not None
    story.users["xujingyi"], story.manager = user, user.person
    qualification = record_qualification(
        person=story.manager,
        kind="baoyushi",
        level="三级",
        number="S000031000016000107",
        issued_on=date(2016, 11, 20),
        issuer="上海市职业技能鉴定中心",
        valid_to=None,
        actor=story.actor("xujingyi", now),
        now=now,
    )
    verify_qualification(qualification=qualification, actor=story.actor("registrar", now), now=now)
    manager = story.actor("manager", now)
    check = check_person(
        institution=story.institution,
        name=HEAD,
        document_type="resident_id",
        document_number=number,
        purpose="hiring",
        consent=True,
        actor=manager,
        now=now,
    )
    expect(check.outcome == "clear", check.outcome)
    start_employment(
        institution=story.institution,
        checked=check,
        post=Post.INSTITUTION_HEAD,
        from_date=timezone.localdate(now),
        actor=manager,
        now=now,
    )
    return _("%(name)s，%(post)s，资格已核验") % {"name": HEAD, "post": Post.INSTITUTION_HEAD.label}


def the_institution_asks(story: Story) -> str:
    """By its own software, with a key; asked twice under one Idempotency-Key it is one check."""
    story.api_key = create_api_key(
        organisation=story.institution,
        scope="hiring-checks",
        actor=story.actor("manager", timezone.now()),
        now=timezone.now(),
    )
    first = ask_about(story, key="hire-1", expected=201)
    again = ask_about(story, key="hire-1", expected=201)
    expect(first["outcome"] == "clear", str(first["outcome"]))
    expect(first["id"] == again["id"], "one question, one check")
    story.ask("post", "/api/v1/hiring-checks/", json=_question(story), expected=401)
    receipt = story.ask("get", f"/api/v1/hiring-checks/{first['id']}/receipt.pdf", key=story.api_key)
    content = b"".join(receipt) if receipt.streaming else receipt.content  # type: ignore[attr-defined]
    expect(content.startswith(b"%PDF"), "the receipt is a PDF")
    looked_up = events_about(story.practitioner.pk).filter(verb="person.looked_up").count()
    expect(looked_up == 1, f"the person sees {looked_up} look-ups")
    return _("%(outcome)s，名单第 %(version)s 版，有效期至 %(until)s；本人可见 1 次查询；%(file)s") % {
        "outcome": first["outcome"],
        "version": _version(first),
        "until": first["valid_until"],
        "file": story.keep("receipt.pdf", content),
    }


def ask_about(story: Story, *, key: str, expected: int) -> dict[str, Any]:
    """The answer of the API to a question about the practitioner."""
    headers = {"Idempotency-Key": key}
    response = story.ask(
        "post",
        "/api/v1/hiring-checks/",
        key=story.api_key,
        json=_question(story),
        headers=headers,
        expected=expected,
    )
    found: dict[str, Any] = json.loads(response.content)
    return found


def _question(story: Story) -> dict[str, Any]:
    return {
        "name": story.practitioner.name,
        "document_type": "resident_id",
        "document_number": story.practitioner_number,
        "purpose": "hiring",
        "consent": True,
    }


def _version(answer: dict[str, Any]) -> Any:
    version = answer["list_version"]
    return version["number"] if isinstance(version, dict) else version


def the_institution_hires(story: Story) -> str:
    now = timezone.now()
    manager, day = story.actor("manager", now), timezone.localdate(now)
    check = Check.objects.filter(institution=story.institution, person=story.practitioner).latest("checked_at")
    terms: dict[str, Any] = {
        "institution": story.institution,
        "checked": check,
        "post": Post.CAREGIVER,
        "from_date": day,
    }
    story.employment = start_employment(**terms, manager=story.manager, actor=manager, now=now)
    refused("employed_already", lambda: start_employment(**terms, actor=manager, now=now))
    (line,) = direct_managers_on(story.practitioner, day)
    expect(line.manager == story.manager, "the direct manager is on record")
    return _("%(name)s，%(post)s，直接管理人 %(manager)s") % {
        "name": story.practitioner.name,
        "post": Post.CAREGIVER.label,
        "manager": line.manager.name,
    }


def the_college_claims(story: Story) -> str:
    now = timezone.now()
    year = story.class_days[0].year
    scheme = create_scheme(
        bureau=story.hr_bureau,
        kind="shortage_training",
        name="育婴员紧缺培训补贴",
        occupation="育婴员",
        level="",
        amount_fen=60_000,
        budget_fen=6_000_000,
        opens_on=date(year, 1, 1),
        closes_on=date(now.year + 1, 12, 31),
        actor=story.actor("approver", now),
        now=now,
    )
    publisher = story.actor("publisher", now)
    release: Release = story.releases[MAIN]
    story.claim = assemble_claim(scheme=scheme, college=story.college, release=release, actor=publisher, now=now)
    line = story.claim.lines.get()
    beats = line.facts["heartbeats"]
    story.claim = submit_claim(claim=story.claim, actor=publisher, now=now)
    return _("%(number)s，1 行：心跳 %(beats)d 次，扫码 %(scans)d 次，答卷 %(attempts)d 份，金额 %(amount)s 元") % {
        "number": story.claim.number,
        "beats": beats["count"],
        "scans": len(line.facts["scans"]),
        "attempts": len(line.facts["attempts"]),
        "amount": yuan(line.amount_fen),
    }


def the_bureau_decides(story: Story) -> str:
    now = timezone.now()
    auditor, approver = story.actor("auditor", now), story.actor("approver", now)
    for line in ClaimLine.objects.filter(claim=story.claim).current().judged("query"):
        settle_line(line=line, verdict="pay", reason="已核对原始记录", actor=auditor, now=now)
    audit_claim(claim=story.claim, note="证据齐全，逐行核对", actor=auditor, now=now)
    refused(
        "role_required",
        lambda: decide_claim(claim=story.claim, approve=True, reason="", actor=auditor, now=now),
    )
    story.claim = decide_claim(claim=story.claim, approve=True, reason="", actor=approver, now=now)
    lines, fen = totals(story.claim)["pay"]
    expect(lines == 1, f"{lines} lines payable")
    return _("批准 %(lines)d 行 %(amount)s 元；审计人不能自己决定；%(file)s") % {
        "lines": lines,
        "amount": yuan(fen),
        "file": story.keep("claim.xlsx", export_claim(story.claim)),
    }
