"""An address is a contact's own or a former one; telephone numbers get their key; who sees merges."""

from django.db import migrations

from contacts.models.one_address import statements, statements_away
from contacts.normalise import phone_key
from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant

AT_ONCE = 2000


def fill(apps, schema_editor):
    contacts = apps.get_model("contacts", "Contact").objects.using(schema_editor.connection.alias)
    rows = contacts.exclude(phone="").order_by("pk").only("pk", "phone")
    batch = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        row.phone_key = phone_key(row.phone)
        batch.append(row)
        if len(batch) == AT_ONCE:
            contacts.bulk_update(batch, ["phone_key"])
            batch = []
    contacts.bulk_update(batch, ["phone_key"])


def guard(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in statements_away(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow(apps, schema_editor):
    roles = (MARKETING, SALES, SALES_MANAGER, ADMINISTRATOR)
    granted = dict.fromkeys(roles, {"view_merge"})
    grant(apps, schema_editor.connection.alias, "contacts", granted)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0017_merges")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
