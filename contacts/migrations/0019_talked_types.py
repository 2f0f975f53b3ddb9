"""What salespeople note of their own doing, beside calls."""

from django.db import migrations


def add(apps, schema_editor):
    types = apps.get_model("contacts", "ActivityType").objects
    for slug in ("meeting", "email_sent"):
        types.using(schema_editor.connection.alias).get_or_create(slug=slug)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0018_one_address")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
