"""The words of which the schemas of the contract are made."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
UUID: Schema = {"type": "string", "format": "uuid"}


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The schema or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def record(*optional: str, **properties: Schema) -> Schema:
    """An object; every property is required but those named as optional."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def taken(*optional: str, **properties: Schema) -> Schema:
    """The body of a call: what it does not name is refused."""
    return record(*optional, **properties) | {"additionalProperties": False}


def page_of(item: Schema) -> Schema:
    return record(
        "total_capped", items=listed(item), total=NUMBER, page=NUMBER, per_page=NUMBER, total_capped={"const": True}
    )


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


REASON = taken(reason=TEXT)
PAGED = {"page": NUMBER, "per_page": NUMBER | {"maximum": 100}}
"""The parameters of a list; its own come beside them."""
