import contacts.models.preferences
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0012_assignments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="changed_at",
            field=models.DateTimeField(auto_now=True, verbose_name="changed"),
        ),
        migrations.AddField(
            model_name="task",
            name="result",
            field=models.CharField(blank=True, choices=[("done", "Done"), ("reached", "Reached"), ("voicemail", "Voicemail"), ("meeting_booked", "Meeting booked"), ("not_needed", "Not needed")], default="", editable=False, max_length=14, verbose_name="result"),
        ),
        migrations.AddField(
            model_name="task",
            name="result_text",
            field=models.CharField(blank=True, default="", editable=False, max_length=1000, verbose_name="what came of it"),
        ),
        migrations.AddField(
            model_name="task",
            name="snoozed_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="put off until"),
        ),
        migrations.AddField(
            model_name="task",
            name="snoozes",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="times put off"),
        ),
        migrations.CreateModel(
            name="CalendarAddress",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="calendar_address", to=settings.AUTH_USER_MODEL, verbose_name="user")),
            ],
            options={
                "verbose_name": "calendar address",
                "verbose_name_plural": "calendar addresses",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(blank=True, choices=[("en", "English"), ("es", "Spanish")], default="", max_length=10, verbose_name="language")),
                ("digest", models.BooleanField(default=True, verbose_name="e-mail in the morning")),
                ("digest_at", models.TimeField(blank=True, null=True, verbose_name="at")),
                ("digest_days", models.JSONField(blank=True, null=True, validators=[contacts.models.preferences.check_days], verbose_name="on these days")),
                ("digested_on", models.DateField(editable=False, null=True)),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="preferences", to=settings.AUTH_USER_MODEL, verbose_name="user")),
            ],
            options={
                "verbose_name": "settings of a person",
                "verbose_name_plural": "settings of people",
                "default_permissions": (),
            },
        ),
    ]
