"""For an ASGI server; the pages are synchronous, so WSGI is what we recommend."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
os.environ.setdefault("ENVIRONMENT", "production")

application = get_asgi_application()
