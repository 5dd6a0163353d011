"""One's own page: who the system holds one to be, what one has, and who looked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.audit.models import AuditEvent
from lms.people import places, services
from lms.people.access import ActingRequest, role_required
from lms.people.forms import ContactForm, LookupFilter, QualificationForm
from lms.people.models import Person
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import NotFound, Refusal

LOOKED_UP, CHECK = "person.looked_up", "hiring.check"
PURPOSES = {
    "hiring": gettext_lazy("拟录用"),
    "review": gettext_lazy("人工核对"),
    "annual_review": gettext_lazy("年度复核"),
    "volunteer": gettext_lazy("志愿服务"),
    "transfer": gettext_lazy("转岗"),
    "standing": gettext_lazy("查看年度达标情况"),
    "hours": gettext_lazy("查看学时记录"),
    "learning_evidence": gettext_lazy("审核学习记录"),
    "certificate": gettext_lazy("查看证书"),
    "subsidy_audit": gettext_lazy("审计补贴申报"),
    "ban_case": gettext_lazy("办理禁入案件"),
}
OUTCOMES = {
    "clear": ("ok", gettext_lazy("未见禁入")),
    "barred": ("stop", gettext_lazy("不得从业")),
    "review": ("attention", gettext_lazy("人工核对中")),
}
PAGE_SIZE = 20


@role_required()
def profile(request: ActingRequest) -> HttpResponse:
    """What is kept about the person signed in; numbers stay masked."""
    person = request.user.person
    context: dict[str, object] = {"contact": _contact_facts(request), "person": person}
    if person is not None:
        context |= {
            "facts": _person_facts(person),
            "documents": person.documents.order_by("-valid_from"),
            "previous_names": person.previous_names.all(),
            "employments": person.employments.select_related("institution").order_by("-from_date"),
            "qualifications": person.qualifications.order_by("-issued_on"),
        }
    return render(request, "people/profile.html", context)


@role_required()
def contact(request: ActingRequest) -> HttpResponse:
    """Change one's own phone number and e-mail address."""
    user = request.user
    form = ContactForm(request.POST or None, initial={"phone": user.phone or "", "email": user.email})
    if request.method == "POST" and form.is_valid():
        try:
            services.update_contact(user=user, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("联系方式已更新。"))
            return redirect("people:profile")
    return render(request, "people/contact.html", {"form": form})


@role_required()
def add_qualification(request: ActingRequest) -> HttpResponse:
    """Enter a certificate issued elsewhere; it counts once somebody entitled has verified it."""
    person = _own_person(request)
    form = QualificationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_qualification(person=person, **form.cleaned_data, actor=request.actor, now=timezone.now())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("证书已登记，等待核验。"))
            return redirect("people:profile")
    return render(request, "people/qualification_add.html", {"form": form})


@role_required()
def lookups(request: ActingRequest) -> HttpResponse:
    """Who looked me up, when, for which purpose, and what they were told."""
    person = _own_person(request)
    form = LookupFilter(request.GET, purposes=PURPOSES)
    events = AuditEvent.objects.filter(person_id=person.pk, verb=LOOKED_UP).order_by("-at")
    if form.is_valid() and form.cleaned_data["purpose"]:
        events = events.filter(changes__purpose=form.cleaned_data["purpose"])
    if exports.wanted(request):
        told = (
            [row["institution"], row["at"], str(row["purpose"]), str(row["outcome"])] for row in map(_lookup, events)
        )
        return exports.workbook(_("谁查过我"), (_("查询者"), _("时间"), _("用途"), _("答复")), told)
    page = Paginator(events, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": [_lookup(event) for event in page]}
    return render(request, "people/lookups.html", context | {"export_url": exports.address(request)})


def _lookup(event: AuditEvent) -> dict[str, object]:
    told = event.changes
    lamp, outcome = OUTCOMES.get(told.get("outcome", ""), ("none", "—"))
    return {
        "at": event.at,
        "institution": told.get("institution") or event.organisation_name or event.actor_label,
        "purpose": PURPOSES.get(told.get("purpose", ""), told.get("purpose", "—")),
        "lamp": lamp,
        "outcome": outcome,
        # What can be disputed; other look-ups have no answer that could be wrong.
        "check": event.subject_id if event.subject_type == CHECK else None,
    }


def _own_person(request: ActingRequest) -> Person:
    if request.user.person is None:
        raise NotFound("person_unknown", gettext_lazy("这个账号没有登记从业人员身份。"))
    return request.user.person


def _contact_facts(request: ActingRequest) -> list[tuple[str, str | None]]:
    user = request.user
    return [(_("用户名"), user.username), (_("手机号"), user.phone), (_("电子邮箱"), user.email or None)]


def _person_facts(person: Person) -> list[tuple[str, object]]:
    return [
        (_("姓名"), person.name),
        (_("性别"), person.get_sex_display() or None),
        (_("出生日期"), person.birth_date),
        (_("工作所在地"), places.name_of(person.region_code)),
    ]
