"""A bureau hands in a workbook of serials and reads, or takes away, what each is worth."""

from collections import Counter
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Certificate
from certificates.services import bulk_check as services
from certificates.services.bulk_check import Answer
from certificates.showing import WORDS, address_of
from lms.people.access import ActingRequest, role_required
from lms.people.limits import knock
from lms.people.views import exports
from lms.people.wording import refuse, sentence
from lms.rules.refusals import Refusal, TooMany

CHECKS, SECONDS = 10, 60
SHOWN = 200
TITLES = (
    *(gettext_lazy("行号"), gettext_lazy("证书编号"), gettext_lazy("状态"), gettext_lazy("说明")),
    *(gettext_lazy("持证人"), gettext_lazy("证书"), gettext_lazy("发证单位"), gettext_lazy("发证日期")),
    *(gettext_lazy("有效期至"), gettext_lazy("核验页")),
)


class BulkForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("证书编号工作簿"),
        help_text=gettext_lazy(
            "Excel（.xlsx），一列“证书编号”，可另加一列“姓名”以核对；最多 2000 行。文件不会被保存。"
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


@require_http_methods(["GET", "POST"])
@role_required(*services.ROLES)
def bulk_check(request: ActingRequest) -> HttpResponse:
    """On the page what needs attention; as a workbook every row."""
    if request.method != "POST":
        return _page(request, {"form": BulkForm()})
    try:
        knock(request, door=f"bulk-check:{request.actor.id}", limit=CHECKS, seconds=SECONDS)
    except TooMany as refusal:
        response = _page(request, {"form": BulkForm(), "problem": sentence(refusal)}, status=refusal.status)
        response["Retry-After"] = str(SECONDS)
        return response
    form = BulkForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"form": form}, status=422)
    try:
        answers = services.check_serials(file=form.cleaned_data["file"], actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        refuse(form, refusal)
        return _page(request, {"form": form}, status=refusal.status)
    if request.POST.get("as") == "workbook":
        return exports.workbook(_("证书核验结果"), TITLES, (_cells(answer) for answer in answers))
    return _page(request, {"form": BulkForm(), **_read(answers)})


@require_safe
@role_required(*services.ROLES)
def template(request: ActingRequest) -> HttpResponse:
    """An empty workbook with the titles."""
    return exports.workbook(_("证书编号"), [_(column.titles[0]) for column in services.COLUMNS], [])


def _page(request: ActingRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "certificates/bulk_check.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _read(answers: list[Answer]) -> dict[str, Any]:
    """Counts, and the rows that somebody has to look at."""
    counted = Counter(_word(answer)[1] for answer in answers)
    wrong = [answer for answer in answers if answer.problem or answer.verdict is None or not answer.verdict.is_valid]
    rows = [
        {"answer": answer, "word": _word(answer)[0], "level": _word(answer)[1], "why": _why(answer)} for answer in wrong
    ]
    return {
        "total": len(answers),
        "good": counted["ok"],
        "bad": len(wrong),
        "rows": rows[:SHOWN],
        "left": max(0, len(rows) - SHOWN),
        "checked_at": timezone.localtime(),
    }


def _word(answer: Answer) -> tuple[str, str]:
    """The word and the level of a row."""
    if answer.verdict is None:
        return _("无法核验") if answer.problem != "serial_unknown" else _("查无此证"), "none"
    word, _english, level, _text = WORDS[answer.verdict.status]
    return str(word), "attention" if answer.problem and level == "ok" else level


def _why(answer: Answer) -> str:
    """Everything that stands against a row, as one sentence."""
    reasons = [str(services.PROBLEMS[answer.problem])] if answer.problem else []
    if answer.verdict and answer.verdict.reason:
        reasons.append(str(answer.verdict.reason))
    if answer.same_as:
        reasons.append(_("与第 %(row)d 行重复") % {"row": answer.same_as})
    return _("；").join(reasons)


def _cells(answer: Answer) -> list[Any]:
    certificate: Certificate | None = answer.certificate
    head = [answer.row, answer.serial, _word(answer)[0], _why(answer)]
    if certificate is None:
        return head
    return [
        *head,
        answer.holder,
        certificate.title,
        certificate.issuer_name,
        timezone.localdate(certificate.issued_at),
        certificate.valid_until,
        address_of(certificate.token) if answer.whole else "",
    ]
