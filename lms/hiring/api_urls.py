"""Addresses of this app's API. No identity number ever stands in one."""

from django.urls import URLPattern, URLResolver, path

from lms.hiring import api, batch_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("hiring-checks/", api.Checks.as_view(), name="api-hiring-checks"),
    path("hiring-checks/<uuid:pk>/", api.CheckDetail.as_view(), name="api-hiring-check"),
    path("hiring-checks/<uuid:pk>/receipt.pdf", api.CheckReceiptFile.as_view(), name="api-hiring-receipt"),
    path("hiring-check-batches/", batch_api.Batches.as_view(), name="api-hiring-batches"),
    path("hiring-check-batches/<uuid:pk>/", batch_api.BatchDetail.as_view(), name="api-hiring-batch"),
    path("hiring-check-batches/<uuid:pk>/result.xlsx", batch_api.BatchResult.as_view(), name="api-hiring-batch-result"),
    path(
        "hiring-check-batches/<uuid:pk>/receipt.pdf",
        batch_api.BatchReceiptFile.as_view(),
        name="api-hiring-batch-receipt",
    ),
]
