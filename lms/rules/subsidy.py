"""Whether public money may be paid for one claim line: findings with codes, then a verdict.

One set of facts is one person in one claim, frozen from evidence.  A rule
never raises; it answers with what it found and the figures behind it, so that
an auditor can run the same line again years later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.rules.refusals import gettext_noop
from lms.rules.sampling import sample

__all__ = ["ClaimFacts", "Finding", "LineVerdict", "Severity", "findings", "sample", "verdict", "worst"]


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class LineVerdict(StrEnum):
    """From best to worst: pay, look first, don't pay."""

    PAYABLE = "payable"
    REVIEW = "review"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """The facts of one claim line.  Minutes, fen and inclusive days.

    ``observed_rate`` is the fastest learning seen in the evidence, ``max_rate`` what
    the policy allowed; None where there is none.  ``days_required`` None: the scheme
    asks no number of days.  ``shared_*_with``: how many others used the same.
    """

    claimed_minutes: int
    evidenced_minutes: int
    evidence_count: int
    training_ended_on: date
    certificate_required: bool = True
    certificate_on: date | None = None
    paid_before: bool = False
    banned: bool = False
    eligible_on_day: bool = True
    observed_rate: Decimal | None = None
    max_rate: Decimal | None = None
    identical_spacing: bool = False
    shared_device_with: int = 0
    shared_address_with: int = 0
    fee_fen: int = 0
    subsidy_fen: int = 0
    days_attended: int = 0
    days_required: int | None = None


_SENTENCES = {
    "no_evidence": gettext_noop("没有任何学习证据。"),
    "hours_above_evidence": gettext_noop("申报 %(claimed)s 分钟，证据只有 %(evidenced)s 分钟。"),
    "certificate_before_training_end": gettext_noop("证书日期 %(certificate)s 早于培训结束日期 %(ended)s。"),
    "paid_before": gettext_noop("同一职业（工种）同一等级已领取过补贴。"),
    "banned_person": gettext_noop("该人员在从业禁止名单中。"),
    "ineligible_status": gettext_noop("培训当日不符合补贴对象条件。"),
    "not_certified": gettext_noop("没有取得要求的证书。"),
    "impossible_speed": gettext_noop("学习速度 %(observed)s 倍，超过允许的 %(allowed)s 倍。"),
    "too_few_days": gettext_noop("参加 %(attended)s 天，要求 %(required)s 天。"),
    "fee_above_subsidy": gettext_noop("收费 %(fee)s 元，高于补贴标准 %(subsidy)s 元。"),
    "identical_spacing": gettext_noop("学习心跳间隔几乎完全相同，疑似程序代学。"),
    "shared_device": gettext_noop("与另外 %(others)s 人使用同一设备。"),
    "shared_address": gettext_noop("与另外 %(others)s 人使用同一网络地址。"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found on a line: stable code, how much it weighs, figures for the sentence."""

    code: str
    severity: Severity
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Chinese sentence, to be translated and filled with ``params`` where it is shown."""
        return _SENTENCES[self.code]


def findings(facts: ClaimFacts) -> list[Finding]:
    """Run every rule over one line.  What blocks comes first; an empty list means nothing to say."""
    return [*_evidence(facts), *_entitlement(facts), *_patterns(facts)]


def verdict(found: Iterable[Finding]) -> LineVerdict:
    """Return what the findings of a line come to."""
    severities = {finding.severity for finding in found}
    if Severity.BLOCK in severities:
        return LineVerdict.BLOCKED
    return LineVerdict.REVIEW if Severity.WARN in severities else LineVerdict.PAYABLE


def worst(verdicts: Iterable[LineVerdict]) -> LineVerdict:
    """Return the worst of several verdicts; of none, payable."""
    order = list(LineVerdict)
    return max(verdicts, key=order.index, default=LineVerdict.PAYABLE)


def _block(code: str, **params: Any) -> Finding:
    return Finding(code, Severity.BLOCK, params)


def _warn(code: str, **params: Any) -> Finding:
    return Finding(code, Severity.WARN, params)


def _evidence(facts: ClaimFacts) -> Iterable[Finding]:
    if facts.evidence_count <= 0 or facts.evidenced_minutes <= 0:
        yield _block("no_evidence")
    elif facts.claimed_minutes > facts.evidenced_minutes:
        yield _block("hours_above_evidence", claimed=facts.claimed_minutes, evidenced=facts.evidenced_minutes)
    if facts.observed_rate is not None and facts.max_rate is not None and facts.observed_rate > facts.max_rate:
        yield _block("impossible_speed", observed=str(facts.observed_rate), allowed=str(facts.max_rate))
    if facts.days_required is not None and facts.days_attended < facts.days_required:
        yield _block("too_few_days", attended=facts.days_attended, required=facts.days_required)


def _entitlement(facts: ClaimFacts) -> Iterable[Finding]:
    if facts.banned:
        yield _block("banned_person")
    if not facts.eligible_on_day:
        yield _block("ineligible_status")
    if facts.paid_before:
        yield _block("paid_before")
    if facts.certificate_on is None:
        if facts.certificate_required:
            yield _block("not_certified")
    elif facts.certificate_on < facts.training_ended_on:
        yield _block(
            "certificate_before_training_end",
            certificate=facts.certificate_on.isoformat(),
            ended=facts.training_ended_on.isoformat(),
        )


def _patterns(facts: ClaimFacts) -> Iterable[Finding]:
    if facts.fee_fen > facts.subsidy_fen:
        yield _warn("fee_above_subsidy", fee=_yuan(facts.fee_fen), subsidy=_yuan(facts.subsidy_fen))
    if facts.identical_spacing:
        yield _warn("identical_spacing")
    if facts.shared_device_with > 0:
        yield _warn("shared_device", others=facts.shared_device_with)
    if facts.shared_address_with > 0:
        yield _warn("shared_address", others=facts.shared_address_with)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
