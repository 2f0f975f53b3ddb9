"""The admin pages of every sub-package, gathered for Django; nothing is defined here."""

from scoring.agreement import admin as agreement
from scoring.agreement.segments import pages as segments
from scoring.api import admin as api
from scoring.automations import admin as automations
from scoring.automations.outbox import admin as outbox
from scoring.automations.sequences import admin as sequences
from scoring.criteria import admin as criteria
from scoring.engine import admin as engine
from scoring.operations import admin as operations
from scoring.operations import home as operations_home
from scoring.operations.erasing import page as erasing
from scoring.pipeline.assigning import admin as assigning
from scoring.pipeline.board import admin as board
from scoring.pipeline.calls import admin as calls
from scoring.pipeline.dormant import home as dormant
from scoring.pipeline.feedback import admin as feedback
from scoring.pipeline.leads import admin as pipeline_leads
from scoring.pipeline.merging import admin as merging
from scoring.pipeline.personal import page as personal
from scoring.pipeline.personal import telling
from scoring.reports import admin as reports

__all__ = [
    "agreement",
    "api",
    "assigning",
    "automations",
    "calls",
    "board",
    "criteria",
    "dormant",
    "engine",
    "erasing",
    "merging",
    "operations",
    "operations_home",
    "outbox",
    "feedback",
    "personal",
    "pipeline_leads",
    "reports",
    "segments",
    "sequences",
    "telling",
]
