"""How a flag and what became of it read: words, lamps and rows for the bureau's pages and for the person's own."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.learning import risk
from courses.learning.models import AnomalyFlag, Enrolment, FlagDecision, FlagDecisionName
from courses.learning.querysets import OPEN
from courses.learning.review_forms import AppealForm
from courses.learning.services import APPEAL_EVIDENCE, days_left
from courses.learning.services.completions import EVIDENCE_KIND
from lms.ledger.models import HourEntry
from lms.rules.anomalies import Anomaly

Name = FlagDecisionName
TABS = [
    OPEN,
    Name.APPEALED.value,
    Name.VOIDED.value,
    Name.CLEARED.value,
    Name.UPHELD.value,
    Name.OVERTURNED.value,
    "all",
]
_WORDS = {
    OPEN: gettext_lazy("待审核"),
    Name.APPEALED.value: gettext_lazy("申诉待决定"),
    Name.VOIDED.value: gettext_lazy("已作废"),
    Name.CLEARED.value: gettext_lazy("未发现问题"),
    Name.UPHELD.value: gettext_lazy("申诉后维持"),
    Name.OVERTURNED.value: gettext_lazy("申诉后撤销"),
    "all": gettext_lazy("全部"),
}
# To whoever is flagged: what it means for them.
_OWN_WORDS = {
    OPEN: gettext_lazy("正在审核，您的学时不受影响"),
    Name.APPEALED.value: gettext_lazy("已申诉，等待决定"),
    Name.VOIDED.value: gettext_lazy("学习记录已作废"),
    Name.CLEARED.value: gettext_lazy("已审核，未发现问题"),
    Name.UPHELD.value: gettext_lazy("申诉后维持作废"),
    Name.OVERTURNED.value: gettext_lazy("申诉成立，学时已恢复"),
}
_LAMPS = {
    OPEN: "attention",
    Name.APPEALED.value: "attention",
    Name.VOIDED.value: "stop",
    Name.CLEARED.value: "ok",
    Name.UPHELD.value: "stop",
    Name.OVERTURNED.value: "ok",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One flag as a line. ``sentence`` has the figures it was found by."""

    flag: AnomalyFlag
    kind: str
    sentence: str
    state: str
    state_word: str
    region: str
    risk: str
    risk_word: str


@dataclass(frozen=True, slots=True)
class Story:
    """One flag as its person reads it, with the form of the appeal while there is one."""

    row: Row
    word: str
    events: Sequence[Mapping[str, Any]]
    form: AppealForm | None
    until: date | None
    days: int


def state_word(state: str) -> str:
    return str(_WORDS[state])


def row(flag: AnomalyFlag, places: Mapping[str, str] | None = None) -> Row:
    """A flag that was asked ``with_state()``; its weight is known where ``by_risk()`` was."""
    level, word = risk.level(getattr(flag, "weight", 0))
    code = flag.enrolment.person.region_code if places is not None else ""
    return Row(
        flag=flag,
        kind=risk.kind(flag.code),
        sentence=_(Anomaly(flag.code).message) % flag.data,
        state=_LAMPS[flag.state],
        state_word=state_word(flag.state),
        region=(places or {}).get(code, code),
        risk=level,
        risk_word=word,
    )


def history(flag: AnomalyFlag) -> list[dict[str, Any]]:
    """What was decided, in order, for the bureau: by name."""
    return [
        {
            "at": step.at,
            "title": step.get_decision_display(),
            "detail": " · ".join(dict.fromkeys([step.by_label, step.by.display_name, step.reason])),
            "state": _LAMPS[step.decision],
        }
        for step in flag.decisions.all()
    ]


def voided_by(flag: AnomalyFlag, user_id: uuid.UUID | None) -> bool:
    """Whether this officer voided what is appealed against."""
    return any(step.by_id == user_id for step in flag.decisions.all() if step.decision == Name.VOIDED)


def story(flag: AnomalyFlag, today: date, failed: tuple[uuid.UUID, AppealForm] | None = None) -> Story:
    """What was noticed, who looked and what was decided, to the person it is about: offices, not officers."""
    steps = list(flag.decisions.all())
    last = steps[-1] if steps else None
    left = days_left(last, today) if last and last.decision == Name.VOIDED else -1
    form = failed[1] if failed and failed[0] == flag.pk else AppealForm(auto_id=f"{flag.pk}_%s")
    return Story(
        row=row(flag),
        word=str(_OWN_WORDS[flag.state]),
        events=[_own_step(step) for step in steps],
        form=form if left >= 0 else None,
        until=last.appeal_until if last else None,
        days=left,
    )


def _own_step(step: FlagDecision) -> dict[str, Any]:
    return {
        "at": step.at,
        "title": step.get_decision_display(),
        "detail": f"{step.by_label}：{step.reason}",
        "state": _LAMPS[step.decision],
    }


def entries(enrolment: Enrolment, flags: Sequence[AnomalyFlag]) -> Sequence[HourEntry]:
    """The enrolment's credits in the ledger, from what is read already. One query."""
    completion = getattr(enrolment, "completion", None)
    decided = [step.pk for flag in flags for step in flag.decisions.all() if step.decision == Name.OVERTURNED]
    rest_on = Q(evidence_kind=EVIDENCE_KIND, evidence_id__in=[completion.pk] if completion else [])
    found = HourEntry.objects.filter(rest_on | Q(evidence_kind=APPEAL_EVIDENCE, evidence_id__in=decided), kind="credit")
    return list(found.select_related("reversed_by").order_by("number"))
