"""Addresses of this app: the workbench and the bureau's queue, and Wagtail's admin behind its fence."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms.guard import fenced
from cms.views import approvals, banks, differences, files, hours, stock, texts, workbench

_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)
_sign_out = RedirectView.as_view(pattern_name="account_logout")
_account = RedirectView.as_view(pattern_name="people:profile")

own: list[URLPattern | URLResolver] = [
    path("", workbench.workbench, name="workbench"),
    path("courses/<int:page_id>/submit/", workbench.submit, name="submit"),
    path("courses/<int:page_id>/recall/", workbench.take_back, name="recall"),
    path("courses/<int:page_id>/copy/", workbench.copy, name="copy"),
    path("courses/<int:page_id>/review/", approvals.review, name="review"),
    path("courses/<int:page_id>/differences/", differences.draft, name="differences"),
    path("courses/search/", workbench.search, name="course-search"),
    path("releases/<uuid:release_id>/changes/", differences.release, name="release-changes"),
    path("courses/<int:page_id>/withdraw/", workbench.withdraw, name="withdraw"),
    path("courses/<int:page_id>/preview/", approvals.preview, name="preview"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<int:page_id>/", approvals.approval, name="approval"),
    path("banks/", banks.banks, name="banks"),
    path("banks/template.xlsx", banks.template_file, name="bank-template"),
    path("banks/<uuid:bank_id>/", banks.bank, name="bank"),
    path("banks/<uuid:bank_id>/import/", banks.import_file, name="bank-import"),
    path("banks/<uuid:bank_id>/questions/new/", banks.question, name="question-new"),
    path("banks/<uuid:bank_id>/questions/<uuid:question_id>/", banks.question, name="question"),
    path("banks/<uuid:bank_id>/questions/<uuid:question_id>/retire/", banks.retire, name="question-retire"),
    path("recordings/", stock.recordings, name="recordings"),
    path("recordings/<int:media_id>/rendition/", stock.rendition, name="rendition"),
    path("recordings/<int:media_id>/retry/", stock.retry, name="rendition-retry"),
    path("packages/", stock.packages, name="packages"),
    path("packages/<uuid:package_id>/", stock.package_preview, name="package-preview"),
    path("packages/<uuid:package_id>/open/", stock.package, name="package"),
    path("packages/<uuid:package_id>/retire/", stock.package_retire, name="package-retire"),
    path("terms/", stock.terms, name="terms"),
    path("terms/<uuid:term_id>/", stock.terms, name="term"),
    path("terms/<uuid:term_id>/remove/", stock.term_remove, name="term-remove"),
    path("texts/", texts.texts, name="texts"),
    # Wagtail's editor, and so below its address: only there may styles be written inline.
    path("admin/texts/new/", texts.text, name="text-new"),
    path("admin/texts/<uuid:text_id>/", texts.text, name="text"),
    path("texts/<uuid:text_id>/retire/", texts.text_retire, name="text-retire"),
    path("hours/", hours.hours, name="hours"),
    path("captions/<int:media_id>.vtt", files.captions, name="captions"),
    path("files/<path:name>", files.file, name="file"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "cms"))),
    # Wagtail's name for a document's address; ours asks who wants it.
    path("documents/<int:document_id>/<path:name>", files.document, name="wagtaildocs_serve"),
    # One door to sign in by: Wagtail's own would be a way around the second factor.
    path("admin/login/", _sign_in),
    path("admin/logout/", _sign_out),
    path("admin/account/", _account),
    # Our list tells how far a rendition is; Wagtail's leads there after an upload.
    path("admin/media/", RedirectView.as_view(pattern_name="cms:recordings")),
    path("admin/", include(decorate_urlpatterns(wagtailadmin_urls.urlpatterns, fenced))),
]
