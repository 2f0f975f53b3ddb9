from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("scoring", "0049_pilots"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportschedule",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
