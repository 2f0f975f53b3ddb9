"""What the four roles may do with sequences: Marketing edits, Sales look."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

ALL = "sequence sequencestep enrolment steprun"


def add(apps, schema_editor):
    looking = may(ALL, "view")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: looking
            | may("sequence sequencestep enrolment", "add change")
            | may("sequencestep", "delete"),
            SALES: looking,
            SALES_MANAGER: looking,
            ADMINISTRATOR: may(ALL, "view add change delete"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0013_sequences")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
