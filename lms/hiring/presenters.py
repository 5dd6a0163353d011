"""How outcomes, lamps and alerts are worded and drawn, so that templates decide nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lms.hiring.models import BanAlert, Check, Outcome, Review, WebhookDelivery
from lms.hiring.services import effective_outcome
from lms.rules import yearly

LEVELS = {Outcome.CLEAR.value: "ok", Outcome.BARRED.value: "stop", Outcome.REVIEW.value: "attention"}
NEXT_STEPS: dict[str, Any] = {
    Outcome.CLEAR.value: _("名单中未见此人。可在有效期内办理入职；请保存回执。"),
    Outcome.BARRED.value: _("此人不得从事接触婴幼儿的工作，请勿录用。回执不说明原因；本人可向卫生健康部门了解。"),
    Outcome.REVIEW.value: _(
        "出现可能匹配，已转卫生健康部门人工核对。这不是拒绝：有结论后会通知您，在此之前请勿安排上岗。"
    ),
}
RULES: dict[str, Any] = {
    "number_and_name": _("证件号码和姓名都一致"),
    "number_and_previous_name": _("证件号码一致，姓名是其另一个名字"),
    "number_match_name_similar": _("证件号码一致，姓名读音相同"),
    "number_match_name_differs": _("证件号码一致，姓名不同"),
    "number_other_type": _("号码相同，证件类型不同"),
    "number_slip": _("姓名一致，号码只差一处"),
    "name_and_birth_date": _("姓名和出生日期一致，证件不同"),
    "name_variant_and_birth_date": _("姓名为异体或繁简写法，出生日期一致"),
    "previous_name_and_birth_date": _("与曾用名和出生日期一致"),
    "name_sound_and_birth_date": _("姓名读音和出生日期一致"),
    "name_part_and_birth_date": _("姓名的一部分和出生日期一致"),
    "name_birth_date_unknown": _("姓名一致，出生日期不详"),
    "holder_name_differs": _("证件登记在另一个姓名之下"),
    "registrar_same": _("卫生健康部门此前已认定为同一人"),
    "registrar_different": _("卫生健康部门此前已认定为不同的人"),
    "no_match": _("没有匹配"),
}

# Why a message did not arrive; other kinds of failure stand for themselves.
FAILURES: dict[str, Any] = {
    "host_unknown": _("找不到这个域名"),
    "address_not_public": _("域名指向了内网地址"),
    "url_not_allowed": _("地址不合要求"),
    "endpoint_disabled": _("接收地址已停用"),
    "TimeoutError": _("对方没有在时限内回答"),
    "ConnectionRefusedError": _("对方拒绝连接"),
    "SSLCertVerificationError": _("对方的证书无效"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says by now: level, word and what to do next."""

    outcome: str
    level: str
    word: Any
    text: Any


def answer_of(check: Check) -> Answer:
    outcome = effective_outcome(check)
    return Answer(outcome, LEVELS[outcome], Outcome(outcome).label, NEXT_STEPS[outcome])


def rule_of(code: str) -> Any:
    """The rule in words; a code not known here is its own word."""
    return RULES.get(code, code)


def clock_lamp(review: Review | None, now: datetime) -> tuple[str, Any]:
    """(state, word) of the service time of a check under review."""
    if review is None or review.closed_at is not None:
        return "none", "—"
    due = timezone.localtime(review.due_at)
    day = {"day": f"{due:%Y-%m-%d}"}
    if review.waiting_since is not None:
        return "none", _("等待机构补充材料")
    if review.due_at < now:
        return "stop", _("已超期，应于 %(day)s 前答复") % day
    return ("attention" if due.date() == timezone.localdate(now) else "ok"), _("须于 %(day)s 前答复") % day


def alert_lamp(alert: BanAlert, now: datetime) -> tuple[str, Any]:
    """(state, word) of an alert; ``alert.annulled`` was annotated by ``with_annulled``."""
    if getattr(alert, "annulled", False):
        return "none", _("决定已撤销")
    if hasattr(alert, "confirmation"):
        return "ok", _("已确认离岗")
    return ("stop", _("已超期")) if alert.confirm_by < now else ("attention", _("待确认"))


def due_lamp(due_on: date | None, today: date) -> tuple[str, Any]:
    """(state, word) of a yearly re-check; ``None``: nobody ever asked about this person."""
    if due_on is None:
        return "stop", _("从未核查")
    if due_on < today:
        days = (today - due_on).days
        return "stop", ngettext("已逾期 %(days)s 天", "已逾期 %(days)s 天", days) % {"days": days}
    return "attention", _("须于 %(day)s 前复核") % {"day": due_on.isoformat()}


def delivery_lamp(delivery: WebhookDelivery) -> tuple[str, Any]:
    """(state, word) of a message to an institution's own software."""
    match delivery.state:
        case WebhookDelivery.State.SENT:
            return "ok", _("已送达")
        case WebhookDelivery.State.GIVEN_UP:
            return "stop", _("无法送达")
    return ("attention", _("稍后重试")) if delivery.attempts else ("none", _("待发送"))


def delivery_row(delivery: WebhookDelivery) -> dict[str, Any]:
    """A message with its lamp, what came of it in words, and when it is tried again."""
    pending = delivery.state == WebhookDelivery.State.PENDING
    again = _("%(at)s 再试") % {"at": f"{timezone.localtime(delivery.next_attempt_at):%Y-%m-%d %H:%M}"}
    return {
        "delivery": delivery,
        "lamp": delivery_lamp(delivery),
        "note": _note_of(delivery),
        "again": again if pending and delivery.attempts else "",
    }


def _note_of(delivery: WebhookDelivery) -> Any:
    if delivery.sent_at:
        return _("送达于 %(at)s") % {"at": f"{timezone.localtime(delivery.sent_at):%Y-%m-%d %H:%M:%S}"}
    kind, _space, status = delivery.last_error.partition(" ")
    if kind == "HTTP":
        return _("对方回答 HTTP %(status)s") % {"status": status}
    return FAILURES.get(kind, _("连接不上（%(kind)s）") % {"kind": kind}) if kind else "—"


def check_lamp(latest: Check | None, on: date) -> tuple[str, Any]:
    """(state, word) of the last check of an employee."""
    if latest is None:
        return "attention", _("没有核查")
    outcome = effective_outcome(latest)
    if outcome != Outcome.CLEAR:
        return LEVELS[outcome], Outcome(outcome).label
    made = timezone.localdate(latest.checked_at)
    if yearly.next_due(made) < on:
        return "attention", _("逾期未复核（%(day)s）") % {"day": made.isoformat()}
    days = (on - made).days
    return "ok", (ngettext("%(days)s 天前", "%(days)s 天前", days) % {"days": days} if days else _("今天"))
