"""Addresses of Open Badges, as they stand in credentials that are out in the world: they never change."""

from django.urls import URLPattern, URLResolver, path

from certificates.credential_api import CredentialView, IssuerKeysView, IssuerView, StatusListView

urlpatterns: list[URLPattern | URLResolver] = [
    path("credentials/<str:token>.json", CredentialView.as_view(), name="credential"),
    path("status-lists/<int:number>", StatusListView.as_view(), name="status-list"),
    path("issuers/<uuid:organisation_id>", IssuerView.as_view(), name="issuer"),
    path("issuers/<uuid:organisation_id>/did.json", IssuerKeysView.as_view(), name="issuer-keys"),
]
