import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Labels and names of relations alone: no table changes."""

    dependencies = [
        ("scoring", "0051_kept_tries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *(
            migrations.AlterField(
                model_name=model_name,
                name="author",
                field=models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="saved by",
                ),
            )
            for model_name in ("reportview", "savedview")
        ),
        migrations.AlterField(
            model_name="savedview",
            name="is_shared",
            field=models.BooleanField(default=False, verbose_name="shared"),
        ),
    ]
