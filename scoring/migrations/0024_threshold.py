import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0023_impact"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ThresholdChoice",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("band", models.CharField(max_length=200, verbose_name="band")),
                ("threshold", models.BigIntegerField(verbose_name="begins at")),
                ("before", models.BigIntegerField(null=True, verbose_name="began at")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("scenarios", "scenarios of ideal leads"),
                            ("contacts", "today's contacts"),
                            ("capacity", "the capacity of sales"),
                            ("outcomes", "past outcomes"),
                            ("other", "another reason"),
                        ],
                        max_length=10,
                        verbose_name="found by",
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("figures", models.JSONField(default=dict, verbose_name="figures")),
                ("username", models.CharField(max_length=150, verbose_name="who")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="threshold_choices",
                        to="scoring.scoringmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of a threshold",
                "verbose_name_plural": "choices of thresholds",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="OutcomeTable",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("document", models.JSONField()),
                ("months", models.PositiveIntegerField(default=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a worker"),
                            ("at_work", "Being worked out"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("begun_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("reached", models.DateTimeField(null=True)),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("rows", models.JSONField(default=list)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcome_tables",
                        to="scoring.scoringmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "table of outcomes",
                "verbose_name_plural": "tables of outcomes",
                "ordering": ["-pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("model", "key"), name="outcomes_once")
                ],
            },
        ),
    ]
