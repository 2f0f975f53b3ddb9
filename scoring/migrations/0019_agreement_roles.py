"""Who edits drafts, proposes, signs for which side, and brings a version live."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

DRAFT = "draft draftgroup draftrule draftband draftscenario"


def add(apps, schema_editor):
    looking = may(f"{DRAFT} auditentry", "view")
    deciding = {"propose_version", "publish_version"}
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: may(DRAFT, "view add change delete")
            | looking
            | deciding
            | {"sign_for_marketing"},
            SALES: looking | {"sign_for_sales"},
            SALES_MANAGER: looking | {"sign_for_sales"},
            ADMINISTRATOR: may(DRAFT, "view add change delete")
            | looking
            | deciding
            | {"sign_for_marketing", "sign_for_sales"},
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0018_agreement")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
