"""The reasons that every installation begins with, and who may do what about feedback."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

REASONS = [
    *("no_budget", "wrong_size", "already_customer", "bad_data", "not_now", "no_need"),
    *("competitor", "other"),
]


def add(apps, schema_editor):
    reasons = apps.get_model("scoring", "RejectionReason").objects
    reasons.using(schema_editor.connection.alias).bulk_create(
        reasons.model(slug=slug, position=position) for position, slug in enumerate(REASONS)
    )


def allow(apps, schema_editor):
    seen = may("handover verdict alarm rejectionreason servicelevel scoredoubt", "view")
    doubting = {"add_scoredoubt"}
    answering = {"change_handover"}
    keeping = may("rejectionreason", "add change delete") | {"change_servicelevel"}
    marketing = doubting | {"change_scoredoubt"}
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: seen | marketing,
            SALES: seen | doubting | answering,
            SALES_MANAGER: seen | doubting | answering | keeping,
            ADMINISTRATOR: seen | marketing | answering | keeping,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("scoring", "0031_feedback")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
