"""Types of certificate: the list an issuer's staff answers for, and the form that makes or changes one."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import STAFF_RULES, CertificateType, Rule, TemplateVersion
from certificates.querysets import CertificateTypeQuerySet
from certificates.services.type_editing import MANAGING_ROLES, change_type, create_type, issuers_for
from certificates.type_forms import TypeForm
from courses.catalogue.models import Topic
from lms.audit.actors import Actor
from lms.people.access import ActingRequest, role_required
from lms.people.models import Post
from lms.people.wording import refuse
from lms.rules.refusals import Refusal


@require_safe
@role_required(*MANAGING_ROLES)
def types(request: ActingRequest) -> HttpResponse:
    """Every type whose rules or sheet the reader answers for; those no longer issued last."""
    issued = Count("certificates", filter=_in_name_of(request.actor))
    found = _managed(request.actor).annotate(issued=issued).order_by("retired_at", "rule", "title", "pk")
    newest = versions_of(found, request.actor)
    rows = [
        {"type": row, "asks": asks_of(row), "lamp": "none" if row.retired_at else "ok", "version": newest.get(row.pk)}
        for row in found
    ]
    context = {"rows": rows, "rules": [(rule.value, rule.label) for rule in STAFF_RULES], "tab": "types"}
    return render(request, "certificates/types.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*MANAGING_ROLES)
def new_type(request: ActingRequest, rule: str) -> HttpResponse:
    """Make a type of one rule."""
    issuers = issuers_for(request.actor)
    if rule not in STAFF_RULES or not issuers:
        raise Http404
    form = TypeForm(request.POST or None, rule=rule, issuers=issuers)
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {"rule": rule, "issuer": form.issuer, **form.arguments()}
        try:
            kind = create_type(**given, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("证书类型已设立。可以继续设计版式；不设计时使用系统版式。"))
            return redirect("certificates:template", kind.pk)
    context = {"form": form, "rule": Rule(rule)}
    return render(request, "certificates/type_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required(*MANAGING_ROLES)
def edit_type(request: ActingRequest, type_id: UUID) -> HttpResponse:
    """Change what will be issued from now on."""
    kind = get_object_or_404(_managed(request.actor).made_by_staff(), pk=type_id)
    form = TypeForm(request.POST or None, rule=kind.rule, issuers=[], type=kind)
    if request.method == "POST" and form.is_valid():
        try:
            change_type(type=kind, **form.arguments(), actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已保存。以后签发的证书按新的规则；已签发的不变。"))
            return redirect("certificates:types")
    context = {"form": form, "rule": Rule(kind.rule), "type": get_object_or_404(_managed(request.actor), pk=type_id)}
    return render(request, "certificates/type_edit.html", context, status=422 if form.errors else 200)


def asks_of(type: CertificateType) -> list[str]:
    """What a type asks for, in a line or two."""
    asked = type.requirements
    match type.rule:
        case Rule.COURSE_PASSED:
            return [_("通过一门课程")]
        case Rule.ANNUAL_REQUIREMENT:
            return [_("达到当地的年度学时")]
        case Rule.PROGRAMME:
            count = len(asked.get("programmes", ()))
            some = ngettext("完成 %(count)d 个指定的培训计划之一", "完成 %(count)d 个指定的培训计划之一", count)
            return [some % {"count": count} if count else _("完成任一已批准的培训计划")]
    said: list[Any] = [Post(asked["post"]).label] if asked.get("post") else [_("授课教师")]
    if count := len(asked.get("courses", ())):
        said.append(ngettext("通过 %(count)d 门指定课程", "通过 %(count)d 门指定课程", count) % {"count": count})
    for topic, hours in asked.get("topics", {}).items():
        said.append(_("“%(topic)s” %(hours)s 学时") % {"topic": Topic(topic).label, "hours": hours})
    if months := asked.get("within_months"):
        said.append(_("%(count)d 个月内通过") % {"count": months})
    return [str(each) for each in said]


def versions_of(types: Iterable[CertificateType], actor: Actor) -> dict[UUID, int]:
    """The number of the version each type is issued with in the name the reader answers for."""
    rows = TemplateVersion.objects.filter(type__in=[each.pk for each in types], issuer__in=issuers_for(actor))
    return dict(rows.values("type").annotate(newest=Max("number")).values_list("type", "newest"))


def _managed(actor: Actor) -> CertificateTypeQuerySet:
    found: CertificateTypeQuerySet = CertificateType.objects.managed_by(actor).select_related("issuer")
    return found


def _in_name_of(actor: Actor) -> Q:
    """Of a type that many issue, those in one's own name are counted."""
    if actor.role == "college_publisher":
        return Q(certificates__issuer_id=actor.organisation_id)
    return Q()
