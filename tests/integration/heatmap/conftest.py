"""The small office of the acts: a block, signers and a choice."""

from tests.integration.acts.conftest import desk, drawn, world

__all__ = ["desk", "drawn", "world"]
