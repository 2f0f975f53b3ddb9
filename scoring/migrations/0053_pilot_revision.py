from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0052_saved_views_alike"),
    ]

    operations = [
        migrations.AddField(
            model_name="pilot", name="revision", field=models.PositiveIntegerField(default=0)
        ),
    ]
