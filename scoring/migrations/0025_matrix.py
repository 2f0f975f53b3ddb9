"""Buyer personas with their grids, and who fills them in."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: may("persona", "view add change delete"),
            SALES: may("persona", "view"),
            SALES_MANAGER: may("persona", "view"),
            ADMINISTRATOR: may("persona", "view add change delete"),
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0024_threshold'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Persona',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('for_all', models.BooleanField(default=False, verbose_name='for every contact')),
                ('who', models.TextField(blank=True, default='', max_length=2000, verbose_name='who they are')),
                ('goals', models.TextField(blank=True, default='', max_length=2000, verbose_name='what they want')),
                ('pains', models.TextField(blank=True, default='', max_length=2000, verbose_name='what troubles them')),
                ('places', models.TextField(blank=True, default='', max_length=2000, verbose_name='where to meet them')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                ('grid', models.JSONField(blank=True, default=dict, verbose_name='grid')),
                ('revision', models.PositiveIntegerField(default=0, editable=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed')),
                ('group_name', models.CharField(blank=True, default='', editable=False, max_length=100)),
                ('group_hash', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='personas', to='scoring.scoringmodel', verbose_name='model')),
            ],
            options={
                'verbose_name': 'buyer persona',
                'verbose_name_plural': 'buyer personas',
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('model', 'name'), name='persona_name'), models.UniqueConstraint(fields=('model', 'key'), name='persona_key')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
