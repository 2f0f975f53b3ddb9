from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0057_handover_accepted"),
    ]

    operations = [
        migrations.AddField(
            model_name="pilot",
            name="token",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
