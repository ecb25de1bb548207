"""Versions of other databases have the same numbers: the cache of published versions starts empty."""

import pytest

from webapp.definitions import library


@pytest.fixture(autouse=True)
def _no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_published", {})
