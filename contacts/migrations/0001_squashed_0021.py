"""The tables and rows of this app, at once: the migrations 0001 to 0021 made them step by step."""

import hashlib

import contacts.models.preferences
import contacts.models.teams
import contacts.models.twins
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from contacts.migrating import CreateModels
from contacts.models.one_address import statements, statements_away
from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may
from contacts.weekly_hours import USUAL_WEEK

SLUGS = """
    page_view visit email_open email_click email_reply form_submit download webinar_signup
    webinar_attend event_attend purchase unsubscribe call meeting_booked social_follow
    social_like social_share social_comment newsletter_signup newsletter_open newsletter_click
    lead_accepted lead_rejected meeting email_sent
""".split()
# Name, outcome, and the share of deals won from there, in per cent.
STAGES = [
    ("Hot Leads", "open", 10),
    ("Contacted", "open", 20),
    ("Meeting", "open", 40),
    ("Proposal", "open", 60),
    ("Won", "won", 100),
    ("Lost", "lost", 0),
]
GRANTED = {
    MARKETING: (
        may(
            "assignment calendar deal fieldchange holiday importrun member merge pending pipeline "
            "stage target task team",
            "view",
        )
        | may("importjob", "view add")
        | may("activity activitytype campaign campaigntouch company contact customfield product tag", "view add change")
        | may("campaignarm importmapping note", "view add change delete")
        | {
            "view_all_contacts",
        }
    ),
    SALES: (
        may(
            "activitytype assignment campaign campaignarm campaigntouch company customfield "
            "fieldchange merge pipeline product stage tag target",
            "view",
        )
        | may("activity", "view add")
        | may("contact deal task", "view add change")
        | may("absence note", "view add change delete")
        | {
            "claim_lead",
        }
    ),
    SALES_MANAGER: (
        may(
            "activitytype assignment campaign campaignarm campaigntouch company customfield "
            "fieldchange importrun merge product tag target",
            "view",
        )
        | may("activity importjob", "view add")
        | may("contact", "view add change")
        | may("absence calendar deal holiday importmapping member note pipeline stage task team", "view add change delete")
        | {
            "claim_lead", "delete_notes_of_others", "hand_over_leads", "view_all_contacts",
        }
    ),
    ADMINISTRATOR: (
        may("assignment merge", "view")
        | may(
            "absence activity activitytype calendar campaign campaignarm campaigntouch company "
            "contact customfield deal fieldchange holiday importjob importmapping importrun "
            "member note pending pipeline product stage tag target task team workerprocess",
            "view add change delete",
        )
        | {
            "claim_lead", "delete_notes_of_others", "hand_over_leads", "operate_jobs",
            "view_all_contacts",
        }
    ),
}


def add(apps, schema_editor):
    """What every installation begins with."""

    def rows(model):
        found = apps.get_model("contacts", model).objects
        return found.using(schema_editor.connection.alias)

    types = rows("ActivityType")
    types.bulk_create(types.model(slug=slug) for slug in SLUGS)
    rows("Target").create(text="", key=hashlib.sha256(b"").hexdigest())
    pipeline = rows("Pipeline").create(name="Sales")
    stages = rows("Stage")
    stages.bulk_create(
        stages.model(
            pipeline=pipeline, name=name, outcome=outcome, probability=probability, position=place
        )
        for place, (name, outcome, probability) in enumerate(STAGES)
    )
    calendar = rows("Calendar").create(
        name="Office hours", time_zone=settings.TIME_ZONE, hours=USUAL_WEEK, is_default=True
    )
    rows("Team").create(name="Sales", calendar=calendar)


def guard(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in statements_away(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow(apps, schema_editor):
    using = schema_editor.connection.alias
    grant(apps, using, "contacts", GRANTED)
    grant(apps, using, "auth", {ADMINISTRATOR: may("user group", "view add change delete")})


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("contacts", "0001_initial"),
        ("contacts", "0002_first_rows"),
        ("contacts", "0003_roles"),
        ("contacts", "0004_imports"),
        ("contacts", "0005_import_roles"),
        ("contacts", "0006_skipped_rows"),
        ("contacts", "0007_teams_and_tasks"),
        ("contacts", "0008_team_rows"),
        ("contacts", "0009_given_at"),
        ("contacts", "0010_workers"),
        ("contacts", "0011_administrators"),
        ("contacts", "0012_assignments"),
        ("contacts", "0013_task_results"),
        ("contacts", "0014_notes"),
        ("contacts", "0015_feedback_types"),
        ("contacts", "0016_assignment_ways"),
        ("contacts", "0017_merges"),
        ("contacts", "0018_one_address"),
        ("contacts", "0019_talked_types"),
        ("contacts", "0020_campaign_plans"),
        ("contacts", "0021_campaign_imports"),
    ]

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Company',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(blank=True, default='', max_length=255, verbose_name='name')),
                    ('name_norm', contacts.models.twins.NormalisedText('name', default='')),
                    ('domain', models.CharField(blank=True, default='', max_length=255, verbose_name='domain')),
                    ('domain_norm', contacts.models.twins.NormalisedText('domain', default='')),
                    ('industry', models.CharField(blank=True, default='', max_length=255, verbose_name='industry')),
                    ('industry_norm', contacts.models.twins.NormalisedText('industry', default='')),
                    ('country', models.CharField(blank=True, default='', help_text='Two letters, as in ES.', max_length=2, verbose_name='country')),
                    ('country_norm', contacts.models.twins.NormalisedText('country', default='')),
                    ('employees', models.FloatField(blank=True, null=True, verbose_name='employees')),
                    ('annual_revenue', models.FloatField(blank=True, null=True, verbose_name='annual revenue')),
                    ('key', models.CharField(editable=False, max_length=64, unique=True)),
                    ('stored_at', models.DateTimeField(auto_now_add=True, verbose_name='stored since')),
                ],
                options={
                    'verbose_name': 'company',
                    'verbose_name_plural': 'companies',
                    'ordering': ['name_norm', 'pk'],
                    'base_manager_name': 'objects',
                },
            ),
            migrations.CreateModel(
                name='ImportMapping',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                    ('kind', models.CharField(choices=[('contacts', 'Contacts'), ('companies', 'Companies'), ('activities', 'Activities'), ('deals', 'Deals'), ('campaigns', 'Campaigns')], max_length=10, verbose_name='kind')),
                    ('document', models.JSONField(default=dict, verbose_name='mapping')),
                    ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ],
                options={
                    'verbose_name': 'import mapping',
                    'verbose_name_plural': 'import mappings',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Pipeline',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                ],
                options={
                    'verbose_name': 'pipeline',
                    'verbose_name_plural': 'pipelines',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Product',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                    ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='price')),
                ],
                options={
                    'verbose_name': 'product',
                    'verbose_name_plural': 'products',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Tag',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100, verbose_name='name')),
                    ('name_norm', contacts.models.twins.NormalisedText('name', default='', unique=True)),
                ],
                options={
                    'verbose_name': 'tag',
                    'verbose_name_plural': 'tags',
                    'ordering': ['name_norm'],
                },
            ),
            migrations.CreateModel(
                name='Target',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(blank=True, verbose_name='text')),
                    ('norm', contacts.models.twins.NormalisedText('text', default='')),
                    ('key', models.CharField(editable=False, max_length=64, unique=True)),
                ],
                options={
                    'verbose_name': 'target',
                    'verbose_name_plural': 'targets',
                    'ordering': ['norm'],
                },
            ),
            migrations.CreateModel(
                name='ActivityType',
                fields=[
                    ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                    ('slug', models.CharField(max_length=64, unique=True, verbose_name='slug')),
                    ('label', models.CharField(blank=True, default='', max_length=200, verbose_name='label')),
                ],
                options={
                    'verbose_name': 'activity type',
                    'verbose_name_plural': 'activity types',
                    'ordering': ['slug'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z][a-z0-9_]{0,63}$')), name='activity_type_slug')],
                },
            ),
            migrations.CreateModel(
                name='Calendar',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                    ('time_zone', models.CharField(default=contacts.models.teams.own_zone, max_length=64, validators=[contacts.models.teams.check_zone], verbose_name='time zone')),
                    ('hours', models.JSONField(default=contacts.models.teams.usual_week, validators=[contacts.models.teams.check_week], verbose_name='hours')),
                    ('is_default', models.BooleanField(default=False, help_text='Counts wherever no other calendar is named. One calendar is the default.', verbose_name='default')),
                ],
                options={
                    'verbose_name': 'calendar',
                    'verbose_name_plural': 'calendars',
                    'ordering': ['name'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='calendar_default_once')],
                },
            ),
            migrations.CreateModel(
                name='CalendarAddress',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('made_at', models.DateTimeField(verbose_name='made')),
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_address', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ],
                options={
                    'verbose_name': 'calendar address',
                    'verbose_name_plural': 'calendar addresses',
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='Campaign',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
                    ('channel', models.CharField(choices=[('online', 'On-line'), ('offline', 'Off-line')], default='online', max_length=10, verbose_name='channel')),
                    ('starts_on', models.DateField(blank=True, null=True, verbose_name='starts')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends')),
                    ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='budget')),
                    ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='cost')),
                    ('planned_leads', models.PositiveIntegerField(blank=True, null=True, verbose_name='planned leads')),
                    ('planned_customers', models.PositiveIntegerField(blank=True, null=True, verbose_name='planned customers')),
                    ('planned_revenue', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='planned revenue')),
                ],
                options={
                    'verbose_name': 'campaign',
                    'verbose_name_plural': 'campaigns',
                    'ordering': ['name'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('starts_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='campaign_ends_after_start', violation_error_message='The end must not be before the start.')],
                },
            ),
            migrations.CreateModel(
                name='Contact',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.CharField(max_length=254, verbose_name='e-mail')),
                    ('email_key', contacts.models.twins.EmailKey('email', unique=True)),
                    ('email_norm', contacts.models.twins.NormalisedText('email', default='')),
                    ('first_name', models.CharField(blank=True, default='', max_length=255, verbose_name='first name')),
                    ('first_name_norm', contacts.models.twins.NormalisedText('first_name', default='')),
                    ('last_name', models.CharField(blank=True, default='', max_length=255, verbose_name='last name')),
                    ('last_name_norm', contacts.models.twins.NormalisedText('last_name', default='')),
                    ('phone', models.CharField(blank=True, default='', max_length=255, verbose_name='phone')),
                    ('phone_norm', contacts.models.twins.NormalisedText('phone', default='')),
                    ('phone_key', contacts.models.twins.PhoneKey('phone', default='')),
                    ('job_title', models.CharField(blank=True, default='', max_length=255, verbose_name='job title')),
                    ('job_title_norm', contacts.models.twins.NormalisedText('job_title', default='')),
                    ('language', models.CharField(blank=True, default='', max_length=255, verbose_name='language')),
                    ('language_norm', contacts.models.twins.NormalisedText('language', default='')),
                    ('city', models.CharField(blank=True, default='', max_length=255, verbose_name='city')),
                    ('city_norm', contacts.models.twins.NormalisedText('city', default='')),
                    ('region', models.CharField(blank=True, default='', max_length=255, verbose_name='region')),
                    ('region_norm', contacts.models.twins.NormalisedText('region', default='')),
                    ('country', models.CharField(blank=True, default='', help_text='Two letters, as in ES.', max_length=2, verbose_name='country')),
                    ('country_norm', contacts.models.twins.NormalisedText('country', default='')),
                    ('source', models.CharField(blank=True, default='', max_length=255, verbose_name='source')),
                    ('source_norm', contacts.models.twins.NormalisedText('source', default='')),
                    ('campaign', models.CharField(blank=True, default='', max_length=255, verbose_name='campaign')),
                    ('campaign_norm', contacts.models.twins.NormalisedText('campaign', default='')),
                    ('owner', models.CharField(blank=True, default='', help_text='User name of the salesperson; empty: in the pool.', max_length=255, verbose_name='owner')),
                    ('owner_norm', contacts.models.twins.NormalisedText('owner', default='')),
                    ('lifecycle', models.CharField(blank=True, choices=[('subscriber', 'Subscriber'), ('lead', 'Lead'), ('mql', 'Marketing qualified (MQL)'), ('sql', 'Sales qualified (SQL)'), ('opportunity', 'Opportunity'), ('customer', 'Customer'), ('lost', 'Lost')], default='', max_length=20, verbose_name='lifecycle')),
                    ('lifecycle_norm', contacts.models.twins.NormalisedText('lifecycle', default='')),
                    ('unsubscribed', models.BooleanField(default=False, verbose_name='unsubscribed')),
                    ('bounced', models.BooleanField(default=False, verbose_name='bounced')),
                    ('created_at', models.DateTimeField(blank=True, null=True, verbose_name='created')),
                    ('attributes', models.JSONField(blank=True, default=dict, verbose_name='custom fields')),
                    ('attributes_norm', contacts.models.twins.TaggedValues('attributes', dates=True, null=True)),
                    ('stored_at', models.DateTimeField(auto_now_add=True, verbose_name='stored since')),
                    ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contacts', to='contacts.company', verbose_name='company')),
                    ('tags', models.ManyToManyField(blank=True, related_name='contacts', to='contacts.tag', verbose_name='tags')),
                ],
                options={
                    'verbose_name': 'contact',
                    'verbose_name_plural': 'contacts',
                    'ordering': ['-pk'],
                    'permissions': [('view_all_contacts', 'Can view the contacts of every owner')],
                    'base_manager_name': 'objects',
                    'indexes': [models.Index(fields=['created_at'], name='contact_created'), models.Index(fields=['owner_norm'], name='contact_owner'), models.Index(condition=models.Q(('phone_key', ''), _negated=True), fields=['phone_key'], name='contact_phone'), models.Index(condition=models.Q(('last_name_norm', ''), _negated=True), fields=['last_name_norm', 'first_name_norm'], name='contact_name')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('email_key', ''), _negated=True), name='contact_has_email'), models.CheckConstraint(condition=models.Q(('lifecycle__in', ['', 'subscriber', 'lead', 'mql', 'sql', 'opportunity', 'customer', 'lost'])), name='contact_lifecycle')],
                },
            ),
            migrations.CreateModel(
                name='CustomField',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.SlugField(help_text='Lower-case letters, digits and _, beginning with a letter.', max_length=64, unique=True, verbose_name='key')),
                    ('label', models.CharField(max_length=200, verbose_name='label')),
                    ('type', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('boolean', 'Yes or no'), ('date', 'Date'), ('choice', 'Choice')], max_length=10, verbose_name='type')),
                    ('choices', models.JSONField(blank=True, default=list, verbose_name='choices')),
                ],
                options={
                    'verbose_name': 'custom field',
                    'verbose_name_plural': 'custom fields',
                    'ordering': ['label'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]{0,63}$')), name='custom_field_key')],
                },
            ),
            migrations.CreateModel(
                name='EmailAlias',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address', models.CharField(max_length=254, verbose_name='former address')),
                    ('key', contacts.models.twins.EmailKey('address', unique=True)),
                    ('since', models.DateTimeField(auto_now_add=True, verbose_name='since')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='contacts.contact', verbose_name='contact')),
                ],
                options={
                    'verbose_name': 'former address',
                    'verbose_name_plural': 'former addresses',
                    'ordering': ['key'],
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='ImportJob',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('contacts', 'Contacts'), ('companies', 'Companies'), ('activities', 'Activities'), ('deals', 'Deals'), ('campaigns', 'Campaigns')], max_length=10, verbose_name='kind')),
                    ('name', models.CharField(max_length=255, verbose_name='file')),
                    ('path', models.CharField(blank=True, default='', max_length=255)),
                    ('document', models.JSONField(blank=True, default=dict, verbose_name='mapping')),
                    ('skip_bad', models.BooleanField(default=False, verbose_name='leave out bad rows')),
                    ('state', models.CharField(choices=[('uploaded', 'To be mapped'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('refused', 'Refused'), ('failed', 'Failed')], default='uploaded', max_length=10, verbose_name='state')),
                    ('phase', models.CharField(blank=True, default='', max_length=10)),
                    ('done_bytes', models.PositiveBigIntegerField(default=0)),
                    ('total_bytes', models.PositiveBigIntegerField(default=0)),
                    ('outcome', models.JSONField(blank=True, default=dict)),
                    ('report', models.CharField(blank=True, default='', max_length=255)),
                    ('language', models.CharField(blank=True, default='', max_length=10)),
                    ('alive_until', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                    ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
                ],
                options={
                    'verbose_name': 'import of a file',
                    'verbose_name_plural': 'imports of files',
                    'ordering': ['-pk'],
                },
            ),
            migrations.CreateModel(
                name='ImportRun',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('contacts', 'Contacts'), ('companies', 'Companies'), ('activities', 'Activities'), ('deals', 'Deals'), ('campaigns', 'Campaigns')], max_length=10, verbose_name='kind')),
                    ('name', models.CharField(max_length=255, verbose_name='file')),
                    ('file_digest', models.CharField(max_length=64)),
                    ('mapping_digest', models.CharField(max_length=64)),
                    ('origin', models.CharField(blank=True, default='', max_length=200, verbose_name='origin')),
                    ('rows_done', models.PositiveIntegerField(default=0, verbose_name='rows done')),
                    ('created', models.PositiveIntegerField(default=0, verbose_name='created')),
                    ('updated', models.PositiveIntegerField(default=0, verbose_name='updated')),
                    ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                    ('skipped', models.PositiveIntegerField(default=0, verbose_name='skipped')),
                    ('started_at', models.DateTimeField(auto_now_add=True, verbose_name='started')),
                    ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ],
                options={
                    'verbose_name': 'import',
                    'verbose_name_plural': 'imports',
                    'ordering': ['-pk'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('kind', 'file_digest', 'mapping_digest'), name='import_run_open_once')],
                },
            ),
            migrations.CreateModel(
                name='Pending',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('cause', models.CharField(choices=[('profile', 'a field changed'), ('activity', 'an activity arrived'), ('time', 'time passed')], max_length=10, verbose_name='cause')),
                    ('since', models.DateTimeField(auto_now_add=True, verbose_name='since')),
                    ('quiet', models.BooleanField(default=False)),
                    ('depth', models.PositiveSmallIntegerField(default=0)),
                    ('contact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contacts.contact')),
                ],
                options={
                    'verbose_name': 'pending score',
                    'verbose_name_plural': 'pending scores',
                    'ordering': ['pk'],
                },
            ),
            migrations.CreateModel(
                name='Preferences',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Spanish')], default='', max_length=10, verbose_name='language')),
                    ('digest', models.BooleanField(default=True, verbose_name='e-mail in the morning')),
                    ('digest_at', models.TimeField(blank=True, null=True, verbose_name='at')),
                    ('digest_days', models.JSONField(blank=True, null=True, validators=[contacts.models.preferences.check_days], verbose_name='on these days')),
                    ('digested_on', models.DateField(editable=False, null=True)),
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='preferences', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ],
                options={
                    'verbose_name': 'settings of a person',
                    'verbose_name_plural': 'settings of people',
                    'default_permissions': (),
                },
            ),
            migrations.CreateModel(
                name='Stage',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                    ('outcome', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost')], default='open', max_length=4, verbose_name='outcome')),
                    ('probability', models.PositiveSmallIntegerField(default=0, help_text='Per cent of the deals here that are won.', verbose_name='probability')),
                    ('pipeline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stages', to='contacts.pipeline', verbose_name='pipeline')),
                ],
                options={
                    'verbose_name': 'stage',
                    'verbose_name_plural': 'stages',
                    'ordering': ['pipeline', 'position', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('pipeline', 'name'), name='stage_name_in_pipeline'), models.CheckConstraint(condition=models.Q(('probability__lte', 100)), name='stage_probability', violation_error_message='A probability is from 0 to 100.')],
                },
            ),
            migrations.CreateModel(
                name='Deal',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=255, verbose_name='name')),
                    ('owner', models.CharField(blank=True, default='', max_length=255, verbose_name='owner')),
                    ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='amount')),
                    ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='opened')),
                    ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                    ('reason', models.CharField(blank=True, default='', help_text='Why the customer bought, or did not.', max_length=255, verbose_name="customer's reason")),
                    ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='source')),
                    ('external_id', models.CharField(blank=True, max_length=200, null=True, verbose_name='external id')),
                    ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deals', to='contacts.campaign', verbose_name='campaign')),
                    ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deals', to='contacts.company', verbose_name='company')),
                    ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deals', to='contacts.contact', verbose_name='contact')),
                    ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deals', to='contacts.product', verbose_name='product')),
                    ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='contacts.stage', verbose_name='stage')),
                ],
                options={
                    'verbose_name': 'deal',
                    'verbose_name_plural': 'deals',
                    'ordering': ['-opened_at', '-pk'],
                    'indexes': [models.Index(fields=['closed_at'], name='deal_closed')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('source', 'external_id'), name='deal_once')],
                },
            ),
            migrations.CreateModel(
                name='Activity',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('automated', models.BooleanField(default=False, help_text='A bot or a mail scanner did it; never counts.', verbose_name='automated')),
                    ('occurred_at', models.DateTimeField(verbose_name='occurred')),
                    ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='received')),
                    ('given_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='sent as')),
                    ('source', models.CharField(blank=True, default='', max_length=200, verbose_name='source')),
                    ('external_id', models.CharField(blank=True, max_length=200, null=True, verbose_name='external id')),
                    ('properties', models.JSONField(blank=True, null=True, verbose_name='properties')),
                    ('properties_norm', contacts.models.twins.TaggedValues('properties', null=True)),
                    ('type', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='contacts.activitytype', verbose_name='type')),
                    ('contact', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='activities', to='contacts.contact', verbose_name='contact')),
                    ('target', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='contacts.target', verbose_name='target')),
                ],
                options={
                    'verbose_name': 'activity',
                    'verbose_name_plural': 'activities',
                    'ordering': ['-occurred_at', '-pk'],
                    'indexes': [models.Index(condition=models.Q(('automated', False)), fields=['type', 'contact', 'occurred_at', 'target'], name='activity_scored'), models.Index(fields=['contact', '-occurred_at'], name='activity_timeline'), models.Index(condition=models.Q(('automated', False)), fields=['type', 'occurred_at'], name='activity_by_time')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('source', 'external_id'), name='activity_once')],
                },
            ),
            migrations.CreateModel(
                name='Team',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                    ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teams', to='contacts.calendar', verbose_name='calendar')),
                ],
                options={
                    'verbose_name': 'team',
                    'verbose_name_plural': 'teams',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Task',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('text', models.TextField(blank=True, default='', verbose_name='text')),
                    ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                    ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High')], default='normal', max_length=6, verbose_name='priority')),
                    ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', editable=False, max_length=9, verbose_name='state')),
                    ('result', models.CharField(blank=True, choices=[('done', 'Done'), ('reached', 'Reached'), ('voicemail', 'Voicemail'), ('meeting_booked', 'Meeting booked'), ('not_needed', 'Not needed')], default='', editable=False, max_length=14, verbose_name='result')),
                    ('result_text', models.CharField(blank=True, default='', editable=False, max_length=1000, verbose_name='what came of it')),
                    ('snoozed_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='put off until')),
                    ('snoozes', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='times put off')),
                    ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                    ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                    ('done_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed')),
                    ('origin', models.CharField(editable=False, max_length=200, null=True, unique=True)),
                    ('assignee', models.ForeignKey(blank=True, help_text='Empty: whoever takes it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to=settings.AUTH_USER_MODEL, verbose_name='for')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='contacts.contact', verbose_name='contact')),
                    ('done_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                    ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='contacts.team', verbose_name='team')),
                ],
                options={
                    'verbose_name': 'task',
                    'verbose_name_plural': 'tasks',
                    'ordering': ['-pk'],
                    'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['assignee', 'due_at'], name='task_open')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('state', 'open'), ('done_at__isnull', False), _connector='XOR'), name='task_closed_at')],
                },
            ),
            migrations.CreateModel(
                name='Member',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                    ('active', models.BooleanField(default=True, verbose_name='takes turns')),
                    ('daily_limit', models.PositiveSmallIntegerField(blank=True, help_text='At most, from the pool and by the rules; empty: any number.', null=True, verbose_name='new leads a day')),
                    ('last_assigned_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last turn')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                    ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='contacts.team', verbose_name='team')),
                ],
                options={
                    'verbose_name': 'member',
                    'verbose_name_plural': 'members',
                    'ordering': ['position', 'pk'],
                    'constraints': [models.UniqueConstraint(fields=('team', 'user'), name='member_once', violation_error_message='This person is in the team already.')],
                },
            ),
            migrations.CreateModel(
                name='WorkerProcess',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('loop', 'Looks for work'), ('hints', 'Listens for hints'), ('job', 'Works on a hint')], max_length=10, verbose_name='kind')),
                    ('host', models.CharField(max_length=100, verbose_name='machine')),
                    ('pid', models.PositiveIntegerField(verbose_name='process')),
                    ('jobs_only', models.BooleanField(default=False, verbose_name='joined in')),
                    ('started_at', models.DateTimeField(verbose_name='started')),
                    ('beat_at', models.DateTimeField(verbose_name='last heard of')),
                    ('died_at', models.DateTimeField(null=True, verbose_name='died')),
                ],
                options={
                    'verbose_name': 'worker process',
                    'verbose_name_plural': 'worker processes',
                    'ordering': ['host', 'started_at', 'pk'],
                    'permissions': [('operate_jobs', 'Can see and operate the jobs page')],
                    'indexes': [models.Index(fields=['beat_at'], name='worker_beat')],
                },
            ),
            migrations.CreateModel(
                name='Absence',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_day', models.DateField(verbose_name='first day')),
                    ('last_day', models.DateField(verbose_name='last day')),
                    ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='note')),
                    ('stand_in', models.ForeignKey(blank=True, help_text='Who gets new leads meanwhile that are for this person by name.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='stand-in')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ],
                options={
                    'verbose_name': 'absence',
                    'verbose_name_plural': 'absences',
                    'ordering': ['-first_day', '-pk'],
                    'indexes': [models.Index(fields=['user', 'last_day'], name='absence_of_user')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='absence_ends_after_start', violation_error_message='The last day must not be before the first.')],
                },
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
            migrations.CreateModel(
                name='CampaignTouch',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('occurred_at', models.DateTimeField(verbose_name='occurred')),
                    ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='touches', to='contacts.campaign', verbose_name='campaign')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='touches', to='contacts.contact', verbose_name='contact')),
                ],
                options={
                    'verbose_name': 'campaign touch',
                    'verbose_name_plural': 'campaign touches',
                    'ordering': ['-occurred_at', '-pk'],
                    'constraints': [models.UniqueConstraint(fields=('campaign', 'contact', 'occurred_at'), name='campaign_touch_once')],
                },
            ),
            migrations.CreateModel(
                name='Assignment',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('owner', models.CharField(blank=True, default='', max_length=255, verbose_name='owner')),
                    ('owner_norm', contacts.models.twins.NormalisedText('owner', default='')),
                    ('before', models.CharField(blank=True, default='', max_length=255, verbose_name='before')),
                    ('how', models.CharField(choices=[('claim', 'taken from the pool'), ('return', 'given back to the pool'), ('rule', 'by an assignment rule'), ('handed', 'handed over in bulk'), ('undone', 'a hand-over was taken back'), ('auto', 'given by an automation'), ('other', 'set by hand or by an import')], default='other', max_length=8, verbose_name='how')),
                    ('detail', models.CharField(blank=True, default='', max_length=300, verbose_name='rule or reason')),
                    ('instead_of', models.CharField(blank=True, default='', max_length=255, verbose_name='standing in for')),
                    ('origin', models.CharField(blank=True, default='', max_length=200, verbose_name='origin')),
                    ('batch', models.UUIDField(blank=True, db_index=True, null=True)),
                    ('tasks', models.JSONField(blank=True, default=list)),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='contacts.contact', verbose_name='contact')),
                ],
                options={
                    'verbose_name': 'assignment',
                    'verbose_name_plural': 'assignments',
                    'ordering': ['-at', '-pk'],
                    'permissions': [('claim_lead', 'Can take leads from the pool and give them back'), ('hand_over_leads', 'Can hand over the leads of others')],
                    'default_permissions': ('view',),
                    'indexes': [models.Index(fields=['contact', '-at'], name='assignment_contact'), models.Index(fields=['owner_norm', 'at'], name='assignment_owner')],
                },
            ),
            migrations.CreateModel(
                name='FieldChange',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('field', models.CharField(max_length=80, verbose_name='field')),
                    ('before', models.JSONField(null=True, verbose_name='before')),
                    ('after', models.JSONField(null=True, verbose_name='after')),
                    ('changed_at', models.DateTimeField(verbose_name='changed')),
                    ('origin', models.CharField(blank=True, default='', max_length=200, verbose_name='origin')),
                    ('company', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='contacts.company', verbose_name='company')),
                    ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='contacts.contact', verbose_name='contact')),
                ],
                options={
                    'verbose_name': 'field change',
                    'verbose_name_plural': 'field changes',
                    'ordering': ['-changed_at', '-pk'],
                    'indexes': [models.Index(fields=['contact', 'changed_at'], name='field_change_contact'), models.Index(fields=['company', 'changed_at'], name='field_change_company')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('contact__isnull', False), ('company__isnull', False), _connector='XOR'), name='field_change_of_one')],
                },
            ),
            migrations.CreateModel(
                name='Holiday',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('name', models.CharField(blank=True, default='', max_length=100, verbose_name='name')),
                    ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='contacts.calendar', verbose_name='calendar')),
                ],
                options={
                    'verbose_name': 'holiday',
                    'verbose_name_plural': 'holidays',
                    'ordering': ['day'],
                    'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='holiday_once', violation_error_message='This day is a holiday already.')],
                },
            ),
            migrations.CreateModel(
                name='Merge',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('into_id', models.IntegerField(editable=False)),
                    ('merged_id', models.IntegerField(editable=False)),
                    ('name', models.CharField(max_length=600, verbose_name='merged contact')),
                    ('address', models.CharField(max_length=254, verbose_name='its address')),
                    ('owner_norm', models.TextField(default='', editable=False)),
                    ('merged', models.JSONField(editable=False)),
                    ('rows', models.JSONField(editable=False)),
                    ('before', models.JSONField(editable=False)),
                    ('at', models.DateTimeField(verbose_name='when')),
                    ('username', models.CharField(max_length=150, verbose_name='by')),
                    ('undone_at', models.DateTimeField(null=True, verbose_name='undone')),
                    ('undone_by', models.CharField(blank=True, default='', max_length=150, verbose_name='undone by')),
                    ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='contacts.contact', verbose_name='contact')),
                ],
                options={
                    'verbose_name': 'merge of contacts',
                    'verbose_name_plural': 'merges of contacts',
                    'ordering': ['-at', '-pk'],
                    'default_permissions': ('view',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('merged_id',), name='merged_once')],
                },
            ),
            migrations.CreateModel(
                name='NotDuplicate',
                fields=[
                    ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('username', models.CharField(blank=True, default='', max_length=150, verbose_name='by')),
                    ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                    ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contacts.contact')),
                    ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contacts.contact')),
                ],
                options={
                    'verbose_name': 'pair of two people',
                    'verbose_name_plural': 'pairs of two people',
                    'default_permissions': (),
                    'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='not_duplicate_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='not_duplicate_in_order')],
                },
            ),
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
            migrations.CreateModel(
                name='SkippedRow',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('row', models.PositiveIntegerField(verbose_name='row')),
                    ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contacts.importrun')),
                ],
                options={
                    'verbose_name': 'row left out of an import',
                    'verbose_name_plural': 'rows left out of imports',
                    'ordering': ['run', 'row'],
                    'default_permissions': (),
                    'constraints': [models.UniqueConstraint(fields=('run', 'row'), name='skipped_row_once')],
                },
            ),
        ]),
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
