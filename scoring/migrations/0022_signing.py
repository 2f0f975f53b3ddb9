"""Proposals, signatures, remarks, goings live; and an audit trail that is only added to."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import scoring.agreement.audit
from scoring.agreement.append_only import statements, statements_away


def keep(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def let_go(apps, schema_editor):
    for statement in statements_away(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0021_segments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=scoring.agreement.audit.actions, max_length=20, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=4000, verbose_name='what changes and why')),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='to be reviewed on')),
                ('proposed_name', models.CharField(max_length=150)),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='proposed')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('withdrawn_name', models.CharField(blank=True, default='', max_length=150)),
                ('agreed_at', models.DateTimeField(blank=True, null=True, verbose_name='agreed')),
                ('base', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.version')),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='scoring.version', verbose_name='version')),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['-pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(blank=True, default='', max_length=200, verbose_name='rule')),
                ('kind', models.CharField(choices=[('comment', 'Comment'), ('objection', 'Objection')], max_length=10, verbose_name='kind')),
                ('text', models.TextField(max_length=4000, verbose_name='text')),
                ('username', models.CharField(max_length=150)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_name', models.CharField(blank=True, default='', max_length=150)),
                ('settled_text', models.TextField(blank=True, default='', max_length=4000)),
                ('answers', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='scoring.remark')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='scoring.version')),
            ],
            options={
                'verbose_name': 'remark',
                'verbose_name_plural': 'remarks',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField(verbose_name='to be reviewed on')),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='scoring.scoringmodel')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'ordering': ['due_on'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('marketing', 'Marketing'), ('sales', 'Sales')], max_length=10, verbose_name='side')),
                ('username', models.CharField(max_length=150)),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
                ('comment', models.TextField(blank=True, default='', max_length=4000, verbose_name='comment')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='signed')),
                ('void_at', models.DateTimeField(blank=True, null=True)),
                ('void_reason', models.CharField(blank=True, choices=[('taken_back', 'taken back'), ('withdrawn', 'the proposal was withdrawn')], default='', max_length=10)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='scoring.proposal')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signed by')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='scoring.version')),
            ],
            options={
                'verbose_name': 'signature',
                'verbose_name_plural': 'signatures',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='GoingLive',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'planned'), ('done', 'done'), ('failed', 'failed'), ('taken_back', 'taken back')], default='waiting', max_length=10)),
                ('goes_back', models.BooleanField(default=False)),
                ('by_command', models.CharField(blank=True, default='', max_length=40)),
                ('reason', models.TextField(blank=True, default='', max_length=4000, verbose_name='reason')),
                ('loud', models.BooleanField(default=False)),
                ('confirmed', models.PositiveIntegerField(blank=True, null=True)),
                ('due_at', models.DateTimeField(verbose_name='goes live at')),
                ('username', models.CharField(blank=True, default='', max_length=150)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.TextField(blank=True, default='')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('held', models.PositiveIntegerField(blank=True, null=True)),
                ('handed_over', models.PositiveIntegerField(blank=True, null=True)),
                ('former', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.version')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='goings_live', to='scoring.scoringmodel')),
                ('recompute', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scoring.recompute')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='goings_live', to='scoring.version')),
            ],
            options={
                'verbose_name': 'going live',
                'verbose_name_plural': 'goings live',
                'ordering': ['-pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('model',), name='one_planned_going_live')],
            },
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('version',), name='one_standing_proposal'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(condition=models.Q(('void_at', None)), fields=('version', 'side'), name='one_signature_a_side'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(condition=models.Q(('void_at', None)), fields=('version', 'user'), name='nobody_signs_for_both'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['marketing', 'sales'])), name='signature_side'),
        ),
        migrations.RunPython(keep, let_go),
    ]
