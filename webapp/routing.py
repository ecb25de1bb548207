"""How addresses are written, and which of those that a browser sends back may be followed."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule of the address map that compiles its writer late: for all of them that takes a tenth of a second."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        compiled: Callable[..., tuple[str, str]] | None = None

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            compiled = compiled or compile_now(append_unknown)
            return compiled(rule, **values)

        return build


def within_site(target: str | None) -> str:
    """An address of this site to go on to, else its start.

    Browsers drop tabs and line ends and read ``\\`` as ``/``.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    return target if target.isprintable() and "\\" not in target else "/"
