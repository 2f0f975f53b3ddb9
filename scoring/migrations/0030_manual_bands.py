"""Bands that people give by hand, beside the computed ones."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ROLES, grant, may


def add(apps, schema_editor):
    granted = dict.fromkeys(ROLES, may("manualband", "view add change"))
    grant(apps, schema_editor.connection.alias, "scoring", granted)


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0014_notes"),
        ("scoring", "0029_dormant"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ManualBand',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('band', models.CharField(max_length=200, verbose_name='band')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('until', models.DateField(blank=True, help_text='The last day on which it stands. Empty: until somebody ends it.', null=True, verbose_name='until')),
                ('set_at', models.DateTimeField(verbose_name='set')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='manual_bands', to='contacts.contact', verbose_name='contact')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='manual_bands', to='scoring.scoringmodel', verbose_name='model')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
            ],
            options={
                'verbose_name': 'manual band',
                'verbose_name_plural': 'manual bands',
                'ordering': ['-set_at', '-pk'],
                'default_permissions': ('view', 'add', 'change'),
                'indexes': [models.Index(fields=['model', 'band'], name='manual_band_counted')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('contact', 'model'), name='one_manual_band_at_a_time')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
