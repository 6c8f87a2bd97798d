"""Contracts that exist already get their parties and municipalities, from the day on which they began."""

from django.db import migrations


def write_down(apps, schema_editor):
    """The contractor or the members of its consortium, and the municipalities that took part in the segment."""
    contracts = apps.get_model("contracts", "Contract")
    parties, places = [], []
    party = apps.get_model("contracts", "ContractParty")
    place = apps.get_model("contracts", "ContractMunicipality")
    participations = apps.get_model("procurement", "Participation")
    members = apps.get_model("providers", "ConsortiumMember")
    for contract in contracts.objects.filter(parties__isnull=True):
        whole = {"contract": contract, "start": contract.start, "end": contract.terminated_on}
        found = set(members.objects.filter(consortium=contract.consortium_id).values_list("organisation", flat=True))
        parties += [
            party(organisation_id=pk, is_lead=pk == contract.contractor_id, **whole)
            for pk in sorted(found | {contract.contractor_id})
        ]
        taking_part = participations.objects.filter(segment=contract.segment_id, participates=True)
        places += [place(municipality_id=row.municipality_id, **whole) for row in taking_part]
    party.objects.bulk_create(parties)
    place.objects.bulk_create(places)


class Migration(migrations.Migration):
    dependencies = [("contracts", "0006_contract_lives"), ("procurement", "0016_clarification_letters"), ("providers", "0003_letter_language")]

    operations = [migrations.RunPython(write_down, migrations.RunPython.noop)]
