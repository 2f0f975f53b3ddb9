"""Administrators set up the API; marketing sees its sources and what was rejected."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, grant, may

MODELS = "source apikey ratewindow answer rejecteditem"


def add(apps, schema_editor):
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            ADMINISTRATOR: may(MODELS, "view add change delete"),
            MARKETING: may("source rejecteditem", "view"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0011_api")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
