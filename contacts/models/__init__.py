"""The CRM record: who people are, what they did, and what was sold to them.

Import direction inside the package: twins, on_merge <- history, aliases <- assignments,
noted <- people <- companies, activities <- sales, people <- teams <- tasks, and people <- merges,
notes. Preferences and custom fields stand by themselves.
"""

from contacts.models.activities import Activity, ActivityType, Target
from contacts.models.aliases import EmailAlias
from contacts.models.assignments import Assignment
from contacts.models.campaign_arms import CampaignArm
from contacts.models.companies import Company
from contacts.models.custom_fields import CustomField
from contacts.models.history import FieldChange, Pending
from contacts.models.imports import (
    ImportBusy,
    ImportJob,
    ImportKind,
    ImportMapping,
    ImportRun,
    SkippedRow,
)
from contacts.models.merges import Merge, NotDuplicate
from contacts.models.notes import Note
from contacts.models.people import Contact, ContactTag, Lifecycle, Tag
from contacts.models.preferences import CalendarAddress, Preferences
from contacts.models.sales import Campaign, CampaignTouch, Deal, Pipeline, Product, Stage
from contacts.models.tasks import Task
from contacts.models.teams import Absence, Calendar, Holiday, Member, Team
from contacts.models.workers import WorkerProcess

__all__ = [
    "Absence",
    "Activity",
    "ActivityType",
    "Assignment",
    "Calendar",
    "CalendarAddress",
    "Campaign",
    "CampaignArm",
    "CampaignTouch",
    "Company",
    "Contact",
    "ContactTag",
    "CustomField",
    "Deal",
    "EmailAlias",
    "FieldChange",
    "Holiday",
    "ImportBusy",
    "ImportJob",
    "ImportKind",
    "ImportMapping",
    "ImportRun",
    "Lifecycle",
    "Member",
    "Note",
    "Merge",
    "NotDuplicate",
    "Pending",
    "Pipeline",
    "Preferences",
    "Product",
    "SkippedRow",
    "Stage",
    "Tag",
    "Target",
    "Task",
    "Team",
    "WorkerProcess",
]
