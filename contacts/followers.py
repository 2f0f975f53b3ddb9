"""Who is told of what people do here: of tasks that are given, of contacts that were spoken to.

The records know nobody by name: what follows from them registers itself here, and whatever it
stores is stored in the same transaction or not at all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User

if TYPE_CHECKING:
    from contacts.models import Task

# The tasks, whose they are now, and who has given them.
TasksGiven = Callable[["Sequence[Task]", User, User], None]
# Ids of contacts whom somebody tried to reach, and when.
ContactsTried = Callable[[Sequence[int], datetime], None]
TASKS_GIVEN: Final[list[TasksGiven]] = []
CONTACTS_TRIED: Final[list[ContactsTried]] = []


def when_tasks_are_given(follow: TasksGiven) -> TasksGiven:
    TASKS_GIVEN.append(follow)
    return follow


def when_contacts_are_tried(follow: ContactsTried) -> ContactsTried:
    CONTACTS_TRIED.append(follow)
    return follow
