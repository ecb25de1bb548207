"""Webhooks: the events of which people are told by mail also go, signed, to programs that the administrator names.

A delivery is written by the statement that puts the message into the outbox, and leaves by a job of its own. How a
receiver checks it stands in :mod:`webapp.webhooks.rules`; where it may go at all, in :mod:`webapp.webhooks.posting`.
"""
