import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    everything = may("dismissal", "view add change")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: may("dismissal", "view"),
            SALES: everything,
            SALES_MANAGER: everything,
            ADMINISTRATOR: everything,
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0013_task_results"),
        ("scoring", "0028_board_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DormantChoice",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fit_least", models.IntegerField(blank=True, null=True, verbose_name="fit of at least")),
                ("peak", models.CharField(choices=[("warm", "above the lowest band"), ("hot", "in the highest band")], default="warm", max_length=4, verbose_name="once was")),
                ("months", models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name="within the last … months")),
                ("weeks", models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(104)], verbose_name="quiet for … weeks")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="dormant_choice", to=settings.AUTH_USER_MODEL, verbose_name="user")),
            ],
            options={
                "verbose_name": "choice of dormant opportunities",
                "verbose_name_plural": "choices of dormant opportunities",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(choices=[("not_now", "Not now"), ("no_budget", "No budget"), ("no_interest", "Not interested"), ("competitor", "Bought elsewhere"), ("other", "Something else")], default="not_now", max_length=11, verbose_name="reason")),
                ("text", models.CharField(blank=True, default="", max_length=500, verbose_name="remark")),
                ("until", models.DateField(verbose_name="until")),
                ("made_at", models.DateTimeField(verbose_name="since")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="brought back")),
                ("contact", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="dismissals", to="contacts.contact", verbose_name="contact")),
                ("ended_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by")),
                ("made_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="by")),
            ],
            options={
                "verbose_name": "dormant opportunity left alone",
                "verbose_name_plural": "dormant opportunities left alone",
                "ordering": ["-pk"],
                "default_permissions": ("view", "add", "change"),
                "indexes": [models.Index(condition=models.Q(("ended_at", None)), fields=["contact", "until"], name="dismissal_in_force")],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
