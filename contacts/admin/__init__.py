"""The admin pages of the CRM record, one module for each module of the models.

Import direction: base <- sections, forms <- people, activities, sales, home;
teams <- task_forms <- task_asking <- task_doing <- tasks.
"""

from contacts.admin import activities, imports, people, sales, tasks, teams, users

__all__ = ["activities", "imports", "people", "sales", "tasks", "teams", "users"]
