"""For a WSGI server, such as gunicorn: `gunicorn leadscoring.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
# Who starts a real server means production unless they say otherwise.
os.environ.setdefault("ENVIRONMENT", "production")

application = get_wsgi_application()
