"""A recall in words and figures, as its pages and workbooks tell it."""

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import IssueBatch, Recall, RecallItem, RecallState, StateCode
from certificates.services.recalls import consequences_of
from certificates.services.scopes import restored
from lms.rules import names

LEVELS = {"proposed": "attention", "confirmed": "attention", "declined": "none", "done": "stop"}


def row_of(recall: Recall) -> dict[str, Any]:
    about: Any = recall
    return {
        "recall": recall,
        "count": about.count,
        "scope": scope_of(recall),
        "code": StateCode(recall.code).label,
        "word": RecallState.Name(recall.state).label,
        "level": LEVELS[recall.state],
    }


def scope_of(recall: Recall) -> str:
    """What was selected, in words."""
    scope = restored(recall.scope)
    parts = []
    if scope.release:
        parts.append(f"《{scope.release.title}》")
    if scope.session:
        parts.append(str(scope.session))
    if scope.batch:
        parts.append(batch_name(scope.batch))
    if scope.issued_from or scope.issued_to:
        first = scope.issued_from.isoformat() if scope.issued_from else _("最早")
        last = scope.issued_to.isoformat() if scope.issued_to else _("提出时")
        parts.append(_("%(first)s 至 %(last)s 签发") % {"first": first, "last": last})
    return " · ".join(parts)


def batch_name(batch: IssueBatch) -> str:
    drafted = timezone.localtime(batch.drafted_at)
    return _("批次 %(title)s %(period)s（%(at)s）") % {
        "title": batch.type.title,
        "period": batch.period,
        "at": f"{drafted:%Y-%m-%d %H:%M}",
    }


def facts_of(recall: Recall) -> list[tuple[str, Any]]:
    return [
        (_("发证单位"), recall.issuer.name),
        (_("范围"), scope_of(recall)),
        (_("撤销原因（公开）"), StateCode(recall.code).label),
        (_("决定机关（公开）"), recall.authority),
        (_("具体理由（告知持证人）"), recall.reason),
    ]


def will_happen(recall: Recall) -> list[str]:
    """What confirming does, in sentences."""
    effect = consequences_of(recall)
    certificates = ngettext("%(count)d 份证书被撤销", "%(count)d 份证书被撤销", effect.certificates)
    people = ngettext("%(count)d 位持证人收到通知和具体理由", "%(count)d 位持证人收到通知和具体理由", effect.people)
    employers = ngettext(
        "%(count)d 家用人单位的花名册不再显示这些证书有效",
        "%(count)d 家用人单位的花名册不再显示这些证书有效",
        effect.employers,
    )
    since = ngettext(
        "提出之后同一范围内又签发了 %(count)d 份，不在其中，需另行提出",
        "提出之后同一范围内又签发了 %(count)d 份，不在其中，需另行提出",
        effect.since,
    )
    return [
        certificates % {"count": effect.certificates},
        _("公众扫码核验立即显示“已撤销”和公开的原因"),
        people % {"count": effect.people},
        *([employers % {"count": effect.employers}] if effect.employers else []),
        *([since % {"count": effect.since}] if effect.since else []),
        _("撤销记录不能删除；事后查明有误的，逐份“恢复”更正"),
    ]


def progress_of(recall: Recall) -> dict[str, Any]:
    counted = recall.items.aggregate(total=Count("pk"), done=Count("pk", filter=~Q(outcome="")))
    url = reverse("certificates:recall", args=[recall.pk])
    running = recall.state == RecallState.Name.CONFIRMED
    return {
        "id": "recall",
        "label": RecallState.Name(recall.state).label,
        "value": counted["done"],
        "total": counted["total"],
        "text": f"{counted['done']} / {counted['total']}",
        "poll_url": f"{url}?part=progress" if running else "",
    }


def event_of(state: RecallState) -> dict[str, Any]:
    words = {"proposed": _("提出"), "confirmed": _("复核同意"), "declined": _("复核不同意"), "done": _("全部撤销")}
    parts = [state.organisation_name, state.officer.username if state.officer else "", state.reason]
    return {
        "at": state.at,
        "title": words[state.state],
        "detail": " · ".join(part for part in parts if part),
        "state": LEVELS[state.state],
    }


def item_of(item: RecallItem) -> dict[str, Any]:
    certificate = item.certificate
    return {
        "certificate": certificate,
        "holder": names.mask(certificate.holder_name),
        "issued_on": timezone.localdate(certificate.issued_at),
        "word": RecallItem.Outcome(item.outcome).label if item.outcome else _("尚未处理"),
        "level": "stop" if item.outcome in {"revoked", "successor"} else "none",
    }
