"""Sign-in, second factor, sign-out (allauth)."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
