"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from lms.subsidies.views import bureau, claims, college, deciding

app_name = "subsidies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", bureau.home, name="home"),
    path("schemes/", bureau.schemes, name="schemes"),
    path("schemes/new/", bureau.scheme_new, name="scheme_new"),
    path("claims/", college.claims, name="claims"),
    path("claims/new/", college.assemble, name="assemble"),
    path("claims/<uuid:pk>/", claims.claim, name="claim"),
    path("claims/<uuid:pk>/export/", claims.export, name="export"),
    path("claims/<uuid:pk>/lines/<int:position>/", claims.line, name="line"),
    path("claims/<uuid:pk>/reassemble/", college.reassemble, name="reassemble"),
    path("claims/<uuid:pk>/submit/", college.submit, name="submit"),
    path("claims/<uuid:pk>/sample/", deciding.sample, name="sample"),
    path("claims/<uuid:pk>/audit/", deciding.audit, name="audit"),
    path("claims/<uuid:pk>/return/", deciding.send_back, name="return"),
    path("claims/<uuid:pk>/decide/", deciding.decide, name="decide"),
    path("claims/<uuid:pk>/pay/", deciding.pay, name="pay"),
]
