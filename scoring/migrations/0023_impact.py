import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import scoring.engine.arrays
from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    # Who signs asks for it as well as who proposes.
    asking = may("impact", "view add")
    roles = (MARKETING, SALES, SALES_MANAGER, ADMINISTRATOR)
    grant(apps, schema_editor.connection.alias, "scoring", dict.fromkeys(roles, asking))


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0011_administrators"),
        ("scoring", "0022_signing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Impact",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("document", models.TextField()),
                ("hash", models.CharField(max_length=64)),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                ("months", models.PositiveSmallIntegerField(default=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for a worker"),
                            ("at_work", "Being worked out"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("overtaken", "Overtaken"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("began_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("moves_kept", models.BooleanField(default=True)),
                (
                    "against",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scoring.version",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="impacts",
                        to="scoring.scoringmodel",
                        verbose_name="model",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="impacts",
                        to="scoring.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "impact",
                "verbose_name_plural": "impacts",
                "ordering": ["-pk"],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "at_work"])),
                        fields=("model", "hash"),
                        name="impact_at_work_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImpactMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "impact_id",
                        "contact_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("total_before", models.BigIntegerField(null=True)),
                ("band_before", models.TextField(null=True)),
                ("total", models.BigIntegerField(null=True)),
                ("band", models.TextField(null=True)),
                ("breakdown_before", scoring.engine.arrays.IntegerArrayField(null=True)),
                ("breakdown", scoring.engine.arrays.IntegerArrayField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "impact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="scoring.impact",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["impact", "band_before", "band", "contact"],
                        name="impact_moves_by_band",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImpactStep",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("contacts", "Contacts"),
                            ("outcomes", "Outcomes"),
                            ("scenarios", "Scenarios"),
                        ],
                        max_length=10,
                    ),
                ),
                ("number", models.IntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(default=dict)),
                (
                    "impact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="scoring.impact",
                    ),
                ),
            ],
            options={
                "ordering": ["impact", "kind", "number"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("impact", "kind", "number"), name="impact_step_once"
                    )
                ],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
