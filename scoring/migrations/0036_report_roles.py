"""Everybody looks at the reports; those on people are for whoever leads them."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant


def add(apps, schema_editor):
    everything = {"view_reports", "view_team_reports"}
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: everything,
            SALES: {"view_reports"},
            SALES_MANAGER: everything,
            ADMINISTRATOR: everything,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0035_reports")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
