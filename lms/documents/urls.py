from django.urls import path

from lms.documents import views

app_name = "documents"
urlpatterns = [path("signing-certificates.pem", views.signing_certificates, name="signing-certificates")]
