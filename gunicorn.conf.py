"""How `gunicorn leadscoring.wsgi` serves; see docs/settings.md. Its command line goes first."""

import os

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 4
# Gives a client twenty seconds to say what it wants; a worker that stands still is replaced.
worker_class = "leadscoring.web.PunctualWorker"
# Leaves the private addresses of calendars out of the access log.
logger_class = "leadscoring.web.DiscreetLogger"
timeout = 30
graceful_timeout = 30
keepalive = 5
# Without the query: nobody's key is to lie in a log.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(M)sms'
