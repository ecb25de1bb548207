"""Mail: an operation enqueues a message with what causes it, a worker renders and sends it, people see it in the bell.

Other areas call :mod:`webapp.mail.notifications`, or :func:`webapp.mail.operations.enqueue` itself, and nothing else.

To tell people about something new, add one module to ``builders``: a pure ``build(facts, about, now)`` that returns a
:class:`~webapp.mail.content.Content` (title, what to do, facts, actions with their paths), and ``KIND`` with a name, a
Chinese label, whether it is immediate, when it has become moot, and example facts for the preview. Then
``enqueue(session, "its name", Recipients(…), facts, instance_id=…)`` in the transaction of what happened. Mail, digest,
bell, webhooks, administration and preview follow from that; the shipped template fits every kind, and administrators
may write another for any. ``builders/nudge.py`` is a model.
"""
