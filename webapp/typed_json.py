"""JSON objects that people type into a field, e.g. variables that an administrator corrects."""

import json
from typing import Any

from webapp.problems import invalid


def read_object(text: str, path: str, refusal: str) -> dict[str, Any]:
    """The object that a text holds; empty where nothing was typed.

    Args:
        path: which input it is.
        refusal: what to say where it is no object, with an example.

    Raises:
        Invalid: it is none.
    """
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise invalid(path, "json", refusal)
    return value
