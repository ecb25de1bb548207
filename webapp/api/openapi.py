"""The OpenAPI 3.1 document, generated from the routes and their docstrings."""

import re
from typing import Any

from flask import current_app

from webapp.access import public
from webapp.api import schemas
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
            "schemas": schemas.COMPONENTS,
        },
    }


def _operation(endpoint: str, view: Any, arguments: list[str]) -> dict[str, Any]:
    name = endpoint.removeprefix("api.")
    is_public = getattr(view, "__access__", None) == "public"
    found: dict[str, Any] = {
        "operationId": name,
        "summary": (view.__doc__ or "").strip().split("\n")[0],
        "security": [] if is_public else [{"bearer": []}],
        "parameters": _parameters(name, arguments),
        "responses": _responses(name),
    }
    return found | _request(name)


def _parameters(name: str, arguments: list[str]) -> list[dict[str, Any]]:
    path = [{"name": a, "in": "path", "required": True, "schema": schemas.TEXT} for a in arguments]
    query = [{"name": key, "in": "query", "schema": schema} for key, schema in schemas.QUERIES.get(name, {}).items()]
    return path + query


def _responses(name: str) -> dict[str, Any]:
    status = schemas.STATUSES.get(name, 200)
    good: dict[str, Any] = {"description": "No Content" if status == 204 else "OK"}
    if name in schemas.FILES:
        good["content"] = {"application/octet-stream": {}}
    elif status != 204:
        good["content"] = {"application/json": {"schema": schemas.ANSWERS.get(name, schemas.OBJECT)}}
    return {str(status): good, "default": _ERROR}


def _request(name: str) -> dict[str, Any]:
    if name in schemas.BODIES:
        content: dict[str, Any] = {"application/json": {"schema": schemas.BODIES[name]}}
    elif name == "upload_attachment":
        file = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        content = {"multipart/form-data": {"schema": file}}
    elif name == "check_definition":
        content = {"application/xml": {"schema": schemas.TEXT}}
    else:
        return {}
    return {"requestBody": {"required": name != "retry_instance", "content": content}}
