from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("scoring", "0054_report_mail_token"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                fields=["handed_at"],
                condition=models.Q(responded_at=None) & ~models.Q(verdict="rejected"),
                name="handover_unreached",
            ),
        ),
    ]
