"""Administrators may do everything with every table of this app, also with the newest."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, grant


def add(apps, schema_editor):
    granted = {
        f"{action}_{model._meta.model_name}"
        for model in apps.get_app_config("scoring").get_models()
        for action in model._meta.default_permissions
    }
    grant(apps, schema_editor.connection.alias, "scoring", {ADMINISTRATOR: granted})


class Migration(migrations.Migration):
    dependencies = [("scoring", "0016_outbox_names")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
