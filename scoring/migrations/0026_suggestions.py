"""Suggested criteria: everybody suggests, marketing answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: may("suggestion", "view add change"),
            SALES: may("suggestion", "view add"),
            SALES_MANAGER: may("suggestion", "view add"),
            ADMINISTRATOR: may("suggestion", "view add change"),
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0011_administrators'),
        ('scoring', '0025_matrix'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('author_name', models.CharField(blank=True, default='', max_length=150, verbose_name='suggested by')),
                ('title', models.CharField(max_length=200, verbose_name='criterion')),
                ('reason', models.TextField(max_length=2000, verbose_name='reason')),
                ('rule', models.JSONField(blank=True, null=True, verbose_name='rule')),
                ('state', models.CharField(choices=[('open', 'Open'), ('taken', 'Taken over'), ('declined', 'Declined')], default='open', max_length=10, verbose_name='state')),
                ('answer', models.TextField(blank=True, default='', max_length=2000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('rule_name', models.CharField(blank=True, default='', max_length=200, verbose_name='rule')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='suggested')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='suggestions', to=settings.AUTH_USER_MODEL, verbose_name='suggested by')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='contacts.contact', verbose_name='contact')),
                ('live_version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.version', verbose_name='live since version')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='scoring.scoringmodel', verbose_name='model')),
            ],
            options={
                'verbose_name': 'suggestion',
                'verbose_name_plural': 'suggestions',
                'ordering': ['-pk'],
                'default_permissions': ('view', 'add', 'change'),
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['model'], name='suggestion_open'), models.Index(fields=['author', '-id'], name='suggestion_own')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
