"""The human-resources bureau's pages: the queue with risk first, and the schemes with what is left of their budgets."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people.access import ActingRequest, role_required
from lms.people.models import Role
from lms.people.views import exports
from lms.people.wording import refuse
from lms.rules.refusals import Refusal
from lms.subsidies import services
from lms.subsidies.forms import QueueFilter, SchemeForm
from lms.subsidies.models import Claim, ClaimLine, ClaimState, Scheme
from lms.subsidies.querysets import AUDITING_ROLES
from lms.subsidies.views.own import own_body

PAGE_SIZE = 25
QUEUES = (ClaimState.SUBMITTED, ClaimState.AUDITED, ClaimState.APPROVED, ClaimState.RETURNED)
CLOSED = "closed"
_OWN_QUEUE = {Role.BUREAU_AUDITOR: ClaimState.SUBMITTED, Role.BUREAU_APPROVER: ClaimState.AUDITED}


@role_required(*AUDITING_ROLES)
def home(request: ActingRequest) -> HttpResponse:
    """Claims of the region, the riskiest first."""
    now = timezone.now()
    form = QueueFilter(request.GET)
    chosen = request.GET.get("state") or _OWN_QUEUE.get(Role(request.actor.role), ClaimState.SUBMITTED)
    visible = Claim.objects.visible_to(request.actor)
    states = [chosen] if chosen in QUEUES else [ClaimState.PAID, ClaimState.REJECTED]
    rows = _queue(visible.filter(state__in=states), form, timezone.localdate(now))
    if exports.wanted(request):
        return _queue_workbook(rows)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "tabs": _tabs(visible, chosen),
        "page": page,
        "export_url": exports.address(request),
        "chosen": chosen,
    }
    return render(request, "subsidies/home.html", context)


def _queue(claims: Any, form: QueueFilter, today: Any) -> list[dict[str, Any]]:
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    if text:
        words = Q(number__icontains=text) | Q(college__name__icontains=text) | Q(release__title__icontains=text)
        claims = claims.filter(words)
    claims = list(claims.select_related("scheme", "college", "release").annotate(since=Max("steps__at")))
    totals = ClaimLine.objects.filter(claim__in=[claim.pk for claim in claims]).current().totals()
    rows = [_row(claim, totals.get(claim.pk, {}), today) for claim in claims]
    return sorted(rows, key=lambda row: (-row["risk"], row["days_left"], -row["fen"]))


def _row(claim: Any, totals: dict[str, tuple[int, int]], today: Any) -> dict[str, Any]:
    """One claim with its counts. The risk is the share of its lines that are not simply payable, in per mille."""
    counts = {verdict: count for verdict, (count, _fen) in totals.items()}
    lines = sum(counts.values())
    doubtful = lines - counts.get("pay", 0)
    return {
        "claim": claim,
        "counts": counts,
        "lines": lines,
        "risk": doubtful * 1000 // lines if lines else 0,
        "fen": sum(fen for _count, fen in totals.values()),
        "amount": services.yuan(sum(fen for _count, fen in totals.values())),
        "days_left": (claim.scheme.closes_on - today).days,
        "waiting": (today - timezone.localdate(claim.since)).days if claim.since else 0,
    }


def _tabs(visible: Any, chosen: str) -> list[dict[str, Any]]:
    address = reverse("subsidies:home")
    states = [*visible.values_list("state", flat=True)]
    tabs: list[dict[str, Any]] = [
        {
            "label": ClaimState(state).label,
            "url": f"{address}?state={state}",
            "active": chosen == state,
            "count": states.count(state),
        }
        for state in QUEUES
    ]
    closed = states.count(ClaimState.PAID) + states.count(ClaimState.REJECTED)
    active = chosen not in QUEUES
    return [*tabs, {"label": _("已办结"), "url": f"{address}?state={CLOSED}", "active": active, "count": closed}]


def _queue_workbook(rows: list[dict[str, Any]]) -> HttpResponse:
    columns = (
        _("申报编号"),
        _("院校"),
        _("课程"),
        _("项目"),
        _("状态"),
        _("人数"),
        _("存疑"),
        _("不予补贴"),
        _("冻结"),
        _("金额（元）"),
    )
    table = (
        (
            row["claim"].number,
            row["claim"].college.name,
            row["claim"].release.title,
            row["claim"].scheme.name,
            str(row["claim"].get_state_display()),
            row["lines"],
            row["counts"].get("query", 0),
            row["counts"].get("refuse", 0),
            row["counts"].get("blocked", 0),
            Decimal(row["fen"]) / 100,
        )
        for row in rows
    )
    return exports.workbook(_("补贴审计队列"), columns, table)


@role_required(*AUDITING_ROLES)
def schemes(request: ActingRequest) -> HttpResponse:
    """What the bureau pays for, and how much of each budget is granted."""
    form = QueueFilter(request.GET)
    found = Scheme.objects.visible_to(request.actor).select_related("bureau").order_by("-opens_on", "name")
    if form.is_valid() and (text := form.cleaned_data["q"].strip()):
        found = found.filter(Q(name__icontains=text) | Q(occupation__icontains=text))
    form.fields["q"].label = _("名称或职业")
    if exports.wanted(request):
        return _schemes_workbook(list(found))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    used = services.budget_used(scheme.pk for scheme in page.object_list)
    context = {
        "form": form,
        "page": page,
        "rows": [_scheme_row(scheme, used) for scheme in page.object_list],
        "export_url": exports.address(request),
        "may_create": request.actor.role == Role.BUREAU_APPROVER,
        "today": timezone.localdate(),
    }
    return render(request, "subsidies/schemes.html", context)


def _scheme_row(scheme: Scheme, used: dict[UUID, int]) -> dict[str, Any]:
    granted = used.get(scheme.pk, 0)
    return {
        "scheme": scheme,
        "amount": services.yuan(scheme.amount_fen),
        "budget": services.yuan(scheme.budget_fen),
        "granted_fen": granted,
        "granted": services.yuan(granted),
        "left": services.yuan(scheme.budget_fen - granted),
        "scarce": scheme.budget_fen - granted < scheme.amount_fen,
    }


def _schemes_workbook(found: list[Scheme]) -> HttpResponse:
    used = services.budget_used(scheme.pk for scheme in found)
    columns = (
        _("名称"),
        _("类别"),
        _("职业（工种）"),
        _("等级"),
        _("每人（元）"),
        _("预算（元）"),
        _("已批准（元）"),
        _("受理开始"),
        _("受理截止"),
    )
    table = (
        (
            scheme.name,
            str(scheme.get_kind_display()),
            scheme.occupation,
            scheme.level,
            Decimal(scheme.amount_fen) / 100,
            Decimal(scheme.budget_fen) / 100,
            Decimal(used.get(scheme.pk, 0)) / 100,
            scheme.opens_on,
            scheme.closes_on,
        )
        for scheme in found
    )
    return exports.workbook(_("补贴项目"), columns, table)


@role_required(Role.BUREAU_APPROVER)
def scheme_new(request: ActingRequest) -> HttpResponse:
    form = SchemeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_scheme(bureau=own_body(request), actor=request.actor, now=timezone.now(), **form.facts())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("补贴项目已设立，受理期内院校可以申报。"))
            return redirect("subsidies:schemes")
    return render(request, "subsidies/scheme_new.html", {"form": form})
