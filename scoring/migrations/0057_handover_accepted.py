from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("scoring", "0056_erasing"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                fields=["answered_at"],
                condition=models.Q(verdict="accepted"),
                name="handover_accepted",
            ),
        ),
    ]
