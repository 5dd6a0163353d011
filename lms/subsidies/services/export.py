"""The workbook auditors ask for: the lines, the evidence behind them, and what happened to the claim."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from lms.documents.workbooks import Sheet, write
from lms.subsidies.models import Claim, ClaimLine
from lms.subsidies.wording import VERDICTS, sentences


def export_claim(claim: Claim) -> bytes:
    """Three sheets as xlsx: lines, evidence, history. Every text is a text, whatever it begins with."""
    lines = list(claim.lines.current().with_verdict().order_by("position"))
    return write(
        sheets=[
            Sheet(name=_("明细"), columns=_line_columns(), rows=[_line(line) for line in lines]),
            Sheet(name=_("证据"), columns=_evidence_columns(), rows=[_evidence(line) for line in lines]),
            Sheet(name=_("经过"), columns=_history_columns(), rows=list(_history(claim))),
        ]
    )


def _line_columns() -> list[str]:
    return [
        _("序号"),
        _("姓名"),
        _("证件（掩码）"),
        _("课程"),
        _("学时"),
        _("证书编号"),
        _("金额（元）"),
        _("结论"),
        _("理由"),
    ]


def _line(line: Any) -> list[Any]:
    facts = line.facts
    return [
        line.position,
        facts["name"],
        facts["document"],
        facts["course"],
        Decimal(facts["class_hours"]),
        _serial(facts),
        Decimal(line.amount_fen) / 100,
        str(VERDICTS[line.verdict]),
        " ".join(sentences(line.verdict_findings, line.verdict_reason)),
    ]


def _evidence_columns() -> list[str]:
    return [
        _("序号"),
        _("报名时间"),
        _("通过时间"),
        _("学时记录"),
        _("入账分钟"),
        _("推导一致"),
        _("心跳次数"),
        _("第一次心跳"),
        _("最后一次心跳"),
        _("间隔中位数（秒）"),
        _("学习速度（倍）"),
        _("签到次数"),
        _("测验成绩"),
        _("设备摘要"),
        _("事实摘要（SHA-256）"),
    ]


def _evidence(line: ClaimLine) -> list[Any]:
    facts = line.facts
    beats = facts["heartbeats"]
    marks = (f"{one['points']}/{one['out_of']}" for one in facts["attempts"] if one["graded_at"])
    return [
        line.position,
        _time(facts["enrolled_at"]),
        _time(facts["passed_at"]),
        " ".join(entry["id"] for entry in facts["entries"]),
        sum(entry["minutes"] for entry in facts["entries"]),
        _("是") if facts["entries"] and all(entry["holds"] for entry in facts["entries"]) else _("否"),
        beats["count"],
        _time(beats["first"]),
        _time(beats["last"]),
        beats["median_seconds"],
        beats["rate"],
        len(facts["scans"]),
        " ".join(marks),
        " ".join(beats["devices"]),
        line.facts_hash,
    ]


def _history_columns() -> list[str]:
    return [_("步骤"), _("状态"), _("时间"), _("办理人"), _("金额（元）"), _("理由")]


def _history(claim: Claim) -> Iterator[list[Any]]:
    for step in claim.steps.select_related("officer__person").order_by("number"):
        amount = Decimal(step.amount_fen) / 100 if step.amount_fen is not None else None
        yield [step.number, step.get_state_display(), step.at, step.officer.display_name, amount, step.reason]
    for sample in claim.samples.select_related("drawn_by__person").order_by("at"):
        seed = _("种子 %(seed)s，%(count)s 行") % {"seed": sample.seed, "count": len(sample.line_ids)}
        yield [None, _("抽样"), sample.at, sample.drawn_by.display_name, None, seed]


def _serial(facts: dict[str, Any]) -> str:
    return str(facts["certificate"]["serial"]) if facts["certificate"] else ""


def _time(text: str) -> Any:
    return parse_datetime(text) if text else None
