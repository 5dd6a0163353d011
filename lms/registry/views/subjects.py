"""Naming people in a draft: by the identity the decision gives, or the proposed manager with one click."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.people import places
from lms.people.access import ActingRequest, role_required
from lms.people.models import Person, Role
from lms.people.wording import refuse, sentence
from lms.registry import services
from lms.registry.forms import NamedForm, SubjectForm, TakeOverForm
from lms.registry.models import BanCase, SubjectRole
from lms.registry.services import matters
from lms.registry.services.subjects import at_work_named, look_up
from lms.registry.views.cases import own_case
from lms.rules import names
from lms.rules.refusals import Refusal


@role_required(Role.REGISTRAR)
def add(request: ActingRequest, pk: Any) -> HttpResponse:
    """First who it is (the person known here is shown masked), then for how long."""
    case = own_case(request, pk)
    chosen = _chosen(request)
    form = SubjectForm(
        request.POST if request.method == "POST" else None,
        initial={"from_date": case.decided_on, "role": SubjectRole.PERPETRATOR},
        chosen=chosen,
    )
    found: Person | None = None
    looked = False
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            if "find" in request.POST:
                found, looked = _found(request, case, asked), True
            else:
                added = services.add_subject(case=case, person=chosen, **asked, actor=request.actor, now=timezone.now())
                messages.success(request, _("%(name)s已列入本案。") % {"name": added.name})
                return redirect("registry:case", case.pk)
        except Refusal as refusal:
            refuse(form, refusal)
    context = {
        "case": case,
        "form": form,
        "looked": looked or chosen is not None,
        "chosen": chosen,
        "facts": _masked(known) if (known := found or chosen) else [],
        "document": known.documents.order_by("-valid_from").first() if known else None,
    }
    return render(request, "registry/add_subject.html", context, status=422 if form.errors else 200)


@role_required(Role.REGISTRAR)
def at_work(request: ActingRequest, pk: Any) -> HttpResponse:
    """Find somebody by name among those who worked in the region on the day of the facts. No name stands in an address."""
    case = own_case(request, pk)
    form = NamedForm(request.POST if request.method == "POST" else None)
    rows: list[Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = at_work_named(case=case, name=form.cleaned_data["name"], actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            rows = [(row, names.mask(row.person.name), _document(row.person)) for row in found]
    context = {"case": case, "form": form, "rows": rows}
    return render(request, "registry/at_work.html", context, status=422 if form.errors else 200)


@role_required(Role.REGISTRAR)
@require_POST
def add_manager(request: ActingRequest, pk: Any, person_pk: Any) -> HttpResponse:
    """Take up a proposed manager under the same terms as the perpetrator."""
    case = own_case(request, pk)
    proposal = next((one for one in services.proposed_managers(case) if one.manager.pk == person_pk), None)
    if proposal is None:
        raise Http404
    try:
        services.add_subject(
            case=case,
            person=proposal.manager,
            birth_date_unknown=proposal.manager.birth_date is None,
            role=SubjectRole.MANAGER,
            kind=proposal.subject.kind,
            from_date=proposal.subject.from_date,
            until=proposal.subject.until,
            actor=request.actor,
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("%(name)s已作为直接管理人列入本案。") % {"name": proposal.manager.name})
    return redirect("registry:case", case.pk)


@role_required(Role.REGISTRAR)
def take_over(request: ActingRequest, pk: Any) -> HttpResponse:
    """Whom other decisions on the same facts name: choose who is in this one too, and its terms for them."""
    case = own_case(request, pk)
    offered = matters.offered(case)
    if not offered:
        return redirect("registry:case", case.pk)
    form = TakeOverForm(
        request.POST if request.method == "POST" else None, offered=offered, initial={"from_date": case.decided_on}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        keys = set(given.pop("subjects"))
        chosen = [subject for subject in offered if str(subject.pk) in keys]
        try:
            taken = matters.take_over(case=case, subjects=chosen, **given, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("已带入 %(count)s 人。") % {"count": len(taken)})
            return redirect("registry:take_over", case.pk)
    context = {"case": case, "form": form}
    return render(request, "registry/take_over.html", context, status=422 if form.errors else 200)


@role_required(Role.REGISTRAR)
@require_POST
def remove(request: ActingRequest, pk: Any, subject_pk: Any) -> HttpResponse:
    """Take somebody out of a draft again."""
    case = own_case(request, pk)
    subject = get_object_or_404(case.subjects, pk=subject_pk)
    try:
        services.remove_subject(subject=subject, actor=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, _("已从本案移除。"))
    return redirect("registry:case", case.pk)


def _chosen(request: ActingRequest) -> Person | None:
    """The person picked by key, if the officer's region holds them."""
    try:
        key = UUID(request.GET.get("person", ""))
    except ValueError:
        return None
    return get_object_or_404(Person.objects.visible_to(request.actor), pk=key)


def _document(person: Person) -> str:
    document = person.documents.order_by("-valid_from").first()
    return document.masked if document else ""


def _found(request: ActingRequest, case: BanCase, asked: dict[str, Any]) -> Person | None:
    return look_up(
        case=case,
        document_type=asked["document_type"],
        document_number=asked["document_number"],
        actor=request.actor,
        now=timezone.now(),
    )


def _masked(person: Person) -> list[tuple[Any, Any]]:
    return [
        (_("姓名"), names.mask(person.name)),
        (_("出生年份"), person.birth_date.year if person.birth_date else None),
        (_("工作所在地"), places.name_of(person.region_code)),
    ]
