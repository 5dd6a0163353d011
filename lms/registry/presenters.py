"""How a case is worded and drawn: its lamp, its steps, its history, and what may be done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.audit.actors import Actor
from lms.people.models import Role
from lms.registry.effects import Consequence, Item
from lms.registry.models import BanCase, BanState, BanSubject, CaseState
from lms.registry.services.consequences import Foreseen
from lms.registry.services.steps import ACTING, EDITABLE
from lms.rules.regions import covers

MOST_ITEMS = 100  # rows of one kind on a page

LAMPS: dict[str, str] = {
    CaseState.DRAFT: "none",
    CaseState.SUBMITTED: "attention",
    CaseState.RETURNED: "attention",
    CaseState.IN_FORCE: "stop",
    CaseState.UNDER_APPEAL: "stop",
    CaseState.APPEAL_CLOSED: "stop",
    CaseState.ANNULMENT_PROPOSED: "attention",
    CaseState.ANNULMENT_DECLINED: "stop",
    CaseState.ANNULLED: "none",
}

INTAKE_LAMPS: dict[str, str] = {"waiting": "attention", "running": "attention", "finished": "ok", "declined": "none"}
OUTCOME_LAMPS: dict[str, str] = {"": "none", "listed": "none", "taken": "stop", "annulled": "ok", "failed": "attention"}
PEER_LAMPS: dict[str, str] = {"proposed": "attention", "trusted": "ok", "withdrawn": "none"}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may be done with the case now. ``tone``: accent, quiet or stop; ``post`` acts without a page."""

    label: Any
    url: str
    tone: str = "quiet"
    post: bool = False


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four, to be read out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def lamp_of(state: str) -> tuple[str, Any]:
    """(lamp, word) of a state."""
    return LAMPS.get(state, "none"), CaseState(state).label


def steps_of(state: str) -> list[dict[str, Any]]:
    """Where the case is on its way: entered, confirmed, in force."""
    place = 0 if state in EDITABLE else 1 if state == CaseState.SUBMITTED else 2
    words = (_("录入"), _("第二人复核"), _("生效"))
    rows = [
        {"label": word, "state": "done" if at < place else "current" if at == place else "todo"}
        for at, word in enumerate(words)
    ]
    if state in ACTING:
        rows[2]["state"] = "done"
    if state == CaseState.ANNULLED:
        rows[2] = {"label": pgettext_lazy("ban", "已撤销"), "state": "stop"}
    return rows


def timeline_of(case: BanCase, states: Sequence[BanState]) -> list[dict[str, Any]]:
    """Every step with who took it, and the document it rests on."""
    return [
        {
            "at": row.at,
            "title": row.get_state_display(),
            "detail": " · ".join(filter(None, [row.officer.display_name, row.reason])),
            "state": LAMPS.get(row.state, "none"),
            "url": reverse("registry:document", args=[case.pk, row.document_id]) if row.document_id else "",
            "url_label": _("打开文书"),
        }
        for row in states
    ]


def acts_of(case: BanCase, state: str, actor: Actor) -> list[Act]:
    """What this officer may do next; the verbs ask again."""
    registrar, confirming = actor.role == Role.REGISTRAR, actor.role == Role.CONFIRMING_REGISTRAR
    acts: list[Act] = []

    def offer(label: Any, name: str, tone: str = "quiet", *, post: bool = False) -> None:
        acts.append(Act(label, reverse(f"registry:{name}", args=[case.pk]), tone, post))

    if registrar and state in EDITABLE:
        offer(_("提交复核"), "submit", "accent", post=True)
        offer(_("修改案件"), "edit")
    if confirming and state == CaseState.SUBMITTED:
        offer(_("复核"), "confirm", "accent")
    if confirming and state == CaseState.ANNULMENT_PROPOSED:
        offer(_("复核撤销"), "confirm_annulment", "accent")
    if state in {CaseState.IN_FORCE, CaseState.APPEAL_CLOSED, CaseState.ANNULMENT_DECLINED}:
        offer(_("登记申诉"), "appeal")
    if state == CaseState.UNDER_APPEAL:
        offer(_("申诉终结"), "close_appeal")
    if registrar and state in ACTING - {CaseState.ANNULMENT_PROPOSED}:
        offer(_("提出撤销"), "annul")
    if state in {CaseState.ANNULMENT_PROPOSED, CaseState.ANNULLED}:
        offer(_("登记补偿"), "compensation")
    return acts


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence as an officer reads it: the rows of their region, and how many there are besides."""

    label: Any
    count: int
    items: Sequence[Item]
    more: int  # of their region, beyond what a page holds
    elsewhere: int


def effects_of(consequences: Sequence[Consequence], actor: Actor) -> list[Effect]:
    """Consequences with the rows this officer may see."""
    effects = []
    for row in consequences:
        own = [item for item in row.items if actor.region_code and covers(actor.region_code, item.region_code)]
        elsewhere = row.count - len(own)
        effects.append(Effect(row.label, row.count, own[:MOST_ITEMS], max(0, len(own) - MOST_ITEMS), elsewhere))
    return effects


@dataclass(frozen=True, slots=True)
class Then:
    """What happens on one day, as an officer reads it. ``day`` is None for at once."""

    day: date | None
    people: int
    effects: Sequence[Effect]
    any_effect: bool


def then_of(foreseen: Foreseen, actor: Actor) -> Then:
    rows = foreseen.consequences
    later = foreseen.day if foreseen.day > timezone.localdate() else None
    return Then(later, foreseen.people, effects_of(rows, actor), any(row.count for row in rows))


def with_phases(subjects: Sequence[BanSubject]) -> Sequence[BanSubject]:
    """The same subjects; each says (``phase``) when its ban hasn't begun, or is over."""
    today = timezone.localdate()
    for subject in subjects:
        later, over = subject.from_date > today, subject.until is not None and subject.until < today
        subject.phase = _("尚未开始") if later else _("已届满") if over else ""  # type: ignore[attr-defined]
    return subjects


def sentences_of(consequences: Sequence[Consequence]) -> list[str]:
    """Consequences as sentences: the count, then what happens to them. Nothing is said of what concerns nobody."""
    return [f"{row.count} {row.label}" for row in consequences if row.count]
