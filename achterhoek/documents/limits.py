"""How much may be under way at once: without a limit one team could fill the store and the scratch room."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from achterhoek.documents.models import Upload
from achterhoek.errors import RuleViolation
from achterhoek.sealing.models import SealingKey
from achterhoek.sizes import format_size


def require_room(sealing_key: SealingKey, size: int) -> None:
    """Whether an organisation, known by its key, may begin one more file of `size` bytes. Raises `RuleViolation`.

    One query over what it announced and did not finish. It locks nothing: who begins many files at the same moment
    may come a few over the limit, which is there to keep the disk from filling, and not to be exact.
    """
    unfinished = Upload.objects.filter(sealing_key=sealing_key, finished_at=None, error="")
    found = unfinished.aggregate(count=Count("pk"), bytes=Sum("size"))
    most, room = settings.MAX_UNFINISHED_UPLOADS, settings.MAX_UNFINISHED_BYTES
    if found["count"] < most and (found["bytes"] or 0) + size <= room:
        return
    raise RuleViolation(
        _(
            "Your organisation is sending too much at once: at most %(count)s files, and %(size)s together, may be on "
            "their way. Wait until they are in, or stop those that you do not need any more. A file that nothing comes "
            "in for during a day goes by itself."
        )
        % {"count": most, "size": format_size(room)}
    )
