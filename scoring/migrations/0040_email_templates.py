"""Texts that an e-mail to one lead begins with: marketing and the sales manager write them."""

import django.db.models.deletion
import scoring.automations.texts
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    writes = may("emailtemplate", "view add change delete")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: writes,
            SALES: may("emailtemplate", "view"),
            SALES_MANAGER: writes,
            ADMINISTRATOR: writes,
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0019_talked_types"),
        ("scoring", "0039_verdict_lifecycle"),
    ]

    operations = [
        migrations.CreateModel(
            name='EmailTemplate',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                ('subject', models.CharField(max_length=200, validators=[scoring.automations.texts.validate_template], verbose_name='subject')),
                ('text', models.TextField(help_text='Variables such as {{ contact.first_name | there }} are filled in.', max_length=10000, validators=[scoring.automations.texts.validate_template], verbose_name='text')),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Spanish')], default='', max_length=10, verbose_name='language')),
                ('team', models.ForeignKey(blank=True, help_text='Only its members may use it. Empty: everybody.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='email_templates', to='contacts.team', verbose_name='for the team')),
            ],
            options={
                'verbose_name': 'e-mail template',
                'verbose_name_plural': 'e-mail templates',
                'ordering': ['name'],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
