"""The outbox: what is to be sent lies in the database first, and leaves it at least once.

Import direction: channel <- messages <- receivers, personal <- channels <- delivery <- jobs, admin.
"""
