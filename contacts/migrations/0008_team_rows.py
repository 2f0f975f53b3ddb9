"""The calendar and the team that every installation begins with, and who may do what."""

from django.conf import settings
from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may
from contacts.weekly_hours import USUAL_WEEK

EVERYTHING = "calendar holiday team member absence task"


def add(apps, schema_editor):
    using = schema_editor.connection.alias
    calendar = apps.get_model("contacts", "Calendar").objects.using(using).create(
        name="Office hours", time_zone=settings.TIME_ZONE, hours=USUAL_WEEK, is_default=True
    )
    apps.get_model("contacts", "Team").objects.using(using).create(name="Sales", calendar=calendar)


def allow(apps, schema_editor):
    grant(
        apps,
        schema_editor.connection.alias,
        "contacts",
        {
            MARKETING: may("calendar holiday team member task", "view"),
            SALES: may("task", "view add change") | may("absence", "view add change delete"),
            SALES_MANAGER: may(EVERYTHING, "view add change delete"),
            ADMINISTRATOR: may(EVERYTHING, "view add change delete"),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_teams_and_tasks")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
