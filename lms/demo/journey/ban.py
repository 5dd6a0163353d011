"""A ban by two officers, everything that follows from it at once, and the books that prove all of it."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate
from courses.learning.services import enrol
from lms.audit import services as audit
from lms.demo.journey.story import REST, SHANGHAI, Story, expect, refused
from lms.demo.journey.work import ask_about
from lms.demo.papers import paper
from lms.hiring.models import BanAlert
from lms.ledger.reconcile import Reconciled, reconcile
from lms.people.models import Message
from lms.registry.services import (
    add_subject,
    confirm_case,
    consequences,
    current_list_version,
    draft_case,
    proposed_managers,
    submit_case,
    verify_registry,
)
from lms.subsidies.models import LineVerdict
from lms.subsidies.services import totals

NUMBER = "沪卫托决字〔演示〕第 1 号"


def an_officer_enters_the_decision(story: Story) -> str:
    now = timezone.now()
    day, registrar = timezone.localdate(now), story.actor("registrar", now)
    story.case = draft_case(
        number=NUMBER,
        authority=story.health_bureau.name,
        decided_on=day,
        facts_on=day,
        facts_category="abuse",
        legal_basis="《上海市托育服务三年行动计划（2020—2022年）》三(三)1",
        region_code=SHANGHAI,
        decision_file=paper(
            title="从业禁止决定书",
            number=NUMBER,
            authority=story.health_bureau.name,
            day=day,
            paragraphs=(
                "经查，当事人在托育机构任职期间有虐待婴幼儿的行为，事实清楚，证据确凿。",
                "决定对当事人终身从业禁止。",
            ),
            now=now,
        ),
        actor=registrar,
        now=now,
    )
    terms: dict[str, Any] = {
        "case": story.case,
        "kind": "lifetime",
        "from_date": day,
        "until": None,
        "actor": registrar,
        "now": now,
    }
    add_subject(**terms, person=story.practitioner, role="perpetrator")
    (proposed,) = proposed_managers(story.case)
    expect(proposed.manager == story.manager, "the direct manager of that day is proposed")
    add_subject(**terms, person=proposed.manager, role="manager")
    submit_case(case=story.case, actor=registrar, now=now)
    rows = "，".join(f"{row.label} {row.count}" for row in consequences(story.case))
    return _("行为人与直接管理人；将发生：%(rows)s") % {"rows": rows}


def a_second_officer_confirms(story: Story) -> str:
    now = timezone.now()
    registrar, confirming = story.actor("registrar", now), story.actor("confirming", now)
    refused("role_required", lambda: confirm_case(case=story.case, actor=registrar, now=now))
    before = current_list_version().number
    confirm_case(case=story.case, actor=confirming, now=now)
    version = current_list_version()
    expect(version.number == before + 1, "a new list version")
    refused("already_in_force", lambda: confirm_case(case=story.case, actor=confirming, now=now))
    return _("名单第 %(number)d 版，%(entries)d 人，%(hash)s…") % {
        "number": version.number,
        "entries": version.entries,
        "hash": version.hash[:12],
    }


def the_certificate_is_revoked(story: Story) -> str:
    told = json.loads(story.ask("get", f"/api/v1/certificates/{story.certificate.token}/").content)
    expect(told["status"] == "revoked", told["status"])
    page = story.ask("get", reverse("certificates:verification", args=[story.certificate.token]))
    expect("已撤销" in page.content.decode(), "the page says that it is revoked")
    held = Certificate.objects.filter(person=story.practitioner)
    expect(not held.valid_on(story.today).exists(), "no certificate of the person is valid")
    return _("%(count)d 张全部撤销；核验网页与接口：%(status)s") % {"count": held.count(), "status": told["status"]}


def the_employer_is_told(story: Story) -> str:
    alerts = BanAlert.objects.filter(institution=story.institution)
    expect(alerts.count() == 2, f"{alerts.count()} alerts")
    told = Message.objects.filter(user=story.users["manager"], code="ban.alert", urgent=True).count()
    expect(told == 1, f"{told} urgent messages")
    deadline = timezone.localtime(alerts.latest("confirm_by").confirm_by)
    return _("%(count)d 条警报，须在 %(deadline)s 前确认离岗") % {
        "count": alerts.count(),
        "deadline": f"{deadline:%Y-%m-%d %H:%M}",
    }


def the_next_check_is_barred(story: Story) -> str:
    answer = ask_about(story, key="hire-2", expected=201)
    expect(answer["outcome"] == "barred", str(answer["outcome"]))
    now = timezone.now()
    release = story.releases[REST[0]]
    actor = story.actor("linzhixia", now)
    refused("barred", lambda: enrol(person=story.practitioner, release=release, actor=actor, now=now))
    return _("核查 %(outcome)s（%(rule)s）；不能再报名") % {"outcome": answer["outcome"], "rule": answer["rule"]}


def the_claim_line_is_blocked(story: Story) -> str:
    counted = totals(story.claim)
    expect(counted["blocked"][0] == 1 and counted["pay"][0] == 0, str(counted))
    latest = LineVerdict.objects.filter(line__claim=story.claim).order_by("-number")[0]
    return _("%(number)s 第 1 行：%(verdict)s") % {
        "number": story.claim.number,
        "verdict": latest.get_verdict_display(),
    }


def the_books_hold(story: Story) -> str:
    sealed = audit.seal(now=timezone.now(), thorough=True)
    broken, findings = audit.verify(), verify_registry()
    expect(not broken, f"{len(broken)} broken links")
    expect(not findings, "; ".join(f"{one.code} {one.about}" for one in findings))
    seen = Reconciled()
    drift = list(reconcile(seen))
    expect(not drift, "; ".join(str(one) for one in drift[:3]))
    return _("审计链 %(sealed)d 环完整，名单完整，学时台账 %(entries)d 条一致") % {
        "sealed": sealed,
        "entries": seen.entries,
    }
