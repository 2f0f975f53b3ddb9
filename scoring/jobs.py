"""The chores of every sub-package, gathered for the worker; nothing is defined here."""

from scoring.agreement import impact_work
from scoring.agreement import jobs as agreement_jobs
from scoring.agreement.suggestions import jobs as suggestions_jobs
from scoring.api import jobs as api_jobs
from scoring.automations import jobs as automations_jobs
from scoring.automations.outbox import jobs as outbox_jobs
from scoring.automations.sequences import jobs as sequences_jobs
from scoring.engine import jobs as engine_jobs
from scoring.first_run import jobs as first_run_jobs
from scoring.pipeline.calls import tally
from scoring.pipeline.feedback import jobs as feedback_jobs
from scoring.pipeline.personal import jobs as personal_jobs
from scoring.reports import jobs as reports_jobs
from scoring.reports.ahead import jobs as ahead_jobs
from scoring.reports.mailing import jobs as report_mail_jobs
from scoring.reports.pilots import jobs as pilot_jobs
from scoring.reports.review import jobs as review_jobs

__all__ = [
    "agreement_jobs",
    "ahead_jobs",
    "api_jobs",
    "automations_jobs",
    "engine_jobs",
    "feedback_jobs",
    "first_run_jobs",
    "impact_work",
    "outbox_jobs",
    "personal_jobs",
    "report_mail_jobs",
    "pilot_jobs",
    "reports_jobs",
    "review_jobs",
    "sequences_jobs",
    "suggestions_jobs",
    "tally",
]
