from typing import Any

from django.db import migrations

import contacts.models.twins
from contacts.normalise import normalise


def fill(apps: Any, schema_editor: Any) -> None:
    """By owner, of whom there are few."""
    deals = apps.get_model("contacts", "Deal").objects.using(schema_editor.connection.alias)
    written = deals.exclude(owner="").order_by().values_list("owner", flat=True).distinct()
    for owner in list(written):
        deals.filter(owner=owner).update(owner_norm=normalise(owner))


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0022_lifecycle_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="owner_norm",
            field=contacts.models.twins.NormalisedText("owner", default=""),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
