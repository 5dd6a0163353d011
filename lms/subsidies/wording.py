"""Findings, verdicts and evidence in the words people read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.rules.subsidy import Finding, Severity
from lms.subsidies.models import LineVerdict

LAMPS = {
    LineVerdict.Verdict.PAY: "ok",
    LineVerdict.Verdict.QUERY: "attention",
    LineVerdict.Verdict.REFUSE: "stop",
    LineVerdict.Verdict.BLOCKED: "stop",
}
VERDICTS = dict(LineVerdict.Verdict.choices)
EVIDENCE = {
    "heartbeats": gettext_lazy("心跳"),
    "attempt": gettext_lazy("测验"),
    "attendance": gettext_lazy("面授签到"),
}


def sentence(finding: Mapping[str, Any]) -> str:
    """One finding as a sentence, from what is kept on the verdict."""
    known = Finding(finding["code"], Severity(finding["severity"]), finding["params"])
    text = _(known.message)
    return text % finding["params"] if finding["params"] else text


def sentences(findings: Iterable[Mapping[str, Any]] | None, reason: str | None = "") -> list[str]:
    """Every finding, and what the officer said who settled the line."""
    told = [sentence(finding) for finding in findings or ()]
    return [*told, _("审计员：%(reason)s") % {"reason": reason}] if reason else told


def timeline(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The evidence of a line in order, as the timeline component wants it."""
    events = [
        _event(facts["enrolled_at"], _("报名"), facts["course"]),
        *_learning(facts["heartbeats"]),
        *(_lesson(lesson) for lesson in facts["lessons"]),
        *(_scan(scan) for scan in facts["scans"]),
        *(_attempt(attempt) for attempt in facts["attempts"]),
        _event(facts["passed_at"], _("课程通过"), _("%(hours)s 学时") % {"hours": facts["class_hours"]}, "ok"),
        *(_entry(entry) for entry in facts["entries"]),
    ]
    if certificate := facts["certificate"]:
        events.append(_event(certificate["issued_at"], _("签发证书"), certificate["serial"], "ok"))
    return sorted(events, key=lambda event: event["at"])


def _event(at: str, title: str, detail: str, state: str = "none") -> dict[str, Any]:
    return {"at": moment(at), "title": title, "detail": detail, "state": state}


def moment(text: str) -> datetime:
    at = parse_datetime(text)
    if at is None:
        raise ValueError("a frozen moment can't be read")
    return at


def _learning(beats: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not beats["count"]:
        return []
    figures = _("共 %(count)s 次，计 %(minutes)s 分钟，间隔中位数 %(seconds)s 秒") % {
        "count": beats["count"],
        "minutes": beats["credited_minutes"],
        "seconds": beats["median_seconds"],
    }
    state = "attention" if beats["identical_spacing"] else "none"
    return [
        _event(beats["first"], _("第一次学习心跳"), figures, state),
        _event(beats["last"], _("最后一次学习心跳"), "", "none"),
    ]


def _lesson(lesson: Mapping[str, Any]) -> dict[str, Any]:
    detail = _("依据：%(evidence)s") % {"evidence": EVIDENCE.get(lesson["evidence"], lesson["evidence"])}
    return _event(lesson["at"], _("完成课节：%(title)s") % {"title": lesson["title"]}, detail)


def _scan(scan: Mapping[str, Any]) -> dict[str, Any]:
    title = _("面授签到") if scan["kind"] == "in" else _("面授签退")
    on_paper = scan["method"] == "paper"
    detail = _("%(venue)s（纸质补登）") % {"venue": scan["venue"]} if on_paper else scan["venue"]
    return _event(scan["at"], title, detail, "attention" if on_paper else "none")


def _attempt(attempt: Mapping[str, Any]) -> dict[str, Any]:
    title = _("测验：%(lesson)s（第 %(number)s 次）") % {"lesson": attempt["lesson"], "number": attempt["number"]}
    if not attempt["graded_at"]:
        return _event(attempt["started_at"], title, _("未交卷"), "attention")
    detail = _("%(points)s / %(out_of)s 分") % {"points": attempt["points"], "out_of": attempt["out_of"]}
    if attempt["gradings"] > 1:
        detail += _("，成绩改动 %(times)s 次") % {"times": attempt["gradings"] - 1}
    return _event(attempt["graded_at"], title, detail, "ok" if attempt["passed"] else "attention")


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    title = _("学时入账 #%(number)s：%(hours)s 学时") % {"number": entry["number"], "hours": entry["class_hours"]}
    proved = entry["holds"]
    detail = _("由证据重新推导，一致") if proved else _("由证据重新推导，不一致")
    return _event(entry["at"], title, detail, "ok" if proved else "stop")
