"""Who imports: those who see everybody's contacts, for an import writes to anybody's."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES_MANAGER, grant, may

IMPORTS = may("importmapping", "view add change delete") | may("importjob", "view add")


def add(apps, schema_editor):
    everything = may("importmapping importjob importrun", "view add change delete")
    grant(
        apps,
        schema_editor.connection.alias,
        "contacts",
        {
            MARKETING: IMPORTS | may("importrun", "view"),
            SALES_MANAGER: IMPORTS | may("importrun", "view"),
            ADMINISTRATOR: everything,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_imports"), ("contacts", "0003_roles")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
