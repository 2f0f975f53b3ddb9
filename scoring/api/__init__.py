"""The REST API: what other programs send (activities, contacts) and read (scores, reasons).

Import direction: models, problems <- body, keys, limits, clock <- items <- ingestion,
idempotency <- views, reading <- urls, admin.
"""
