from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0019_agreement_roles")]
    operations = []
