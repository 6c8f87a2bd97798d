"""The key of an organisation, to which all that its people draft is sealed."""

from __future__ import annotations

from django.db import transaction

from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import make_key
from providers.models import Organisation


def organisation_key(organisation: Organisation) -> SealingKey:
    """The key of this organisation; made where it has none yet. Two who ask at once get the same one."""
    if organisation.sealing_key is not None:
        return organisation.sealing_key
    with transaction.atomic():
        locked = (
            Organisation.objects.select_for_update(of=("self",)).select_related("sealing_key").get(pk=organisation.pk)
        )
        if locked.sealing_key is None:
            locked.sealing_key = make_key(f"drafts of organisation {organisation.pk}")
            locked.save(update_fields=["sealing_key"])
        organisation.sealing_key = locked.sealing_key
        return locked.sealing_key
