"""A claim line whose hours were void after it was frozen: refused at the next look, payable again after the appeal."""

import pytest

from courses.learning.models import Enrolment
from courses.learning.services import appeal_flag, decide_appeal
from lms.people.models import User
from lms.subsidies.services import assemble_claim, refresh_verdicts
from tests.factories import people
from tests.factories.reviews import auditor, flagged, voided
from tests.factories.subsidies import LATER, approver, assembled, scheme, submitted, verdicts

pytestmark = pytest.mark.django_db


def the_flag(claim):
    line = claim.lines.current().get()
    User.objects.create(username="learner", person=line.person)
    return flagged(Enrolment.objects.select_related("person").get(pk=line.enrolment_id))


def overturn(flag) -> None:
    own = people.acting(flag.enrolment.person.user)
    appeal_flag(flag=flag, text="是我", actor=own, now=LATER)
    decide_appeal(flag=flag, overturn=True, reason="是本人", actor=people.acting(approver()), now=LATER)


@pytest.mark.parametrize("requires_certificate", [True, False])
def test_void_hours_are_no_evidence_and_come_back(requires_certificate) -> None:
    claim = submitted("林小满", under=scheme(requires_certificate=requires_certificate))
    officer = people.acting(auditor())
    assert verdicts(claim) == {"林小满": "pay"}
    flag = voided(the_flag(claim), now=LATER)
    assert refresh_verdicts(claim=claim, actor=officer, now=LATER) == 1
    assert verdicts(claim) == {"林小满": "refuse"}
    codes = {one["code"] for one in claim.lines.current().with_verdict().get().verdict_findings}
    assert "no_evidence" in codes
    overturn(flag)
    refresh_verdicts(claim=claim, actor=officer, now=LATER)
    assert verdicts(claim) == {"林小满": "pay"}


def test_hours_an_appeal_gave_back_are_frozen_as_evidence() -> None:
    claim = assembled("林小满")
    flag = voided(the_flag(claim), now=LATER)
    overturn(flag)
    other = assemble_claim(
        scheme=scheme(occupation="育婴员"),
        college=claim.college,
        release=claim.release,
        actor=people.acting(people.manager_of(claim.college)),
        now=LATER,
    )
    facts = other.lines.current().get().facts
    assert [entry["holds"] for entry in facts["entries"]] == [True]
