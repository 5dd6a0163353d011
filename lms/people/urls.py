"""Addresses of this app. ``welcome`` and ``home`` belong to everyone and have no namespace."""

from django.urls import URLPattern, URLResolver, include, path

from lms.people.views import applications, inbox, organisation, profile, public, qualifications, roles

pages: list[URLPattern | URLResolver] = [
    path("register/", public.register, name="register"),
    path("organisations/apply/", public.apply, name="apply"),
    path("application/", applications.application, name="application"),
    path("admissions/", applications.admissions, name="admissions"),
    path("admissions/<uuid:pk>/", applications.admission, name="admission"),
    path("admissions/<uuid:pk>/proofs/<uuid:proof_pk>/", applications.proof, name="proof"),
    path("me/", profile.profile, name="profile"),
    path("me/contact/", profile.contact, name="contact"),
    path("me/qualifications/add/", profile.add_qualification, name="add_qualification"),
    path("me/lookups/", profile.lookups, name="lookups"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="read_all"),
    path("inbox/<uuid:pk>/", inbox.read, name="read"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/members/add/", organisation.add_member, name="add_member"),
    path("organisation/members/<uuid:pk>/end/", organisation.end_member, name="end_member"),
    path("organisation/keys/", organisation.create_key, name="create_key"),
    path("keys/", organisation.keys, name="keys"),
    path("keys/<uuid:pk>/revoke/", organisation.revoke_key, name="revoke_key"),
    path("qualifications/", qualifications.qualifications, name="qualifications"),
    path("qualifications/<uuid:pk>/verify/", qualifications.verify, name="verify_qualification"),
    path("roles/", roles.roles, name="roles"),
    path("roles/<uuid:pk>/", roles.switch_role, name="switch_role"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.welcome, name="welcome"),
    path("home/", public.home, name="home"),
    path("", include((pages, "people"))),
]
