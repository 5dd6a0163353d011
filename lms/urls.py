"""Where each app's rooms are reached from."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cms.preview import component_preview

urlpatterns: list[URLPattern | URLResolver] = [
    # First what machines ask for all day long: every address above it is tried before it.
    path("api/v1/", include("lms.hiring.api_urls")),
    path("api/v1/", include("lms.ledger.api_urls")),
    path("api/v1/", include("certificates.api_urls")),
    path("", include("lms.people.urls")),
    path("", include("lms.oversight.health_urls")),
    path("accounts/", include("lms.people.account_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("hours/", include("lms.ledger.urls")),
    path("xapi/", include("lms.xapi.urls")),
    path("courses/", include("courses.catalogue.urls")),
    path("exams/", include("courses.assessment.urls")),
    path("classroom/", include("courses.classroom.urls")),
    path("learn/", include("courses.learning.urls")),
    path("", include("certificates.urls")),
    path("", include("lms.documents.urls")),
    path("", include("certificates.credential_urls")),
    path("bans/", include("lms.registry.urls")),
    path("list/", include("lms.registry.public_urls")),
    path("hiring/", include("lms.hiring.urls")),
    path("subsidies/", include("lms.subsidies.urls")),
    path("oversight/", include("lms.oversight.urls")),
    path("cms/", include("cms.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]

handler500 = "lms.people.views.errors.server_error"

if settings.DEBUG:
    urlpatterns.append(path("theme/", component_preview, name="theme"))
