"""The project's settings, with the app whose ``jobs`` changes what a crash run needs changed."""

from leadscoring.settings import *  # noqa: F403
from leadscoring.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos"]
