"""The small world of deadlines, with a step that people are reminded of."""

from tests.integration.deadlines.conftest import _rules, world

__all__ = ["_rules", "world"]
