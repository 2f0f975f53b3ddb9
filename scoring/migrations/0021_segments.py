"""Segments, actions for all of one, and who makes them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    making = may("segment", "view add change delete") | may("bulkrun", "view")
    looking = may("segment", "view")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {MARKETING: making, SALES: looking, SALES_MANAGER: looking, ADMINISTRATOR: making},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0020_editor"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        error_messages={"unique": "There is a segment of this name already."},
                        max_length=200,
                        unique=True,
                        verbose_name="name",
                    ),
                ),
                (
                    "key",
                    models.SlugField(
                        editable=False, max_length=64, unique=True, verbose_name="key"
                    ),
                ),
                (
                    "description",
                    models.TextField(blank=True, max_length=2000, verbose_name="description"),
                ),
                ("condition", models.JSONField(verbose_name="condition")),
                ("revision", models.PositiveIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "changed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "segment",
                "verbose_name_plural": "segments",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="segment's name")),
                ("condition", models.JSONField(verbose_name="condition")),
                ("action", models.JSONField(verbose_name="action")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("was_stopped", models.BooleanField(default=False, verbose_name="stopped")),
                ("expected", models.PositiveIntegerField(default=0, verbose_name="contacts")),
                ("last", models.BigIntegerField(default=0)),
                ("reached", models.BigIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="not possible")),
                ("reasons", models.JSONField(default=dict, verbose_name="reasons")),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to="scoring.segment",
                        verbose_name="segment",
                    ),
                ),
            ],
            options={
                "verbose_name": "action for a segment",
                "verbose_name_plural": "actions for segments",
                "ordering": ["-started_at"],
                "default_permissions": ("view",),
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
