"""Doors that are open to everyone: welcome, registration of practitioners, applications of organisations."""

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people import services
from lms.people.access import ActingRequest, actor_of, role_required
from lms.people.context_processors import ITEMS, links
from lms.people.forms import ApplicationForm, RegistrationForm
from lms.people.limits import knock
from lms.people.models import User
from lms.people.services.proofs import attach_proofs
from lms.people.wording import refuse
from lms.rules.refusals import Refusal

BACKEND = "lms.people.backends.SignInBackend"


def welcome(request: HttpRequest) -> HttpResponse:
    """What this is and for whom; whoever is signed in goes to their workbench."""
    if request.user.is_authenticated:
        return redirect("home")
    doors = links(
        (
            (_("核验一张证书"), "certificates:verify", "certificate"),
            (_("看看有哪些课程"), "catalogue:index", "book"),
            (_("各市公开统计"), "oversight:public", "chart"),
        )
    )
    return render(request, "people/welcome.html", {"doors": doors})


@role_required()
def home(request: ActingRequest) -> HttpResponse:
    """The workbench of the current role; the state of the application for those who still wait."""
    for _label, name, _icon in ITEMS.get(request.actor.role, ()):
        try:
            return redirect(reverse(name))
        except NoReverseMatch:
            continue
    waiting = request.user.memberships.filter(to_at=None, organisation__isnull=False).exists()
    return redirect("people:application" if waiting and not request.actor.role else "people:profile")


def register(request: HttpRequest) -> HttpResponse:
    """A practitioner registers themselves and is signed in."""
    if request.user.is_authenticated:
        return redirect("home")
    form = RegistrationForm(request.POST or None)
    if request.method == "POST":
        knock(request, door="register", limit=20, seconds=3600)
        if form.is_valid():
            user = _registered(form)
            if user is not None:
                login(request, user, backend=BACKEND)
                return redirect("home")
    return render(request, "people/register.html", {"form": form})


def apply(request: HttpRequest) -> HttpResponse:
    """An institution or a college applies for admission; its account can follow the application."""
    if request.user.is_authenticated:
        return redirect("people:application")
    form = ApplicationForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        knock(request, door="apply", limit=20, seconds=3600)
        if form.is_valid():
            user = _applied(form)
            if user is not None:
                login(request, user, backend=BACKEND)
                return redirect("people:application")
    return render(request, "people/apply.html", {"form": form})


def _registered(form: RegistrationForm) -> User | None:
    wanted = {name: form.cleaned_data[name] for name in form.fields if name not in {"consent", "password_again"}}
    try:
        return services.register_practitioner(**wanted, now=timezone.now())
    except Refusal as refusal:
        refuse(form, refusal)
        return None


def _applied(form: ApplicationForm) -> User | None:
    """The application and its documents are taken together or not at all."""
    apart = {"proofs", "password_again", "credit_code_confirmed"}
    wanted = {name: form.cleaned_data[name] for name in form.fields if name not in apart}
    now = timezone.now()
    try:
        with transaction.atomic():
            organisation = services.apply_organisation(**wanted, now=now)
            membership = organisation.memberships.select_related("user", "organisation").get()
            actor = actor_of(membership.user, None)
            attach_proofs(organisation=organisation, files=form.cleaned_data["proofs"], actor=actor, now=now)
    except Refusal as refusal:
        refuse(form, refusal)
        return None
    return membership.user
