"""What a campaign is to bring, and its arms in plain numbers."""

import django.db.models.deletion
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def allow(apps, schema_editor):
    granted = {
        MARKETING: may("campaignarm", "view add change delete"),
        SALES: may("campaignarm", "view"),
        SALES_MANAGER: may("campaignarm", "view"),
        ADMINISTRATOR: may("campaignarm", "view add change delete"),
    }
    grant(apps, schema_editor.connection.alias, "contacts", granted)


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0019_talked_types"),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='planned_customers',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='planned customers'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='planned_leads',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='planned leads'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='planned_revenue',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='planned revenue'),
        ),
        migrations.CreateModel(
            name='CampaignArm',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_control', models.BooleanField(default=False, help_text='These people were kept out of the campaign.', verbose_name='control')),
                ('people', models.PositiveIntegerField(verbose_name='people')),
                ('visits', models.PositiveIntegerField(default=0, help_text='So many of these people visited the site.', verbose_name='visited')),
                ('customers', models.PositiveIntegerField(default=0, help_text='So many of these people became customers.', verbose_name='bought')),
                ('revenue', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='revenue')),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='arms', to='contacts.campaign', verbose_name='campaign')),
            ],
            options={
                'verbose_name': 'arm of a campaign',
                'verbose_name_plural': 'arms of a campaign',
                'ordering': ['campaign', '-is_control', 'name'],
                'constraints': [models.UniqueConstraint(fields=('campaign', 'name'), name='campaign_arm_name'), models.UniqueConstraint(condition=models.Q(('is_control', True)), fields=('campaign',), name='campaign_arm_one_control', violation_error_message='A campaign has one control.'), models.CheckConstraint(condition=models.Q(('visits__lte', models.F('people')), ('customers__lte', models.F('people'))), name='campaign_arm_of_its_people', violation_error_message='No more people can visit or buy than there are.')],
            },
        ),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
