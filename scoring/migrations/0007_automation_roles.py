"""What the four roles may do with automations: Marketing edits, Sales look."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

KEPT = "automationversion crossing actionrun triggerstate"


def add(apps, schema_editor):
    looking = may(f"automation {KEPT}", "view")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: looking | may("automation", "add change"),
            SALES: looking,
            SALES_MANAGER: looking,
            ADMINISTRATOR: may(f"automation {KEPT}", "view add change delete"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_automations")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
