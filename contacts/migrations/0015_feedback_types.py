"""What sales say of leads that they were handed, as activities."""

from django.db import migrations


def add(apps, schema_editor):
    types = apps.get_model("contacts", "ActivityType").objects
    for slug in ("lead_accepted", "lead_rejected"):
        types.using(schema_editor.connection.alias).get_or_create(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0014_notes")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
