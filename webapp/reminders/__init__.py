"""Reminders before a step is due, and escalation to the superior afterwards: planned, never stored one by one."""
