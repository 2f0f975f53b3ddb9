"""Example scenarios that a model without any is offered, in the reader's language."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

Data = dict[str, Any]


def examples(bands: Sequence[str]) -> list[Data]:
    """Five prospects that every team has an opinion on; ``bands`` from the coldest up."""
    if not bands:
        return []
    cold, middle, hot = bands[0], bands[len(bands) // 2], bands[-1]
    return [
        {
            "name": gettext("A director who reads the prices and asks for a demo"),
            "contact": {
                "job_title": gettext("Marketing director"),
                "company": {"name": gettext("An ideal company"), "employees": 200},
            },
            "activities": [
                {"type": "page_view", "age": "3 days", "target": "/pricing"},
                {"type": "page_view", "age": "1 day", "target": "/pricing"},
                {"type": "form_submit", "age": "1 day", "target": gettext("Request a demo")},
            ],
            "expect": hot,
        },
        {
            "name": gettext("The right person, who only opens e-mails"),
            "contact": {
                "job_title": gettext("Managing director"),
                "company": {"name": gettext("An ideal company"), "employees": 120},
            },
            "activities": [
                {"type": "email_open", "age": "2 days"},
                {"type": "email_open", "age": "9 days"},
            ],
            "expect": middle,
        },
        {
            "name": gettext("Somebody unknown who opens every e-mail"),
            "activities": [
                {"type": "email_open", "age": "1 day"},
                {"type": "email_open", "age": "8 days"},
                {"type": "email_click", "age": "8 days"},
            ],
            "expect": cold,
        },
        {
            "name": gettext("A student who downloads everything"),
            "contact": {"job_title": gettext("Student")},
            "activities": [
                {"type": "download", "age": "2 days", "target": gettext("Guide")},
                {"type": "download", "age": "3 days", "target": gettext("Another guide")},
            ],
            "expect": cold,
        },
        {
            "name": gettext("A manager who was keen a year ago"),
            "contact": {
                "job_title": gettext("Sales manager"),
                "company": {"name": gettext("An ideal company"), "employees": 80},
            },
            "activities": [
                {"type": "form_submit", "age": "12 months", "target": gettext("Request a demo")},
                {"type": "page_view", "age": "12 months", "target": "/pricing"},
            ],
            "expect": cold,
        },
    ]
