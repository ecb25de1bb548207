"""Answers of a client that knows nothing but the form document it is given."""

from collections.abc import Mapping
from typing import Any

UPLOAD = "1"


def fill_in(document: Mapping[str, Any], **chosen: Any) -> dict[str, Any]:
    """Every field of the document with a value that should pass; `chosen` fixes fields of the form itself by key."""
    return {**_answers(document), **chosen}


def _answers(parent: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for component in parent["components"]:
        if component["type"] == "group":
            inner = _answers(component)
            _put(found, component.get("path", ""), inner)
        elif component["type"] == "dynamiclist":
            _put(found, component["path"], [_answers(component)])
        elif "key" in component:
            _put(found, component["key"], _value(component))
    return found


def _put(found: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        found = found.setdefault(name, {})
    found.update({last: value} if last else value)


def _value(component: Mapping[str, Any]) -> Any:
    properties = component.get("properties", {})
    values = [choice["value"] for choice in component.get("values", [])]
    match component["type"]:
        case "radio" | "select":
            return values[0]
        case "checklist" | "taglist":
            return values[: int(properties.get("min_choices", 1))]
        case "checkbox":
            return True
        case "filepicker":
            return [UPLOAD]
        case "number":
            return float(properties.get("example", component.get("validate", {}).get("min", 1)))
        case "datetime":
            return properties.get("example", "2020-07-15")
    return properties.get("example", "说明")
