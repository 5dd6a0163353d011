"""The way of a claim: two officers, a ceiling, a ban that comes between, and money in whole fen."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from certificates.models import Certificate
from certificates.services import revoke_certificate
from lms.audit.models import AuditEvent
from lms.people.models import Membership, Message
from lms.registry.services import consequences
from lms.rules.refusals import Refusal
from lms.subsidies import services
from lms.subsidies.models import ClaimLine, ClaimStep, LineVerdict
from tests.factories import people, registry
from tests.factories.subsidies import (
    LATER,
    all_settled,
    approved,
    approver,
    assembled,
    audited,
    auditor,
    publisher,
    scheme,
    submitted,
    verdicts,
)

pytestmark = pytest.mark.django_db


def refused(verb, **given):
    with pytest.raises(Refusal) as no:
        verb(**given)
    return no.value


def as_approver(region=people.SHANGHAI):
    return people.acting(approver(region))


def test_the_whole_way():
    auditor()
    claim = approved("林小满", "安秋月")
    assert claim.state == "approved"
    steps = list(claim.steps.order_by("number").values_list("number", "state", "amount_fen"))
    assert steps == [(1, "draft", None), (2, "submitted", None), (3, "audited", None), (4, "approved", 120_000)]
    services.mark_paid(claim=claim, actor=as_approver(), now=LATER)
    assert claim.steps.get(state="paid").amount_fen == 120_000
    assert services.budget_used([claim.scheme_id]) == {claim.scheme_id: 120_000}
    told = set(Message.objects.values_list("code", flat=True))
    assert {"claim_submitted", "claim_audited", "claim_approved", "claim_paid"} <= told
    done = set(AuditEvent.objects.filter(subject_id=claim.pk).values_list("verb", flat=True))
    assert {"claim.assembled", "claim.submitted", "claim.audited", "claim.approved", "claim.paid"} <= done


def test_handing_in_twice_is_once():
    claim = submitted()
    again = services.submit_claim(claim=claim, actor=people.acting(publisher(claim.college)), now=LATER)
    assert again.state == "submitted"
    assert claim.steps.filter(state="submitted").count() == 1


def test_an_author_assembles_but_does_not_submit():
    claim = assembled()
    author = people.acting(people.member(claim.college, "college_author"))
    assert refused(services.submit_claim, claim=claim, actor=author, now=LATER).code == "role_required"


def test_who_audited_does_not_decide():
    officer = auditor()
    claim = audited("林小满", officer=officer)
    membership = officer.memberships.get()
    second_role = Membership.objects.create(
        user=officer, organisation=membership.organisation, role="bureau_approver", from_at=people.LONG_AGO
    )
    same = people.acting(officer, second_role.role)
    for approve in (True, False):
        no = refused(services.decide_claim, claim=claim, approve=approve, reason="理由", actor=same, now=LATER)
        assert (no.code, no.status) == ("same_officer", 403)
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)


def test_whoever_settled_a_line_does_not_grant_it():
    """Audited by a colleague, then changed by oneself in the other role: that is one pair of eyes."""
    claim = audited("林小满")
    officer = auditor()
    line = claim.lines.current().get()
    services.settle_line(line=line, verdict="refuse", reason="缺签到", actor=people.acting(officer), now=LATER)
    services.settle_line(line=line, verdict="pay", reason="已补签到", actor=people.acting(officer), now=LATER)
    bureau = officer.memberships.get().organisation
    Membership.objects.create(user=officer, organisation=bureau, role="bureau_approver", from_at=people.LONG_AGO)
    same = people.acting(officer, "bureau_approver")
    no = refused(services.decide_claim, claim=claim, approve=True, reason="", actor=same, now=LATER)
    assert no.code == "same_officer"
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)


@pytest.mark.parametrize("region", [people.BEIJING, people.PUDONG])
def test_another_regions_bureau_finds_nothing(region):
    claim = audited("林小满")
    stranger = people.acting(auditor(region))
    no = refused(services.return_claim, claim=claim, reason="缺材料", actor=stranger, now=LATER)
    assert (no.code, no.status) == ("claim_unknown", 404)
    no = refused(services.decide_claim, claim=claim, approve=True, reason="", actor=as_approver(region), now=LATER)
    assert no.status == 404


def test_a_draft_is_not_the_bureaus_to_touch():
    claim = assembled("林小满")
    no = refused(services.audit_claim, claim=claim, note="好", actor=people.acting(auditor()), now=LATER)
    assert no.status == 404


def test_a_registrar_has_no_say():
    claim = audited("林小满")
    registrar = people.acting(people.officer("registrar"))
    assert refused(services.mark_paid, claim=claim, actor=registrar, now=LATER).code == "role_required"
    assert not type(claim).objects.visible_to(registrar).exists()


def test_sent_back_put_right_handed_in_again():
    claim = submitted("林小满")
    bureau = people.acting(auditor())
    services.return_claim(claim=claim, reason="缺一人", actor=bureau, now=LATER)
    assert Message.objects.filter(code="claim_returned", body="缺一人").exists()
    college = people.acting(publisher(claim.college))
    services.reassemble_claim(claim=claim, actor=college, now=LATER)
    services.submit_claim(claim=claim, actor=college, now=LATER + timedelta(days=400))
    assert refused(services.reassemble_claim, claim=claim, actor=college, now=LATER).code == "wrong_state"


def test_a_first_submission_keeps_the_window():
    claim = assembled("林小满")
    college = people.acting(publisher(claim.college))
    late = LATER.replace(year=2027)
    assert refused(services.submit_claim, claim=claim, actor=college, now=late).code == "scheme_closed"


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (services.audit_claim, {"note": " "}),
        (services.return_claim, {"reason": " "}),
    ],
)
def test_no_step_without_a_reason(verb, given):
    claim = submitted("林小满")
    no = refused(verb, claim=claim, actor=people.acting(auditor()), now=LATER, **given)
    assert (no.code, no.field) == ("reason_required", "reason")
    assert claim.steps.count() == 2


def test_a_rejection_says_why_and_frees_the_training():
    claim = audited("林小满")
    assert (
        refused(services.decide_claim, claim=claim, approve=False, reason="", actor=as_approver(), now=LATER).code
        == "reason_required"
    )
    services.decide_claim(claim=claim, approve=False, reason="课程不在目录", actor=as_approver(), now=LATER)
    again = services.assemble_claim(
        scheme=scheme(),
        college=claim.college,
        release=claim.release,
        actor=people.acting(publisher(claim.college)),
        now=LATER,
    )
    assert verdicts(again) == {"林小满": "pay"}


def test_above_the_budget_with_the_figures():
    under = scheme(amount_fen=60_000, budget_fen=100_000)
    approved("林小满", under=under)
    claim = audited("安秋月", under=under)
    no = refused(services.decide_claim, claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)
    assert no.code == "budget_exceeded"
    assert no.params == {"budget": "1,000.00", "used": "600.00", "amount": "600.00"}
    assert "1,000.00" in str(no)
    claim.refresh_from_db()
    assert claim.state == "audited"


def test_exactly_the_budget_is_granted():
    under = scheme(amount_fen=60_000, budget_fen=120_000)
    assert approved("林小满", "安秋月", under=under).state == "approved"


def test_a_ban_between_assembly_and_decision_blocks_the_line():
    claim = audited("林小满", "安秋月")
    line = claim.lines.get(facts__name="林小满")
    case = registry.submitted_case(line.person, now=LATER)
    counted = {one.code: one.count for one in consequences(case)}
    assert counted["claim_lines_blocked"] == 1
    registry.services.confirm_case(case=case, actor=people.acting(registry.confirming()), now=LATER)
    assert verdicts(claim) == {"安秋月": "pay", "林小满": "blocked"}
    assert AuditEvent.objects.filter(verb="claim_line.blocked", person_id=line.person_id).count() == 1
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)
    assert claim.steps.get(state="approved").amount_fen == 60_000


def test_everybody_banned_leaves_nothing_to_pay():
    claim = audited("林小满")
    registry.banned(claim.lines.get().person, now=LATER)
    no = refused(services.decide_claim, claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)
    assert no.code == "nothing_to_pay"


def test_a_ban_whose_signal_was_lost_still_blocks(monkeypatch):
    claim = audited("林小满", "安秋月")
    monkeypatch.setattr("lms.subsidies.receivers.block_lines", lambda **_given: 0)
    registry.banned(claim.lines.get(facts__name="林小满").person, now=LATER)
    assert verdicts(claim)["林小满"] == "pay"
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER + timedelta(hours=1))
    assert verdicts(claim)["林小满"] == "blocked"
    assert claim.steps.get(state="approved").amount_fen == 60_000


def test_a_ban_after_the_grant_keeps_the_money_back():
    claim = approved("林小满", "安秋月")
    registry.banned(claim.lines.get(facts__name="林小满").person, now=LATER)
    services.mark_paid(claim=claim, actor=as_approver(), now=LATER + timedelta(hours=1))
    assert claim.steps.get(state="paid").amount_fen == 60_000


def test_a_paid_claim_stays_as_it_is():
    claim = approved("林小满")
    services.mark_paid(claim=claim, actor=as_approver(), now=LATER)
    registry.banned(claim.lines.get().person, now=LATER)
    assert verdicts(claim) == {"林小满": "pay"}
    services.mark_paid(claim=claim, actor=as_approver(), now=LATER)
    assert claim.steps.filter(state="paid").count() == 1


def test_an_annulled_ban_lets_the_line_go_on():
    claim = submitted("林小满")
    case = registry.case_in_force(claim.lines.get().person, now=LATER)
    assert verdicts(claim) == {"林小满": "blocked"}
    registry.annulled(case, now=LATER + timedelta(days=30))
    assert verdicts(claim)["林小满"] != "blocked"
    numbers = list(LineVerdict.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_ban_annulled_after_the_grant_does_not_raise_it():
    claim = audited("林小满", "安秋月")
    case = registry.case_in_force(claim.lines.get(facts__name="林小满").person, now=LATER)
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER + timedelta(hours=1))
    registry.annulled(case, now=LATER + timedelta(days=30))
    services.mark_paid(claim=claim, actor=as_approver(), now=LATER + timedelta(days=31))
    assert claim.steps.get(state="paid").amount_fen == 60_000


def test_a_certificate_revoked_meanwhile_is_not_paid():
    claim = audited("林小满", "安秋月")
    line = claim.lines.get(facts__name="林小满")
    revoke_certificate(
        certificate=Certificate.objects.get(pk=line.certificate_id),
        code="error",
        reason="签发有误",
        authority="",
        actor=people.system(),
        now=LATER,
    )
    services.decide_claim(claim=claim, approve=True, reason="", actor=as_approver(), now=LATER)
    assert verdicts(claim) == {"安秋月": "pay", "林小满": "refuse"}


def test_claimed_elsewhere_meanwhile_is_refused():
    college = people.college()
    first = assembled("林小满", college=college)
    second = services.assemble_claim(
        scheme=scheme(), college=college, release=first.release, actor=people.acting(publisher(college)), now=LATER
    )
    actor = people.acting(publisher(college))
    services.submit_claim(claim=second, actor=actor, now=LATER)
    services.submit_claim(claim=first, actor=actor, now=LATER)
    assert (verdicts(second), verdicts(first)) == ({"林小满": "pay"}, {"林小满": "refuse"})


def test_lines_in_doubt_are_settled_one_by_one(monkeypatch):
    claim = submitted("林小满", "安秋月")
    LineVerdict.objects.bulk_create(
        [
            LineVerdict(
                line=line,
                number=2,
                verdict="query",
                findings=[{"code": "shared_device", "severity": "warn", "params": {"others": 1}}],
                by="rules",
                at=LATER,
            )
            for line in claim.lines.all()
        ]
    )
    officer = auditor()
    monkeypatch.setattr("lms.subsidies.services.decisions.judge_again", lambda *_given: 0)
    no = refused(services.audit_claim, claim=claim, note="好", actor=people.acting(officer), now=LATER)
    assert (no.code, no.params) == ("lines_in_doubt", {"count": 2})
    all_settled(claim, officer)
    all_settled(claim, officer)
    assert verdicts(claim) == {"林小满": "pay", "安秋月": "pay"}
    assert LineVerdict.objects.filter(by=officer.username).count() == 2
    services.audit_claim(claim=claim, note="好", actor=people.acting(officer), now=LATER)


def test_what_the_rules_refuse_no_auditor_pays():
    claim = submitted("林小满")
    registry.banned(claim.lines.get().person, now=LATER)
    line = ClaimLine.objects.get()
    settle = {"line": line, "reason": "就这样", "actor": people.acting(auditor()), "now": LATER}
    assert refused(services.settle_line, verdict="pay", **settle).code == "line_decided"
    assert refused(services.settle_line, verdict="blocked", **settle).code == "verdict_unknown"


def test_an_auditor_may_refuse_a_payable_line_and_think_again():
    claim = submitted("林小满")
    given = {"line": claim.lines.get(), "actor": people.acting(auditor()), "now": LATER}
    services.settle_line(verdict="refuse", reason="原始签到表缺失", **given)
    assert verdicts(claim) == {"林小满": "refuse"}
    services.refresh_verdicts(claim=claim, actor=people.acting(auditor()), now=LATER)
    assert verdicts(claim) == {"林小满": "refuse"}
    services.settle_line(verdict="pay", reason="签到表已补", **given)
    assert verdicts(claim) == {"林小满": "pay"}
    college = people.acting(publisher(claim.college))
    assert (
        refused(services.settle_line, **{**given, "actor": college}, verdict="pay", reason="x").code == "role_required"
    )


@pytest.mark.django_db(transaction=True)
def test_two_officers_decide_at_once():
    claim = audited("林小满")
    officers = [as_approver(), as_approver()]
    ready, outcomes = threading.Barrier(2), []

    def decide(actor):
        try:
            ready.wait()
            services.decide_claim(claim=claim, approve=True, reason="", actor=actor, now=LATER)
            outcomes.append("approved")
        except Refusal as no:
            outcomes.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[actor]) for actor in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "wrong_state"]
    assert ClaimStep.objects.filter(claim=claim, state="approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_keep_the_budget():
    under = scheme(amount_fen=60_000, budget_fen=100_000)
    claims = [audited("林小满", under=under), audited("安秋月", under=under)]
    officers = [as_approver(), as_approver()]
    ready, outcomes = threading.Barrier(2), []

    def decide(claim, actor):
        try:
            ready.wait()
            services.decide_claim(claim=claim, approve=True, reason="", actor=actor, now=LATER)
            outcomes.append("approved")
        except Refusal as no:
            outcomes.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(claims, officers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "budget_exceeded"]
    assert services.budget_used([under.pk]) == {under.pk: 60_000}
