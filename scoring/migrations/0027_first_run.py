from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0026_suggestions")]
    operations = []
