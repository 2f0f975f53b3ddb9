"""Calls: sessions with their leads, scripts, the routine, and how past leads turned out."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import scoring.automations.texts
from django.conf import settings
from django.db import migrations, models

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may


def add(apps, schema_editor):
    scripts = may("callscript", "view add change delete")
    sessions = may("callsession", "view add")
    grant(
        apps,
        schema_editor.connection.alias,
        "scoring",
        {
            MARKETING: scripts,
            SALES: {"view_callscript"} | sessions,
            SALES_MANAGER: scripts | sessions | {"plan_calls"},
            ADMINISTRATOR: scripts | sessions | {"plan_calls"},
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0011_administrators"),
        ("scoring", "0032_feedback_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CallCapacity',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('capacity', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(200)], verbose_name='calls in a session')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='call_capacity', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'capacity for calls',
                'verbose_name_plural': 'capacities for calls',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CallSession',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cadence', models.CharField(choices=[('daily', 'every day'), ('weekly', 'every week')], max_length=6, verbose_name='how often')),
                ('capacity', models.PositiveSmallIntegerField(verbose_name='calls in a session')),
                ('from_total', models.BigIntegerField(null=True, verbose_name='from so many points on')),
                ('left_below', models.PositiveIntegerField(default=0)),
                ('left_beyond', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('paused_at', models.DateTimeField(null=True, verbose_name='paused')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.scoringmodel', verbose_name='model')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='call_sessions', to=settings.AUTH_USER_MODEL, verbose_name='who calls')),
            ],
            options={
                'verbose_name': 'session of calls',
                'verbose_name_plural': 'sessions of calls',
                'ordering': ['-pk'],
                'permissions': [('plan_calls', 'Can plan and see the calls of others')],
                'default_permissions': ('view', 'add'),
            },
        ),
        migrations.CreateModel(
            name='CallEntry',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('total', models.BigIntegerField(verbose_name='total')),
                ('band', models.TextField(verbose_name='band')),
                ('promised_at', models.DateTimeField(null=True, verbose_name='promised for')),
                ('state', models.CharField(choices=[('waiting', 'waits'), ('skipped', 'put off'), ('done', 'called'), ('dropped', 'taken off')], default='waiting', max_length=7, verbose_name='state')),
                ('holds', models.BooleanField(default=True)),
                ('result', models.CharField(blank=True, choices=[('reached', 'Reached'), ('voicemail', 'Voicemail'), ('meeting_booked', 'Meeting booked'), ('not_interested', 'Not interested'), ('wrong_person', 'Wrong person'), ('later', 'Call later')], default='', max_length=14, verbose_name='result')),
                ('called_at', models.DateTimeField(null=True, verbose_name='called')),
                ('made', models.JSONField(default=dict)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='call_entries', to='contacts.contact', verbose_name='contact')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='scoring.callsession')),
            ],
            options={
                'verbose_name': 'lead in a session',
                'verbose_name_plural': 'leads in sessions',
                'ordering': ['position', 'pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.JSONField(default=list)),
                ('counted_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('taken_at', models.DateTimeField(null=True)),
                ('as_of', models.DateTimeField(null=True)),
                ('reached', models.DateTimeField(null=True)),
                ('counting', models.JSONField(default=list)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='tally', to='scoring.version')),
            ],
            options={
                'verbose_name': 'past outcomes by band',
                'verbose_name_plural': 'past outcomes by band',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CallRoutine',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('cadence', models.CharField(choices=[('daily', 'every day'), ('weekly', 'every week')], default='daily', max_length=6, verbose_name='how often')),
                ('capacity', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(200)], verbose_name='calls in a session')),
                ('from_total', models.BigIntegerField(blank=True, help_text='Leads below wait for the next session. Empty: everybody is called.', null=True, verbose_name='only from so many points on')),
                ('quiet_days', models.PositiveSmallIntegerField(default=7, help_text='Whoever was called within so many days is not on the list.', validators=[django.core.validators.MaxValueValidator(365)], verbose_name='days between two calls')),
                ('questions', models.JSONField(blank=True, null=True, verbose_name='questions')),
                ('never', models.ForeignKey(blank=True, help_text='A segment, such as of those who have asked not to be called.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.segment', verbose_name='never call')),
            ],
            options={
                'verbose_name': 'routine of calls',
                'verbose_name_plural': 'routines of calls',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='call_routine_one')],
            },
        ),
        migrations.CreateModel(
            name='CallScript',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                ('band', models.CharField(blank=True, default='', help_text='Only for leads in this band. Empty: whatever the band.', max_length=200, verbose_name='band')),
                ('text_en', models.TextField(blank=True, max_length=10000, validators=[scoring.automations.texts.validate_template], verbose_name='text in English')),
                ('text_es', models.TextField(blank=True, max_length=10000, validators=[scoring.automations.texts.validate_template], verbose_name='text in Spanish')),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='Of several that fit a lead equally well, the lowest is shown.', verbose_name='position')),
                ('segment', models.ForeignKey(blank=True, help_text='Only for leads in this segment. Empty: for everybody.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.segment', verbose_name='segment')),
            ],
            options={
                'verbose_name': 'call script',
                'verbose_name_plural': 'call scripts',
                'ordering': ['position', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('text_en', ''), _negated=True), models.Q(('text_es', ''), _negated=True), _connector='OR'), name='call_script_says_something', violation_error_message='Write the text in one language at least.')],
            },
        ),
        migrations.AddConstraint(
            model_name='callsession',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user',), name='call_session_running'),
        ),
        migrations.AddConstraint(
            model_name='callentry',
            constraint=models.UniqueConstraint(condition=models.Q(('holds', True)), fields=('contact',), name='call_entry_held_once'),
        ),
        migrations.AddConstraint(
            model_name='callentry',
            constraint=models.CheckConstraint(condition=models.Q(('holds', False), ('state__in', ['waiting', 'skipped']), _connector='OR'), name='call_entry_held_while_open'),
        ),
        migrations.AddConstraint(
            model_name='callentry',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'done'), ('called_at__isnull', True), _connector='XOR'), name='call_entry_called_at'),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
