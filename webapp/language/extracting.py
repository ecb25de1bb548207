"""Which texts of the program people read: every Chinese literal of its Python, whether it is marked or not.

Rules, checks and operations say what they say in Chinese and know nothing of languages; a page translates what it
shows (:mod:`webapp.language.speaking`). Texts that are read or written as data stay what they are.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from webapp.language.marks import HAN

DATA: Final = (
    "webapp/demo/*",
    "webapp/host/*",
    "webapp/*/commands.py",
    "webapp/*/documents.py",
    "webapp/imports/headers.py",
    "webapp/language/*",
    "webapp/mail/shipped/*",
    "webapp/official_paper.py",
    "webapp/papers/*",
    "webapp/trials/world.py",
    "webapp/docx.py",
    "webapp/cli.py",
    "webapp/config.py",
    "webapp/mail/examples.py",
    "forms/examples.py",
    "workflows/blank.py",
)
"""Documents, demonstration, what files are read by, and the command line."""


_SAID: Final = re.compile(r"""\bsaid\(\s*"([^"]+)\"""")


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every Chinese literal; an f-string is the text with ``{0}``, ``{1}`` … where values go."""
    tree = ast.parse(source)
    skipped = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            skipped |= {id(part) for part in node.args}
        text = "" if id(node) in skipped else _text_of(node)
        if HAN.search(text) and not text.startswith("\n"):  # as statements of SQL do
            yield getattr(node, "lineno", 0), text


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return _template(node)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Strings that are statements: what a module, class, function or name is for."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield statement.value


def _template(node: ast.JoinedStr) -> str:
    parts, number = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{number}}}")
            number += 1
    return "".join(parts)


def read_texts(root: Path) -> Iterator[tuple[str, str]]:
    """File and text of every text in the Python below ``webapp``, ``forms`` and ``workflows``."""
    for area in ("webapp", "forms", "workflows"):
        for path in sorted((root / area).rglob("*.py")):
            name = path.relative_to(root)
            if not any(name.match(pattern) for pattern in DATA):
                for _line, text in texts_of(path.read_text(encoding="utf-8")):
                    yield str(name), text


def read_scripts(root: Path) -> Iterator[tuple[str, str]]:
    """File and text of every text that the scripts of pages say."""
    for area in ("webapp", "forms"):
        for path in sorted((root / area / "assets").rglob("*.js")):
            for text in _SAID.findall(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(root)), text
