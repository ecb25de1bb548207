"""What a document leaves open until a case asks: choices that come from data, components repeated once per row of data.

`properties.choices` (or valuesKey) names a list of choices. `properties.repeat` names rows {key, label, max?}: a number
is stored under the row's key at its own place, a group under its path and the row's key; the row's max is the highest
score unless the document sets one. `properties.example_from` names rows of which the first {value} is the example.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from forms.documents import refuse

Rows = Sequence[Mapping[str, Any]]
MAX_REPEATS = 300


def resolve_document(
    document: Mapping[str, Any], choices: Mapping[str, Rows], sources: Mapping[str, Rows]
) -> dict[str, Any]:
    """Return a copy of the document with the named choices and rows filled in; other names stay open.

    Raises FormDocumentError for rows whose key cannot be part of a path.
    """
    resolved = dict(document)
    resolved["components"] = _resolve_all(document.get("components") or [], choices, sources)
    return resolved


def _resolve_all(items: Any, choices: Mapping[str, Rows], sources: Mapping[str, Rows]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        name = _property(item, "repeat")
        parts = [item] if name not in sources else [_repeat(item, row) for row in sources[name][:MAX_REPEATS]]
        found += [_resolve_one(part, choices, sources) for part in parts]
    return found


def _resolve_one(item: Any, choices: Mapping[str, Rows], sources: Mapping[str, Rows]) -> Any:
    name = _property(item, "choices") or item.get("valuesKey")
    changed = dict(item)
    if name in choices:
        changed["values"] = [{"label": str(row["label"]), "value": row["value"]} for row in choices[name]]
    example = _property(item, "example_from")
    if example in sources and sources[example] and "value" in sources[example][0]:
        changed["properties"] = {**item["properties"], "example": str(sources[example][0]["value"])}
    if "components" in item:
        changed["components"] = _resolve_all(item["components"], choices, sources)
    return changed


def _repeat(item: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    key, label = str(row["key"]), str(row["label"])
    ident = item.get("id") or item.get("key") or item.get("path") or item["type"]
    if not re.fullmatch(r"\w{1,60}", key):
        raise refuse(str(ident), "bad_key", f"“{key[:60]}”不能用作重复项的标识，只能由文字、数字、下划线组成。")
    copied: dict[str, Any] = copy.deepcopy(dict(item))
    copied["properties"] = {name: value for name, value in copied["properties"].items() if name != "repeat"}
    copied["label"] = label
    for part in _below(copied):
        if part.get("id"):
            part["id"] = f"{part['id']}_{key}"
    place = "path" if item["type"] in ("group", "dynamiclist") else "key"
    before = str(item.get(place) or "").split(".")
    if place == "key":
        before = before[:-1]
    copied[place] = ".".join(part for part in [*before, key] if part)
    _limit_scores(copied, row)
    return copied


def _limit_scores(copied: dict[str, Any], row: Mapping[str, Any]) -> None:
    if row.get("max") is None:
        return
    most = float(row["max"])
    most = int(most) if most.is_integer() else most
    for part in _below(copied):
        if part.get("type") == "number" and (part.get("validate") or {}).get("max") is None:
            part["validate"] = {**(part.get("validate") or {}), "max": most}
            part["description"] = part.get("description") or f"满分 {most} 分。"


def _below(item: dict[str, Any]) -> list[dict[str, Any]]:
    found = [item]
    for child in item.get("components") or []:
        found += _below(child)
    return found


def _property(item: Mapping[str, Any], name: str) -> Any:
    return (item.get("properties") or {}).get(name)
