"""What the four roles may do with models and scores: Marketing edits, Sales look."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

DRAFTS = "draft draftgroup draftrule draftband draftscenario"
SCORES = "score scorechange lead track"


def add(apps, schema_editor):
    every = " ".join(model._meta.model_name for model in apps.get_app_config("scoring").get_models())
    looking = may(f"scoringmodel version {SCORES}", "view")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: looking
            | may("scoringmodel version", "add change")
            | may(DRAFTS, "view add change delete"),
            SALES: looking,
            SALES_MANAGER: looking,
            ADMINISTRATOR: may(every, "view add change delete"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_leads"), ("contacts", "0003_roles")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
