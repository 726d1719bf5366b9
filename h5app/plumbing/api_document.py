"""/api/openapi.json and /api/docs: one OpenAPI 3.1 document, written from the views themselves."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response
from werkzeug.routing import Rule

from h5app.plumbing.api import Operation, operation_of
from h5app.plumbing.web import json_reply, open_to_all, render_public

_CONVERTER = re.compile(r"<(?:([a-z_]+)(?:\([^)]*\))?:)?([a-zA-Z_]+)>")
_METHODS = ("GET", "POST", "PUT", "DELETE")
_ERROR = {
    "type": "object",
    "required": ["error", "request_id"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "稳定的错误码,见 docs/errors.md"},
                "message": {"type": "string", "description": "给用户看的中文句子"},
                "details": {"type": "object"},
            },
        },
        "request_id": {"type": "string"},
    },
}

TierName = Callable[[Callable[..., Any]], str]
"""Names the tier that a view declares."""


def document(app: Flask, *, title: str, version: str, tier_name: TierName) -> dict[str, Any]:
    """Return the document of every view that described itself with `operation`."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Error": _ERROR}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        said = operation_of(view)
        if said is None:
            continue
        path = _CONVERTER.sub(r"{\2}", rule.rule)
        for method in _METHODS:
            if method in (rule.methods or ()):
                entry = _entry(rule, said, schemas, tier_name(view))
                paths.setdefault(path, {})[method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def _entry(rule: Rule, said: Operation, schemas: dict[str, Any], tier: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": said.summary,
        "description": f"身份等级: {tier}",
        "parameters": [*_path_parameters(rule), *_query_parameters(said)],
        "responses": _responses(said, schemas),
    }
    if said.request is not None:
        entry["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(said.request, schemas)}},
        }
    if tier != "VISITOR":
        entry["security"] = [{"session": []}]
    return entry


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for kind, name in _CONVERTER.findall(rule.rule)
    ]


def _query_parameters(said: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
        for name, about in said.query
    ]


def _responses(said: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = {} if said.reply is None else {"schema": _schema(said.reply, schemas)}
    answers: dict[str, Any] = {
        "200": {"description": "成功", "content": {"application/json": schema}}
    }
    for status in said.errors:
        reference = {"$ref": "#/components/schemas/Error"}
        answers[str(status)] = {
            "description": "拒绝",
            "content": {"application/json": {"schema": reference}},
        }
    return answers


def _schema(kind: Any, schemas: dict[str, Any]) -> Mapping[str, Any]:  # noqa: ANN401 - any type
    (schema,), components = msgspec.json.schema_components(
        [kind], ref_template="#/components/schemas/{name}"
    )
    schemas.update(components)
    return schema


def blueprint(app: Flask, *, title: str, version: str, tier_name: TierName) -> Blueprint:
    """Return the document's two addresses; register it last, so that every view is there."""
    room = Blueprint("api", __name__)

    def written() -> dict[str, Any]:
        return document(app, title=title, version=version, tier_name=tier_name)

    @room.get("/api/openapi.json")
    @open_to_all
    def openapi() -> Response:
        return json_reply(written())

    @room.get("/api/docs")
    @open_to_all
    def docs() -> Response:
        return render_public("api/docs.html", document=written(), title=title)

    return room


def described(app: Flask) -> set[str]:
    """Return the endpoints that stand in the document."""
    return {name for name, view in app.view_functions.items() if operation_of(view)}
