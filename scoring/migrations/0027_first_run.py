from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0026_suggestions")]
    operations = [
        migrations.AlterField(
            model_name="crossing",
            name="suppressed",
            field=models.CharField(
                blank=True,
                choices=[
                    ("quiet", "an import, another version or switching on: held back"),
                    ("conditions", "the conditions did not hold"),
                    ("loop", "automations set each other off"),
                    ("cool_down", "too soon after the last time"),
                    ("passed", "the level no longer held when it was handed over"),
                    ("dropped", "dropped by a person"),
                ],
                default="",
                max_length=12,
                verbose_name="held back because",
            ),
        ),
    ]
