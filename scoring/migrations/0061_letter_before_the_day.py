from django.apps.registry import Apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def have_letters_leave(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """With no day before no letter left, and no meeting was planned."""
    apps.get_model("scoring", "MeetingSchedule").objects.filter(days_before=0).update(days_before=1)


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0060_decision_into_draft"),
    ]

    operations = [
        migrations.RunPython(have_letters_leave, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="meetingschedule",
            name="days_before",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="The letter leaves so many days before the meeting, at the same hour.",
                validators=[MinValueValidator(1), MaxValueValidator(6)],
                verbose_name="Days before",
            ),
        ),
    ]
