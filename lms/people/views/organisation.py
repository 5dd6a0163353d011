"""An organisation's own page: facts, members and their roles, keys for its software."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lms.people import places, services
from lms.people.access import ActingRequest, role_required
from lms.people.forms import AnyOrganisationKeyForm, GrantForm, KeyForm, MemberForm
from lms.people.models import ApiKey, Membership, Organisation, Role, User
from lms.people.services.memberships import MANAGING_ROLES
from lms.people.wording import refuse
from lms.rules.refusals import NotFound, Refusal


@role_required()
def organisation(request: ActingRequest) -> HttpResponse:
    """Everyone of the organisation sees it; those who manage it find the forms."""
    own = _own(request)
    members = Membership.objects.open(timezone.now()).filter(organisation=own).select_related("user__person")
    context = {
        "organisation": own,
        "facts": [
            (_("类型"), own.get_kind_display()),
            (_("统一社会信用代码"), own.credit_code),
            (_("所在地区"), places.name_of(own.region_code)),
            (_("地址"), own.address or None),
            (_("联系人"), own.contact_name or None),
            (_("联系电话"), own.contact_phone or None),
        ],
        "members": members.order_by("role", "from_at"),
        "manages": request.actor.role in MANAGING_ROLES,
    }
    if request.actor.role == Role.INSTITUTION_MANAGER:
        context |= {"keys": own.api_keys.order_by("-created_at"), "key_form": KeyForm()}
    return render(request, "people/organisation.html", context)


@role_required(*MANAGING_ROLES)
def add_member(request: ActingRequest) -> HttpResponse:
    """Open an account for a colleague, or give a role to one who has an account."""
    own = _own(request)
    granting = request.POST.get("form") == "grant"
    member_form = MemberForm(None if granting else request.POST or None, kind=own.kind)
    grant_form = GrantForm(request.POST if granting else None, kind=own.kind, prefix="grant")
    form = grant_form if granting else member_form
    if request.method == "POST" and form.is_valid():
        try:
            _granted(request, own, grant_form) if granting else _added(request, own, member_form)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("成员已添加。"))
            return redirect("people:organisation")
    context = {"member_form": member_form, "grant_form": grant_form}
    return render(request, "people/member_add.html", context)


@role_required(*MANAGING_ROLES)
def end_member(request: ActingRequest, pk: UUID) -> HttpResponse:
    """End a colleague's role, after its consequences were shown."""
    open_rows = Membership.objects.open(timezone.now()).select_related("user__person", "organisation")
    membership = get_object_or_404(open_rows, pk=pk, organisation=_own(request))
    if request.method == "POST":
        services.end_role(membership=membership, actor=request.actor, now=timezone.now())
        messages.success(request, _("角色已停用。"))
        return redirect("people:organisation")
    return render(request, "people/member_end.html", {"membership": membership})


@require_POST
@role_required(Role.INSTITUTION_MANAGER)
def create_key(request: ActingRequest) -> HttpResponse:
    """Make a key of one's own organisation and show it, this once."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise Http404
    token = services.create_api_key(
        organisation=_own(request), scope=form.cleaned_data["scope"], actor=request.actor, now=timezone.now()
    )
    return _show_once(request, token)


@role_required(Role.ADMINISTRATOR)
def keys(request: ActingRequest) -> HttpResponse:
    """All keys of the region, and a new one for any admitted organisation in it."""
    form = AnyOrganisationKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = services.create_api_key(
                organisation=_by_credit_code(request, form.cleaned_data["credit_code"]),
                scope=form.cleaned_data["scope"],
                actor=request.actor,
                now=timezone.now(),
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return _show_once(request, token)
    rows = _visible_keys(request).order_by("revoked_at", "-created_at")[:200]
    return render(request, "people/keys.html", {"form": form, "keys": rows})


@require_POST
@role_required(Role.INSTITUTION_MANAGER, Role.ADMINISTRATOR)
def revoke_key(request: ActingRequest, pk: UUID) -> HttpResponse:
    """Stop a key at once."""
    key = get_object_or_404(_visible_keys(request), pk=pk)
    services.revoke_api_key(key=key, actor=request.actor, now=timezone.now())
    messages.success(request, _("密钥已停用。"))
    return redirect("people:keys" if request.actor.role == Role.ADMINISTRATOR else "people:organisation")


def _own(request: ActingRequest) -> Organisation:
    return get_object_or_404(Organisation, pk=request.actor.organisation_id)


def _visible_keys(request: ActingRequest) -> QuerySet[ApiKey]:
    visible = Organisation.objects.visible_to(request.actor).values("pk")
    return ApiKey.objects.filter(organisation__in=visible).select_related("organisation")


def _by_credit_code(request: ActingRequest, code: str) -> Organisation:
    found = Organisation.objects.visible_to(request.actor).filter(credit_code=code.strip().upper()).first()
    if found is None:
        sentence = gettext_lazy("本地区没有这个信用代码的机构。")
        raise NotFound("organisation_unknown", sentence, field="credit_code")
    return found


def _show_once(request: ActingRequest, token: str) -> HttpResponse:
    response = render(request, "people/key_created.html", {"token": token})
    response.headers["Cache-Control"] = "no-store"
    return response


def _added(request: ActingRequest, own: Organisation, form: MemberForm) -> None:
    wanted = {name: form.cleaned_data[name] for name in ("name", "role", "phone", "username", "password")}
    services.add_member(organisation=own, **wanted, actor=request.actor, now=timezone.now())


def _granted(request: ActingRequest, own: Organisation, form: GrantForm) -> None:
    user = User.objects.filter(username__iexact=form.cleaned_data["username"].strip(), is_active=True).first()
    if user is None:
        raise NotFound("user_unknown", gettext_lazy("没有这个用户名的账号。"), field="username")
    services.grant_role(
        user=user, role=form.cleaned_data["role"], organisation=own, actor=request.actor, now=timezone.now()
    )
