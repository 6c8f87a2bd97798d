"""Answers of before there were seals, in rounds that are not opened: they can be neither left as they are nor guessed."""

from django.core.management import CommandError
from django.db import migrations


def refuse_unsealed(apps, schema_editor):
    """Their receipts have digests of another kind, so that nobody could seal them without making new receipts."""
    waiting = apps.get_model("procurement", "Answer").objects.exclude(submission__round__status="opened")
    tenders = sorted(set(waiting.values_list("submission__round__tender__title", flat=True)))
    if tenders:
        raise CommandError(
            "These tenders hold answers that an earlier version kept without a seal, and their vault is not open yet: "
            f"{'; '.join(tenders)}. Open those vaults with the earlier version first. "
            "A demo is made anew with ./run demo --reset."
        )


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_initial")]
    # Before anything else changes: whoever is refused can go on with the version they have.
    run_before = [
        ("sealing", "0001_sealed_submissions"),
        ("documents", "0002_sealed_submissions"),
        ("providers", "0002_sealed_submissions"),
        ("audit", "0002_hash_chain"),
    ]
    operations = [migrations.RunPython(refuse_unsealed, migrations.RunPython.noop)]
