"""Letters of before there were batches get the one of their decision."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def put_in_batches(apps: Any, schema_editor: Any) -> None:
    letters = apps.get_model("procurement", "Letter")
    batches = apps.get_model("procurement", "LetterBatch")
    decisions = apps.get_model("procurement", "Decision").objects.filter(letters__isnull=False).distinct()
    for decision in decisions.iterator():
        status = "sent" if decision.sent_at else "stopped" if decision.status == "withdrawn" else "prepared"
        batch = batches.objects.create(
            purpose="decision",
            decision=decision,
            ranking_id=decision.ranking_id,
            status=status,
            asked_by_id=decision.proposed_by_id,
            sent_at=decision.sent_at,
        )
        letters.objects.filter(decision=decision).update(batch=batch)


def take_out(apps: Any, schema_editor: Any) -> None:
    apps.get_model("procurement", "Letter").objects.update(batch=None)
    apps.get_model("procurement", "LetterBatch").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("procurement", "0011_decisions")]

    operations = [
        migrations.RunPython(put_in_batches, take_out),
        # The rows that were just written have checks that wait for the end; a table cannot change before.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.AlterField(
            "letter",
            "batch",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="procurement.letterbatch"
            ),
        ),
        migrations.AlterField(
            "letter",
            "language",
            models.CharField(choices=[("nl", "Dutch"), ("en", "English")], max_length=2, verbose_name="language"),
        ),
    ]
