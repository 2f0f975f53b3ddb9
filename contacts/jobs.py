"""The chores of this app, gathered for the worker; nothing is defined here."""

from contacts.imports import jobs as import_jobs

__all__ = ["import_jobs"]
