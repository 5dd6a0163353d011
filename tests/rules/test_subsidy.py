from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lms.rules.subsidy import ClaimFacts, LineVerdict, Severity, findings, verdict, worst

ENDED = date(2026, 6, 30)
GOOD = ClaimFacts(
    claimed_minutes=3240,
    evidenced_minutes=3240,
    evidence_count=12,
    training_ended_on=ENDED,
    certificate_on=ENDED,
    observed_rate=Decimal("1.5"),
    max_rate=Decimal("1.5"),
    fee_fen=120_000,
    subsidy_fen=120_000,
    days_attended=6,
    days_required=6,
)


def test_a_good_line_is_payable() -> None:
    assert findings(GOOD) == []
    assert verdict(findings(GOOD)) is LineVerdict.PAYABLE


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"evidence_count": 0}, "no_evidence", Severity.BLOCK),
        ({"evidenced_minutes": 0}, "no_evidence", Severity.BLOCK),
        ({"evidenced_minutes": 3239}, "hours_above_evidence", Severity.BLOCK),
        ({"certificate_on": date(2026, 6, 29)}, "certificate_before_training_end", Severity.BLOCK),
        ({"certificate_on": None}, "not_certified", Severity.BLOCK),
        ({"paid_before": True}, "paid_before", Severity.BLOCK),
        ({"banned": True}, "banned_person", Severity.BLOCK),
        ({"eligible_on_day": False}, "ineligible_status", Severity.BLOCK),
        ({"observed_rate": Decimal("1.51")}, "impossible_speed", Severity.BLOCK),
        ({"days_attended": 5}, "too_few_days", Severity.BLOCK),
        ({"identical_spacing": True}, "identical_spacing", Severity.WARN),
        ({"shared_device_with": 1}, "shared_device", Severity.WARN),
        ({"shared_address_with": 3}, "shared_address", Severity.WARN),
        ({"fee_fen": 120_001}, "fee_above_subsidy", Severity.WARN),
    ],
)
def test_each_rule(changes: dict[str, Any], code: str, severity: Severity) -> None:
    found = findings(replace(GOOD, **changes))
    assert [(one.code, one.severity) for one in found] == [(code, severity)]
    assert "%(" not in found[0].message % found[0].params
    assert verdict(found) is (LineVerdict.BLOCKED if severity is Severity.BLOCK else LineVerdict.REVIEW)


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate_required": False, "certificate_on": None},
        {"observed_rate": None},
        {"max_rate": None, "observed_rate": Decimal(9)},
        {"days_required": None, "days_attended": 0},
        {"claimed_minutes": 3239},
        {"certificate_on": date(2026, 7, 1)},
        {"fee_fen": 0},
    ],
)
def test_what_is_no_finding(changes: dict[str, Any]) -> None:
    assert findings(replace(GOOD, **changes)) == []


def test_findings_carry_their_figures() -> None:
    found = findings(replace(GOOD, evidenced_minutes=3000, fee_fen=150_005))
    assert found[0].message % found[0].params == "申报 3240 分钟，证据只有 3000 分钟。"
    assert found[1].message % found[1].params == "收费 1500.05 元，高于补贴标准 1200.00 元。"


def test_one_block_outweighs_any_warning() -> None:
    found = findings(replace(GOOD, banned=True, shared_device_with=4))
    assert [one.severity for one in found] == [Severity.BLOCK, Severity.WARN]
    assert verdict(found) is LineVerdict.BLOCKED


def test_worst_of_a_claim() -> None:
    assert worst([]) is LineVerdict.PAYABLE
    assert worst([LineVerdict.REVIEW, LineVerdict.PAYABLE]) is LineVerdict.REVIEW
    assert worst([LineVerdict.REVIEW, LineVerdict.BLOCKED]) is LineVerdict.BLOCKED
