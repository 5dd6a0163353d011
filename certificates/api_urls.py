"""Addresses of this app's API."""

from django.urls import URLPattern, URLResolver, path

from certificates.api import CertificateView, VerifyFileView

urlpatterns: list[URLPattern | URLResolver] = [
    path("certificates/verify-file/", VerifyFileView.as_view(), name="api-certificate-file"),
    path("certificates/<str:token>/", CertificateView.as_view(), name="api-certificate"),
]
