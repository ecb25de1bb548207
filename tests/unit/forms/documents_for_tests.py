"""Small documents and a shorthand for components, used by the tests of forms."""

from typing import Any

from forms import CompiledForm, Validated, compile_form


def component(kind: str, key: str = "", **properties: Any) -> dict[str, Any]:
    """Return a component; `key` becomes the path of containers."""
    place = {"path" if kind in ("group", "dynamiclist") else "key": key} if key else {}
    return {"type": kind, "label": f"标签{key}", **place, **properties}


def options(*values: str | int) -> list[dict[str, Any]]:
    return [{"label": f"选项{value}", "value": value} for value in values]


def form(*components: dict[str, Any]) -> CompiledForm:
    return compile_form({"type": "default", "components": list(components)})


def codes(checked: Validated) -> dict[str, str]:
    """Return the code of the first error of every path."""
    return {error.path: error.code for error in reversed(checked.errors)}
