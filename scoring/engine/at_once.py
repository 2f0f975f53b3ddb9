"""The score of one contact made at once, for a page that has changed it and shows the new one."""

import logging

from django.db import transaction

from contacts.models import Pending
from scoring.engine.refresh import refresh_rows
from scoring.engine.troubled import Troubled

logger = logging.getLogger(__name__)


def refresh_at_once(contact_id: int) -> bool:
    """Do what a worker would do a moment later; False where it is left to one.

    To be called after the change was committed: its Pending rows stay where this fails, and
    the worker tries again, with care.
    """
    if Troubled.objects.filter(contact=contact_id).exists():
        return False
    try:
        with transaction.atomic():
            rows = Pending.objects.select_for_update().filter(contact=contact_id).order_by("pk")
            refresh_rows(list(rows))
    except Exception:
        logger.exception("contact %d cannot be scored at once", contact_id)
        return False
    return True
