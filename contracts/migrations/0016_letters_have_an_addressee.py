"""Letters that exist already get their addressee: whom the amendment was told, or else who had the contract then."""

import django.db.models.deletion
from django.db import migrations, models

BY_SUBJECT = """
UPDATE contracts_contractletter l SET addressee_id = CASE
    WHEN position(':' IN l.subject) > 0 THEN split_part(l.subject, ':', 2)::bigint ELSE a.successor_id END
FROM contracts_amendment a
WHERE l.kind = 'amendment' AND a.id::text = split_part(l.subject, ':', 1)
    AND (position(':' IN l.subject) > 0 OR a.successor_id IS NOT NULL);
"""
BY_DAY = """
UPDATE contracts_contractletter l SET addressee_id = COALESCE((
    SELECT p.organisation_id FROM contracts_contractparty p
    WHERE p.contract_id = c.id AND p.is_lead
        AND (p."end" IS NULL OR p."end" >= (l.asked_at AT TIME ZONE 'Europe/Amsterdam')::date)
    ORDER BY p.start LIMIT 1
), c.contractor_id)
FROM contracts_contract c WHERE c.id = l.contract_id AND l.addressee_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0015_what_is_done_stays"), ("providers", "0003_letter_language")]

    operations = [
        migrations.AddField(
            model_name="contractletter",
            name="addressee",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="providers.organisation",
            ),
        ),
        migrations.RunSQL(BY_SUBJECT + BY_DAY, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="contractletter",
            name="addressee",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="providers.organisation",
            ),
        ),
    ]
