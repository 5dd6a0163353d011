"""For officers: that somebody's entry stands in the signed list, on a page and as a file to take to court."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from lms.people.access import ActingRequest, role_required
from lms.people.views import exports
from lms.registry.models import BanSubject, ListAct, ListVersion
from lms.registry.services import versions
from lms.registry.services.versions import Proof
from lms.registry.views.cases import OFFICERS, own_case
from lms.registry.views.public import version_told


@role_required(*OFFICERS)
def proof(request: ActingRequest, pk: Any, subject_pk: Any) -> HttpResponse:
    """Each line of the log about the subject, and how it leads to the newest root."""
    subject = _subject(request, pk, subject_pk)
    if request.GET.get("format") == "json":
        response = JsonResponse({"proofs": [_told(one) for one in _proofs(subject)]}, json_dumps_params={"indent": 2})
        response.headers["Content-Disposition"] = exports.attachment("proof.json")
        return response
    context = {
        "case": subject.case,
        "subject": subject,
        "proofs": [
            {"title": one.leaf.get_act_display(), "facts": _facts(one), "proof": one} for one in _proofs(subject)
        ],
    }
    return render(request, "registry/proof.html", context)


def _subject(request: ActingRequest, pk: Any, subject_pk: Any) -> BanSubject:
    return get_object_or_404(BanSubject.objects.select_related("case"), case=own_case(request, pk), pk=subject_pk)


def _proofs(subject: BanSubject) -> list[Proof]:
    """Refuses somebody who is on no version yet."""
    later = subject.leaves.exclude(act=ListAct.ENTERED).order_by("position")
    acts = [ListAct.ENTERED, *later.values_list("act", flat=True)]
    return [versions.prove_entry(subject, act=act) for act in acts]


def _facts(one: Proof) -> list[tuple[Any, Any]]:
    entered = ListVersion.objects.filter(size__gte=one.leaf.position).order_by("number").first()
    return [
        (_("日志行"), one.leaf.position),
        (_("自版本"), f"#{entered.number}" if entered else None),
        (_("证明所用版本"), f"#{one.version.number}"),
        (_("该版本行数"), one.version.size),
        (_("根哈希"), one.version.root),
        (_("行内容"), one.line),
    ]


def _told(one: Proof) -> dict[str, Any]:
    """Without personal data: the line commits to the entry and does not tell it."""
    return {
        "version": version_told(one.version),
        "position": one.leaf.position,
        "line": one.line,
        "inclusion": one.inclusion,
    }
