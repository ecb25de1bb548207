"""Habits of the whole that no linter holds: sizes that can be read, one clock, commits at the boundaries alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

from webapp.config import ROOT

SOURCES = [path for folder in ("workflows", "forms", "webapp") for path in sorted((ROOT / folder).rglob("*.py"))]
LONGEST_FUNCTION, LONGEST_FILE = 60, 450
"""Smells that want a second look; most of what there is stays far below."""
MAY_COMMIT = {
    "webapp/requests.py": "the end of every request",
    "webapp/tasks/bulk.py": "each ticked row by itself",
    "webapp/tasks/posting.py": "uploads are kept whatever becomes of the answers",
    "webapp/tasks/views.py": "a draft is kept where the decision came too late",
    "webapp/trials/attempts.py": "never further than a savepoint of a transaction that is rolled back",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(path: Path) -> Iterator[str]:
    """The text of everything that a file calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_no_function_scrolls() -> None:
    long = [
        f"{name(path)}:{function.name}"
        for path in SOURCES
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_a_heap() -> None:
    assert [name(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE] == []


def test_every_module_says_its_rule() -> None:
    silent = [
        name(path)
        for path in SOURCES
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_time_comes_from_one_clock() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "datetime.datetime.now"}
    asking = {name(path) for path in SOURCES if clocks & set(calls(path))}
    assert asking <= {"webapp/clock.py", "webapp/background/scheduler.py", "webapp/host/backup.py"}


def test_only_boundaries_commit() -> None:
    committing = {name(path) for path in SOURCES if any(call.endswith("session.commit") for call in calls(path))}
    assert committing <= MAY_COMMIT.keys()


def test_nothing_is_evaluated() -> None:
    assert [name(path) for path in SOURCES if {"eval", "exec"} & set(calls(path))] == []
