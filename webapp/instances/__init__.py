"""Instances 办件: a case of a process, its state, its timeline, what failed in it, and the page that shows it all."""
