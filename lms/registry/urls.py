"""Addresses of this app. Only registrars find anything here."""

from django.urls import URLPattern, URLResolver, path

from lms.registry.views import cases, decisions, exchange, intakes, lifting, proofs, subjects

app_name = "registry"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.home, name="home"),
    path("new/", cases.create, name="create"),
    path("lists/", intakes.intakes, name="intakes"),
    path("lists/template.xlsx", intakes.template, name="intake_template"),
    path("lists/<uuid:pk>/", intakes.intake, name="intake"),
    path("lists/<uuid:pk>/progress/", intakes.progress, name="intake_progress"),
    path("lists/<uuid:pk>/letter/", intakes.letter, name="intake_letter"),
    path("lists/<uuid:pk>/decline/", intakes.decline, name="decline_intake"),
    path("exchange/", exchange.peers, name="peers"),
    path("exchange/card.json", exchange.card, name="exchange_card"),
    path("exchange/take/", exchange.take, name="take_file"),
    path("exchange/<uuid:pk>/", exchange.peer, name="peer"),
    path("exchange/<uuid:pk>/export/", exchange.export, name="export_file"),
    path("exchange/<uuid:pk>/withdraw/", exchange.withdraw, name="withdraw_peer"),
    path("<uuid:pk>/", cases.case, name="case"),
    path("<uuid:pk>/edit/", cases.edit, name="edit"),
    path("<uuid:pk>/documents/<uuid:document_pk>/", cases.document, name="document"),
    path("<uuid:pk>/subjects/add/", subjects.add, name="add_subject"),
    path("<uuid:pk>/subjects/at-work/", subjects.at_work, name="at_work"),
    path("<uuid:pk>/subjects/take-over/", subjects.take_over, name="take_over"),
    path("<uuid:pk>/subjects/managers/<uuid:person_pk>/", subjects.add_manager, name="add_manager"),
    path("<uuid:pk>/subjects/<uuid:subject_pk>/remove/", subjects.remove, name="remove_subject"),
    path("<uuid:pk>/subjects/<uuid:subject_pk>/proof/", proofs.proof, name="proof"),
    path("<uuid:pk>/submit/", decisions.submit, name="submit"),
    path("<uuid:pk>/confirm/", decisions.confirm, name="confirm"),
    path("<uuid:pk>/return/", decisions.give_back, name="return"),
    path("<uuid:pk>/appeal/", lifting.appeal, name="appeal"),
    path("<uuid:pk>/appeal/close/", lifting.close, name="close_appeal"),
    path("<uuid:pk>/annul/", lifting.propose, name="annul"),
    path("<uuid:pk>/annul/confirm/", lifting.confirm, name="confirm_annulment"),
    path("<uuid:pk>/compensation/", lifting.compensation, name="compensation"),
    path("<uuid:pk>/annul/decline/", lifting.decline, name="decline_annulment"),
]
