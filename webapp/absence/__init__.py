"""Absence 代理 and 交接: who stands in for whom from–to, and what becomes of everything when somebody leaves."""
