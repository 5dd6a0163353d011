"""How an order to issue to many is told: its rule in words, what became of each, and why not, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from certificates.models import BatchState, IssueBatch, IssueBatchRow
from certificates.services.batches import PRINT_FAILED, Progress
from certificates.services.choosing import Selection
from certificates.services.foreseeing import HELD
from courses.catalogue.models import Programme, Release
from lms.people import places
from lms.people.models import Organisation, Post

Outcome = IssueBatchRow.Outcome
LAMPS: dict[str, str] = {
    BatchState.DRAFTED: "attention",
    BatchState.RUNNING: "attention",
    BatchState.PAUSED: "attention",
    BatchState.FINISHED: "ok",
    BatchState.CANCELLED: "none",
}
# Each reason in a few words, to count and to filter by; the rows say it in full.
REASONS: dict[str, Any] = {
    "requirement_not_met": _("年度学时未达标"),
    "course_not_passed": _("课程尚未通过"),
    "programme_incomplete": _("培训计划未完成"),
    "requirements_missing": _("培训要求未达到"),
    "period_other": _("不属于这个年度"),
    "not_a_teacher": _("不是在册教师"),
    "barred": _("在从业禁入名单中"),
    "glyph_missing": _("姓名中有无法印制的字"),
    "revoked_already": _("原证书已被撤销"),
    "no_requirement": _("当地政策不要求"),
    "no_issuer": _("发证单位未入驻"),
    "type_retired": _("证书类型已停用"),
    "failed": _("系统出错"),
}
OTHER_REASON = _("其他原因")


def reason_of(row: IssueBatchRow) -> str:
    """Why a row has no certificate (or no file), or will have none; empty where nothing stands in the way."""
    if row.code == PRINT_FAILED:
        return gettext("证书已签发，PDF 暂未生成，下载时会再次生成。")
    given = dict(row.params)
    message = given.pop("message", "")
    if not message:
        return ""
    if isinstance(given.get("left"), list):
        given["left"] = _left(given["left"])
    return gettext(message) % given if given else gettext(message)


def outcome_of(row: IssueBatchRow) -> tuple[Any, str]:
    """The word for a row and its lamp. Before a worker comes it is what the dry run foresaw."""
    match row.outcome or row.foreseen:
        case Outcome.ISSUED:
            return Outcome.ISSUED.label, "ok"
        case Outcome.REFUSED:
            return Outcome.REFUSED.label, "stop"
        case _ if row.outcome == Outcome.HELD or row.foreseen == HELD:
            return Outcome.HELD.label, "ok"
        case "":
            return pgettext_lazy("issue batch", "可签发"), "none"
        case _:
            return pgettext_lazy("issue batch", "不符合"), "attention"


def reasons_of(batch: IssueBatch) -> list[tuple[str, Any, int]]:
    """``(code, words, how many)`` of those without a certificate, the most frequent first."""
    refused = batch.rows.filter(outcome=Outcome.REFUSED).order_by().values_list("code").annotate(count=Count("pk"))
    foreseen = batch.rows.waiting().exclude(foreseen__in=["", HELD]).order_by()
    counts: dict[str, int] = dict(refused)
    for code, count in foreseen.values_list("foreseen").annotate(count=Count("pk")):
        counts[code] = counts.get(code, 0) + count
    return sorted(
        ((code, REASONS.get(code, OTHER_REASON), count) for code, count in counts.items()),
        key=lambda reason: (-reason[2], reason[0]),
    )


def rule_of(batch: IssueBatch) -> list[tuple[Any, Any]]:
    """The rule as pairs of what is asked and what was chosen."""
    selection = Selection.of(batch.rule)
    return [(term, value) for term, value in _pairs(selection) if value]


def summary_of(batch: IssueBatch, named: Mapping[str, str]) -> str:
    """The rule in one line, for lists; ``named`` are the titles its keys stand for (see ``titles_of``)."""
    selection = Selection.of(batch.rule)
    post = str(Post(selection.post).label) if selection.post else ""
    parts = (
        str(selection.year or ""),
        named.get(selection.region, ""),
        named.get(selection.institution, ""),
        post,
        named.get(selection.course, ""),
        named.get(selection.programme, ""),
    )
    return " · ".join(part for part in parts if part)


def titles_of(batches: list[IssueBatch]) -> dict[str, str]:
    """What places, bodies, courses and programmes in the rules of these batches are called. Four queries."""
    rules = [Selection.of(batch.rule) for batch in batches]
    bodies = Organisation.objects.filter(pk__in={one.institution for one in rules if one.institution})
    return {
        **places.names(),
        **{str(key): name for key, name in bodies.values_list("pk", "name")},
        **_course_titles({one.course for one in rules if one.course}),
        **_programme_titles({one.programme for one in rules if one.programme}),
    }


def bar_of(batch: IssueBatch, counts: Progress) -> dict[str, Any]:
    """The progress bar, as ``components/progress.html`` takes it."""
    told = gettext("已签发 %(issued)d · 已持有 %(held)d · 未签发 %(refused)d · 待处理 %(waiting)d")
    return {
        "id": "batch-bar",
        "label": batch.get_state_display(),
        "value": counts.done,
        "total": counts.total,
        "text": told % {name: getattr(counts, name) for name in ("issued", "held", "refused", "waiting")},
        "poll_url": reverse("certificates:batch_progress", args=[batch.pk])
        if batch.state == BatchState.RUNNING
        else "",
    }


def _pairs(selection: Selection) -> list[tuple[Any, Any]]:
    body = Organisation.objects.filter(pk=selection.institution).first() if selection.institution else None
    return [
        (_("年度"), str(selection.year or "")),
        (_("地区"), places.name_of(selection.region) if selection.region else ""),
        (_("用人单位"), body.name if body else ""),
        (_("岗位"), Post(selection.post).label if selection.post else ""),
        (_("课程"), _course_titles({selection.course}).get(selection.course, "") if selection.course else ""),
        (
            _("培训计划"),
            next(iter(_programme_titles([selection.programme]).values()), "") if selection.programme else "",
        ),
    ]


def _course_titles(keys: Iterable[str]) -> dict[str, str]:
    courses = [UUID(key) for key in keys]
    rows = Release.objects.filter(course__in=courses).order_by("number").values_list("course", "title")
    return {str(course): title for course, title in rows}


def _programme_titles(keys: Iterable[str]) -> dict[str, str]:
    rows = Programme.objects.filter(pk__in=[UUID(key) for key in keys])
    return {str(key): title for key, title in rows.values_list("pk", "title")}


def _left(left: list[list[str]]) -> str:
    sentence = gettext("%(title)s还差 %(left)s 学时")
    return gettext("；").join(sentence % {"title": gettext(title), "left": hours} for title, hours in left)
