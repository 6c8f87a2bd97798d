"""Every message gets its Message-ID when it is written, those that wait or were sent already too."""

from typing import Any

from django.db import migrations, models

import achterhoek.mail.models


def give_each_its_own(apps: Any, schema_editor: Any) -> None:
    messages = apps.get_model("mail", "OutboxMessage")
    for message in messages.objects.filter(message_id="").only("pk").iterator():
        messages.objects.filter(pk=message.pk).update(message_id=achterhoek.mail.models.new_message_id())


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.AddField(
            "outboxmessage", "message_id", models.CharField(default="", editable=False, max_length=200)
        ),
        migrations.RunPython(give_each_its_own, migrations.RunPython.noop),
        migrations.AlterField(
            "outboxmessage",
            "message_id",
            models.CharField(
                default=achterhoek.mail.models.new_message_id, editable=False, max_length=200, unique=True
            ),
        ),
    ]
