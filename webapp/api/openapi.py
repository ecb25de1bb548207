"""The OpenAPI 3.1 document, generated from the routes and their docstrings."""

import re
from typing import Any

from flask import current_app

from webapp.access import public
from webapp.api.views import blueprint

_ERROR = {
    "description": "问题说明（RFC 9457）",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@blueprint.get("/openapi.json")
@public
def openapi() -> dict[str, Any]:
    """This document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in current_app.url_map.iter_rules():
        if not rule.endpoint.startswith("api."):
            continue
        view = current_app.view_functions[rule.endpoint]
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, view, sorted(rule.arguments))
    return {
        "openapi": "3.1.0",
        "info": {"title": "文明创建流程平台", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _PROBLEM},
        },
    }


def _operation(endpoint: str, view: Any, arguments: list[str]) -> dict[str, Any]:
    is_public = getattr(view, "__access__", None) == "public"
    return {
        "operationId": endpoint.removeprefix("api."),
        "summary": (view.__doc__ or "").strip().split("\n")[0],
        "security": [] if is_public else [{"bearer": []}],
        "parameters": [{"name": a, "in": "path", "required": True, "schema": {"type": "string"}} for a in arguments],
        "responses": {"200": {"description": "OK"}, "default": _ERROR},
    }


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
