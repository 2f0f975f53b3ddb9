"""Empties the database, but never the audit trail: that is only ever added to."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.utils.translation import gettext as _

from scoring.agreement.audit import AuditEntry


class Command(flush.Command):
    """Django's own, which on PostgreSQL would empty the trail and on SQLite fail halfway."""

    def handle(self, *args: Any, **options: Any) -> None:
        lines = AuditEntry.objects.using(options["database"]).count()
        if lines:
            message = _(
                "Nothing was emptied: the audit trail has lines (%(count)d), and "
                "that is only ever added to. To begin anew, make a new database (or delete the "
                "file of SQLite) and run “migrate”."
            )
            raise CommandError(message % {"count": lines})
        super().handle(*args, **options)
