from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0021_campaign_imports")]

    operations = [
        migrations.AddIndex(
            model_name="fieldchange",
            index=models.Index(
                fields=["changed_at", "contact"],
                condition=models.Q(field="lifecycle"),
                name="field_change_lifecycle",
            ),
        )
    ]
