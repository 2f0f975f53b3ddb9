"""What every installation begins with: known activity types, the empty target, a pipeline."""

import hashlib

from django.db import migrations

SLUGS = """
    page_view visit email_open email_click email_reply form_submit download webinar_signup
    webinar_attend event_attend purchase unsubscribe call meeting_booked social_follow
    social_like social_share social_comment newsletter_signup newsletter_open newsletter_click
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


def add(apps, schema_editor):
    apps.get_model("contacts", "ActivityType").objects.bulk_create(
        apps.get_model("contacts", "ActivityType")(slug=slug) for slug in SLUGS
    )
    empty = hashlib.sha256(b"").hexdigest()
    apps.get_model("contacts", "Target").objects.create(text="", key=empty)
    pipeline = apps.get_model("contacts", "Pipeline").objects.create(name="Sales")
    stage = apps.get_model("contacts", "Stage")
    stage.objects.bulk_create(
        stage(
            pipeline=pipeline, name=name, outcome=outcome, probability=probability, position=place
        )
        for place, (name, outcome, probability) in enumerate(STAGES)
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
