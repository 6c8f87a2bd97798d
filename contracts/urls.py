"""Addresses of contracts."""

from django.urls import path

from contracts.api.addresses import addresses
from contracts.selectors.register_versions import ENDINGS
from contracts.views import (
    advice,
    amendments,
    changes,
    evaluations,
    lead,
    lumpsum_files,
    money,
    options,
    provider,
    register,
    register_help,
    register_versions,
    result_boards,
    result_files,
    results,
    signing,
    tariffs,
    transitions,
)

app_name = "contracts"
urlpatterns = [
    path("register/", register.register, name="register"),
    path("register.csv", register.register_csv, name="register_csv"),
    path("register.json", register.register_json, name="register_json"),
    path("register.xlsx", register.register_xlsx, name="register_xlsx"),
    path("register/wie-helpt/", register_help.who_helps, name="who_helps"),
    path("register/schema-2.0.json", register_versions.register_schema, name="register_schema"),
    path("register/versies/", register_versions.versions, name="register_versions"),
    path("register/versies/vergelijk/", register_versions.version_compare, name="register_compare"),
    path("register/versies/<str:day>/", register_versions.version, name="register_version"),
    *(
        path(
            f"register/versies/<str:day>.{ending}",
            register_versions.version_file,
            {"ending": ending},
            name=f"register_version_{ending}",
        )
        for ending in ENDINGS
    ),
    path(
        "register/verschil/<str:before>/<str:after>/", register_versions.register_difference, name="register_difference"
    ),
    path(
        "register/verschil/<str:before>/<str:after>.json",
        register_versions.register_difference_json,
        name="register_difference_json",
    ),
    *addresses(),
    path("inkoop/contracten/", lead.lead_contracts, name="lead_contracts"),
    path("inkoop/contracten/maken/<int:pk>/", lead.contracts_make, name="contracts_make"),
    path("inkoop/contracten/<int:pk>/tekenen/", signing.contract_sign, name="contract_sign"),
    path("inkoop/contracten/<int:pk>/aanbieden/", signing.contract_offer, name="contract_offer"),
    path("mijn/contracten/<int:pk>/tekenen/", signing.contract_own_sign, name="contract_own_sign"),
    path("contracten/<int:pk>/wijzigingen/", amendments.amendments, name="amendments"),
    path("contracten/<int:pk>/wijzigingen/nieuw/", amendments.amendment_new, name="amendment_new"),
    path("contracten/<int:pk>/wijzigingen/<int:sequence>/", amendments.amendment, name="amendment"),
    path("contracten/<int:pk>/wijzigingen/<int:sequence>/vervallen/", amendments.amendment_drop, name="amendment_drop"),
    path("contracten/betalingen/", money.payments, name="payments"),
    path("contracten/betalingen/overzicht.xlsx", lumpsum_files.payments_overview, name="payments_overview"),
    path("contracten/betalingen/importeren/", lumpsum_files.lumpsums_import, name="lumpsums_import"),
    path("contracten/betalingen/sjabloon.<str:ending>", lumpsum_files.lumpsums_template, name="lumpsums_template"),
    path("contracten/<int:pk>/geld/", money.money, name="money"),
    path("contracten/<int:pk>/geld/tarieven/", tariffs.money_tariffs, name="money_tariffs"),
    path(
        "contracten/<int:pk>/geld/tarieven/<int:tariff_id>/terugnemen/",
        tariffs.tariff_withdraw,
        name="tariff_withdraw",
    ),
    path("contracten/<int:pk>/geld/<int:year>/", money.money_year, name="money_year"),
    path("contracten/<int:pk>/geld/correctie/<int:lumpsum_id>/", money.money_correct, name="money_correct"),
    path("contracten/overgang/", transitions.transitions, name="transitions"),
    path("contracten/overgang/<int:arrangement_id>/", transitions.transition, name="transition"),
    path("contracten/overgang/<int:arrangement_id>/wijzigen/", transitions.transition_change, name="transition_change"),
    path("contracten/overgang/<int:arrangement_id>/afspreken/", transitions.transition_agree, name="transition_agree"),
    path("contracten/overgang/<int:arrangement_id>/afronden/", transitions.transition_finish, name="transition_finish"),
    path("contracten/overgang/<int:arrangement_id>/vervallen/", transitions.transition_drop, name="transition_drop"),
    path("contracten/<int:pk>/overgang/nieuw/", transitions.transition_new, name="transition_new"),
    path("contracten/resultaten/", result_boards.results_home, name="results_home"),
    path("contracten/resultaten/begin/<int:region_id>/", result_boards.indicators_start, name="indicators_start"),
    path("contracten/resultaten/segment/<int:segment_id>/", result_boards.results_segment, name="results_segment"),
    path("contracten/resultaten/gemeente/<int:municipality_id>/", result_boards.results_place, name="results_place"),
    path("contracten/evaluaties/", evaluations.evaluations, name="evaluations"),
    path("contracten/opties/", options.options, name="options"),
    path("contracten/opties/<int:term_id>/", options.option, name="option"),
    path(
        "contracten/opties/<int:term_id>/voorwaarde/<int:municipality_id>/",
        options.option_condition,
        name="option_condition",
    ),
    path("mijn/contracten/resultaten/importeren/", result_files.results_import, name="results_import"),
    path("mijn/contracten/resultaten/sjabloon.<str:ending>", result_files.results_template, name="results_template"),
    path("mijn/contracten/<int:pk>/resultaten/", results.results, name="results"),
    path("mijn/contracten/<int:pk>/resultaten/<int:year>/<int:quarter>/", results.report, name="report"),
    path(
        "mijn/contracten/<int:pk>/resultaten/<int:year>/<int:quarter>/invullen/",
        results.report_save,
        name="report_save",
    ),
    path(
        "mijn/contracten/<int:pk>/resultaten/<int:year>/<int:quarter>/accepteren/",
        results.report_accept,
        name="report_accept",
    ),
    path(
        "mijn/contracten/<int:pk>/resultaten/<int:year>/<int:quarter>/terugsturen/",
        results.report_send_back,
        name="report_send_back",
    ),
    path("mijn/contracten/<int:pk>/evaluatie/<int:year>/", evaluations.evaluation, name="evaluation"),
    path(
        "mijn/contracten/<int:pk>/evaluatie/<int:year>/afspraak/<int:sequence>/",
        evaluations.agreement_done,
        name="agreement_done",
    ),
    path("mijn/contracten/<int:pk>/", provider.contract, name="contract"),
    path("mijn/contracten/<int:pk>/onderaannemers/nieuw/", changes.change_new, name="change_new"),
    path(
        "mijn/contracten/<int:pk>/onderaannemers/<int:subcontractor_id>/stoppen/",
        changes.change_stop,
        name="change_stop",
    ),
    path(
        "mijn/contracten/<int:pk>/onderaannemers/<int:subcontractor_id>/wijzigen/",
        changes.change_edit,
        name="change_edit",
    ),
    path("mijn/contracten/<int:pk>/wijzigingen/<uuid:change_id>/", changes.change, name="change"),
    path(
        "mijn/contracten/<int:pk>/wijzigingen/<uuid:change_id>/intrekken/",
        changes.change_withdraw,
        name="change_withdraw",
    ),
    path("college/adviezen/", advice.advices, name="advices"),
    path("college/adviezen/<int:pk>/", advice.advice, name="advice"),
]
