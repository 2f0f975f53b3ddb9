"""Marketing sees how far a recompute is, which it waits for when a version goes live."""

from django.db import migrations

from contacts.roles import MARKETING, grant


def add(apps, schema_editor):
    grant(apps, schema_editor.connection.alias, "scoring", {MARKETING: {"view_recompute"}})


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_roles")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
