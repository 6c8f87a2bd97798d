"""Addresses of the part `decisions`."""

from django.urls import path

from procurement.views import colleges, decisions, letters, proofreading, signing

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/besluit/", decisions.propose, name="decision_propose"),
    path("inkoop/besluit/<int:pk>/", decisions.detail, name="decision"),
    path("inkoop/besluit/<int:pk>/versturen/", decisions.send, name="decision_send"),
    path("inkoop/besluit/<int:pk>/uitnodigen/", decisions.invite, name="decision_invite"),
    path("inkoop/besluit/<int:pk>/definitief/brieven/", decisions.tell_final, name="decision_tell_final"),
    path("inkoop/besluit/<int:pk>/intrekken/verder/", decisions.withdraw_on, name="decision_withdraw_on"),
    path("inkoop/besluit/<int:pk>/intrekken/stoppen/", decisions.withdraw_stop, name="decision_withdraw_stop"),
    path("inkoop/besluit/<int:pk>/definitief/", decisions.finalise, name="decision_finalise"),
    path("inkoop/besluit/<int:pk>/intrekken/", decisions.withdraw, name="decision_withdraw"),
    path("inkoop/besluit/<int:pk>/brief/<int:entry_id>/", letters.preview, name="letter_preview"),
    path("inkoop/besluit/<int:pk>/brief/<int:entry_id>/pdf/", letters.preview_pdf, name="letter_preview_pdf"),
    path("inkoop/besluit/<int:pk>/brief/<uuid:letter_id>/opnieuw/", letters.retry, name="letter_retry"),
    path("inkoop/besluit/<int:pk>/brieven-maken/", proofreading.make, name="letters_make"),
    path("inkoop/brieven/<int:pk>/", proofreading.proofread, name="proofread"),
    path("inkoop/brieven/<int:pk>/leeslijst.csv", proofreading.proofread_csv, name="proofread_csv"),
    path("inkoop/brieven/<int:pk>/versturen/", proofreading.send, name="proofread_send"),
    path("mandaat/", signing.home, name="signing_home"),
    path("mandaat/<int:pk>/", signing.detail, name="signing"),
    path("college/", colleges.home, name="college_home"),
    path("college/<int:pk>/", colleges.detail, name="college_decision"),
    path("college/<int:pk>/voorbehoud-opheffen/", colleges.lift, name="college_lift"),
    path("inkoop/beoordeling/<int:pk>/loting/aankondigen/", letters.draw_announce, name="draw_announce"),
    path("brieven/<uuid:pk>/", letters.letter, name="letter"),
]
