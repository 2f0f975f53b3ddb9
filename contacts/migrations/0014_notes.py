"""Notes about contacts: whoever writes one may delete it, a manager any."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    everybody = may("note", "view add change delete")
    grant(
        apps,
        schema_editor.connection.alias,
        "contacts",
        {
            MARKETING: everybody,
            SALES: everybody,
            SALES_MANAGER: {*everybody, "delete_notes_of_others"},
            ADMINISTRATOR: {*everybody, "delete_notes_of_others"},
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0013_task_results"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=10000, verbose_name='text')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='edited')),
                ('pinned', models.BooleanField(default=False, verbose_name='pinned')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='contacts.contact', verbose_name='contact')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-created_at', '-pk'],
                'permissions': [('delete_notes_of_others', 'Can delete the notes of others')],
                'indexes': [models.Index(fields=['contact', '-created_at'], name='note_timeline')],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
