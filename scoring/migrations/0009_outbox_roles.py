"""What the four roles may do with messages: all look at what concerns them, few send again."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    own = may("message attempt notification", "view") | may("ownercard", "view add change")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: own,
            SALES: own,
            SALES_MANAGER: own,
            ADMINISTRATOR: own
            | may("message attempt notification", "add change delete")
            | may("endpoint destination ownercard", "view add change delete"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_outbox")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
