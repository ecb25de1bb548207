"""Mail: an operation enqueues a message with what causes it, a worker renders and sends it, people see it in the bell.

Other areas call :mod:`webapp.mail.operations` and nothing else; what a kind of message says lies in ``builders``.
"""
