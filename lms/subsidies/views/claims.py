"""One claim with its lines, and one line with all of its evidence. What can be done here depends on who looks."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.documents.uploads import XLSX
from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views.exports import attachment
from lms.people.wording import refuse
from lms.rules.refusals import Refusal
from lms.subsidies import services
from lms.subsidies.forms import LineFilter, NoteForm, ReasonForm, SampleForm, SettleForm
from lms.subsidies.models import Claim, ClaimLine, ClaimState, ClaimStep, LineVerdict, Sample
from lms.subsidies.querysets import AUDITING_ROLES, COLLEGE_ROLES
from lms.subsidies.services.steps import EDITABLE
from lms.subsidies.wording import LAMPS, VERDICTS, moment, sentences, timeline

PAGE_SIZE = 25
READERS = (*sorted(AUDITING_ROLES), *sorted(COLLEGE_ROLES))
_STATE_TONES = {"approved": "ok", "paid": "ok", "rejected": "stop", "returned": "attention"}


@role_required(*READERS)
def claim(request: ActingRequest, pk: UUID) -> HttpResponse:
    return claim_page(request, found_claim(request, pk))


def found_claim(request: ActingRequest, pk: UUID) -> Claim:
    """The claim, where whoever asks may see it."""
    visible = Claim.objects.visible_to(request.actor).select_related("scheme__bureau", "college", "release")
    return get_object_or_404(visible, pk=pk)


def claim_page(request: ActingRequest, claim: Claim, **forms: Any) -> HttpResponse:
    """The page of a claim; ``forms`` are those that came back with errors."""
    form = LineFilter(request.GET)
    sample = claim.samples.filter(assembly=claim.assembly).select_related("drawn_by__person").first()
    lines = _chosen(claim, form, sample)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    totals = services.totals(claim)
    steps = list(claim.steps.select_related("officer__person").order_by("number"))
    context = {
        "claim": claim,
        "form": form,
        "page": page,
        "rows": [_row(line, sample) for line in page.object_list],
        "verdicts": _verdicts(totals),
        "lines_total": sum(count for count, _fen in totals.values()),
        "amount_total": services.yuan(sum(fen for _count, fen in totals.values())),
        "amount_payable": services.yuan(totals["pay"][1]),
        "in_doubt": totals["query"][0],
        "sample": sample,
        "sample_holds": sample is None or services.drawn_again(sample),
        "history": [_history(step) for step in steps],
        "returned": steps[-1] if steps and claim.state == ClaimState.RETURNED else None,
        "state_tone": _STATE_TONES.get(claim.state, ""),
        **_actions(request, claim, steps),
        "note_form": NoteForm(),
        "reason_form": ReasonForm(),
        "sample_form": SampleForm(),
        **forms,
    }
    return render(request, "subsidies/claim.html", context, status=422 if forms else 200)


def _chosen(claim: Claim, form: LineFilter, sample: Sample | None) -> Any:
    lines = claim.lines.current().order_by("position")
    if form.is_valid():
        asked = form.cleaned_data
        if text := asked["q"].strip():
            lines = lines.filter(facts__name__icontains=text)
        if asked["sampled"]:
            lines = lines.filter(pk__in=sample.line_ids if sample else [])
        if asked["verdict"]:
            return lines.judged(asked["verdict"])
    return lines.with_verdict()


def _row(line: ClaimLine, sample: Sample | None) -> dict[str, Any]:
    return {
        "line": line,
        "facts": line.facts,
        "state": LAMPS.get(LineVerdict.Verdict(line.verdict), "none") if line.verdict else "none",
        "verdict": VERDICTS.get(line.verdict or "", ""),
        "reasons": sentences(line.verdict_findings, line.verdict_reason),
        "amount": services.yuan(line.amount_fen),
        "sampled": sample is not None and str(line.pk) in sample.line_ids,
    }


def _verdicts(totals: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        {
            "verdict": VERDICTS[verdict],
            "state": LAMPS[LineVerdict.Verdict(verdict)],
            "count": count,
            "amount": services.yuan(fen),
        }
        for verdict, (count, fen) in totals.items()
    ]


def _history(step: ClaimStep) -> dict[str, Any]:
    amount = _("%(amount)s 元") % {"amount": services.yuan(step.amount_fen)} if step.amount_fen is not None else ""
    detail = " · ".join(filter(None, [step.officer.display_name, amount, step.reason]))
    state = {"rejected": "stop", "returned": "attention"}.get(step.state, "ok")
    return {"at": step.at, "title": step.get_state_display(), "detail": detail, "state": state}


def _actions(request: ActingRequest, claim: Claim, steps: list[ClaimStep]) -> dict[str, bool]:
    """What this actor may do to the claim as it is. The verbs ask again."""
    role, state = request.actor.role, claim.state
    auditors = [step.officer_id for step in steps if step.state == ClaimState.AUDITED]
    return {
        "may_reassemble": role in COLLEGE_ROLES and state in EDITABLE,
        "may_submit": role == Role.COLLEGE_PUBLISHER and state in EDITABLE,
        "may_sample": role == Role.BUREAU_AUDITOR and state in {ClaimState.SUBMITTED, ClaimState.AUDITED},
        "may_audit": role == Role.BUREAU_AUDITOR and state == ClaimState.SUBMITTED,
        "may_return": role in AUDITING_ROLES and state in {ClaimState.SUBMITTED, ClaimState.AUDITED},
        "may_decide": role == Role.BUREAU_APPROVER and state == ClaimState.AUDITED,
        "audited_it": bool(auditors) and auditors[-1] == request.actor.id,
        "may_pay": role == Role.BUREAU_APPROVER and state == ClaimState.APPROVED,
        "is_bureau": role in AUDITING_ROLES,
    }


@role_required(*READERS)
def line(request: ActingRequest, pk: UUID, position: int) -> HttpResponse:
    """One trainee's evidence on one page, in order of time; the auditor settles a line in doubt here."""
    claim = found_claim(request, pk)
    row = claim.lines.current().with_verdict().filter(position=position).first()
    if row is None:
        raise Http404
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_line(line=row, actor=request.actor, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("subsidies:line", pk, position)
    status = 422 if form.is_bound else 200
    return render(request, "subsidies/line.html", _line_context(request, claim, row, form), status=status)


def _line_context(request: ActingRequest, claim: Claim, row: ClaimLine, form: SettleForm) -> dict[str, Any]:
    sample = claim.samples.filter(assembly=claim.assembly).first()
    verdicts = list(row.verdicts.order_by("number"))
    positions = list(claim.lines.current().order_by("position").values_list("position", flat=True))
    place = positions.index(row.position)
    in_doubt = row.verdict in {"query", "pay"} or bool(row.verdict_reason)
    return {
        "claim": claim,
        "row": _row(row, sample),
        "beats": _beats(row.facts),
        "facts": row.facts,
        "events": timeline(row.facts),
        "enrolled_at": moment(row.facts["enrolled_at"]),
        "passed_at": moment(row.facts["passed_at"]),
        "verdicts": [_said(verdict) for verdict in verdicts],
        "previous": positions[place - 1] if place else None,
        "next": positions[place + 1] if place + 1 < len(positions) else None,
        "form": form,
        "may_settle": request.actor.role == Role.BUREAU_AUDITOR
        and claim.state in {ClaimState.SUBMITTED, ClaimState.AUDITED}
        and in_doubt,
    }


def _beats(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    beats = facts["heartbeats"]
    if not beats["count"]:
        return []
    rate = _("%(rate)s 倍（允许 %(most)s 倍）") % {"rate": beats["rate"], "most": beats["max_rate"]}
    return [
        (_("次数"), beats["count"]),
        (_("计入时长"), _("%(minutes)s 分钟") % {"minutes": beats["credited_minutes"]}),
        (_("第一次"), moment(beats["first"])),
        (_("最后一次"), moment(beats["last"])),
        (_("间隔中位数"), _("%(seconds)s 秒") % {"seconds": beats["median_seconds"]}),
        (_("最快学习速度"), rate if beats["rate"] else "—"),
        (_("设备数"), len(beats["devices"])),
        (_("同设备的其他人"), facts["shared"]["device"]),
        (_("同网络地址的其他人"), facts["shared"]["address"]),
    ]


def _said(verdict: LineVerdict) -> dict[str, Any]:
    by = _("规则") if verdict.by == "rules" else verdict.by
    detail = " ".join([by, *sentences(verdict.findings, verdict.reason)])
    state = LAMPS[LineVerdict.Verdict(verdict.verdict)]
    return {"at": verdict.at, "title": verdict.get_verdict_display(), "detail": detail, "state": state}


@role_required(*READERS)
def export(request: ActingRequest, pk: UUID) -> HttpResponse:
    """The workbook auditors ask for."""
    claim = found_claim(request, pk)
    response = HttpResponse(services.export_claim(claim), content_type=XLSX)
    response.headers["Content-Disposition"] = attachment(f"{claim.number}.xlsx")
    return response
