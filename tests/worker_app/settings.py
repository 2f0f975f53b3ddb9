"""The project's settings with the test app."""

from leadscoring.settings import *  # noqa: F403
from leadscoring.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.worker_app"]
