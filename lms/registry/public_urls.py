"""Addresses open to everyone: what the list of bans publishes about itself."""

from django.urls import URLPattern, URLResolver, path

from lms.registry.views import public, statistics

app_name = "ban_list"
urlpatterns: list[URLPattern | URLResolver] = [
    path("versions/", public.list_versions, name="versions"),
    path("versions.json", public.versions_json, name="versions_json"),
    path("versions/<int:number>.json", public.version_json, name="version_json"),
    path("versions/<int:earlier>/<int:later>.json", public.extension_json, name="extension_json"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics.json", statistics.statistics_json, name="statistics_json"),
    path("keys.json", public.keys_json, name="keys_json"),
]
