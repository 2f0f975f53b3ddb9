"""The groups of the four roles, with what each may do to the records of this app."""

from django.db import migrations

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER, grant, may

EVERYTHING = (
    "contact company tag customfield activity activitytype target fieldchange pending "
    "campaign campaigntouch product pipeline stage deal"
)
MARKETING_MAY = (
    may("contact company tag customfield activity activitytype", "view add change")
    | may("campaign campaigntouch product", "view add change")
    | may("target fieldchange pending deal pipeline stage", "view")
    | {"view_all_contacts"}
)
SALES_MAY = (
    may("contact deal", "view add change")
    | may("activity", "view add")
    | may("company tag customfield activitytype target fieldchange", "view")
    | may("campaign campaigntouch product pipeline stage", "view")
)
SALES_MANAGER_MAY = (
    SALES_MAY
    | may("deal pipeline stage", "view add change delete")
    | {"view_all_contacts"}
)


def add(apps, schema_editor):
    using = schema_editor.connection.alias
    everything = may(EVERYTHING, "view add change delete") | {"view_all_contacts"}
    grant(
        apps,
        using,
        "contacts",
        {
            MARKETING: MARKETING_MAY,
            SALES: SALES_MAY,
            SALES_MANAGER: SALES_MANAGER_MAY,
            ADMINISTRATOR: everything,
        },
    )
    grant(apps, using, "auth", {ADMINISTRATOR: may("user group", "view add change delete")})


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_first_rows"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
