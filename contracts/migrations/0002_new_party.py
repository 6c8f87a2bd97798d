from django.db import migrations

# A subcontractor that joins is a party of every bid that its contractor is behind: as the bidder, or as a member of the
# consortium that the bidder leads. What evaluators declared without it holds no longer, from that very moment.
JOINED = """
CREATE FUNCTION contracts_subcontractor_joined() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    contractor bigint;
BEGIN
    IF NEW."end" IS NOT NULL AND NEW."end" < current_date THEN
        RETURN NULL;
    END IF;
    SELECT contractor_id INTO contractor FROM contracts_contract WHERE id = NEW.contract_id;
    PERFORM procurement_new_party(contractor, NEW.organisation_id);
    PERFORM procurement_new_party(consortium.lead_id, NEW.organisation_id)
        FROM providers_consortium AS consortium JOIN providers_consortiummember AS member
            ON member.consortium_id = consortium.id
        WHERE member.organisation_id = contractor;
    RETURN NULL;
END $$;
CREATE TRIGGER contracts_subcontractor_joined AFTER INSERT OR UPDATE ON contracts_subcontractor
    FOR EACH ROW EXECUTE FUNCTION contracts_subcontractor_joined();
"""
NOT_JOINED = """
DROP TRIGGER contracts_subcontractor_joined ON contracts_subcontractor;
DROP FUNCTION contracts_subcontractor_joined();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0001_initial'),
        ('procurement', '0010_interests_corrected'),
    ]

    operations = [
        migrations.RunSQL(JOINED, NOT_JOINED),
    ]
