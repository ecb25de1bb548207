"""Background work: the scheduler decides when, workers do, PostgreSQL holds both queue and ticks.

An area declares its jobs in ``jobs.py`` with :func:`~webapp.background.registry.task` and
:func:`~webapp.background.registry.periodic`; operations defer with :func:`~webapp.background.deferral.defer`.
"""
