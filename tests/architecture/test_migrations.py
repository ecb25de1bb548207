"""Migrations stand alone and say the same as the models."""

import ast
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from webapp.config import ROOT
from webapp.database import Model, db

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return plain | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_no_application_code(path: Path) -> None:
    ours = {name for name in _imported(path) if name.split(".")[0] in {"webapp", "workflows", "forms"}}

    assert not ours


def test_migrations_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in VERSIONS] == [f"{number:04}" for number in range(1, len(VERSIONS) + 1)]


def test_the_migrated_schema_is_the_one_of_the_models(app: Flask) -> None:
    def is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))

    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours, "compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, Model.metadata) == []
