"""The OpenAPI 3.1 document, made from the table of routes, the field readers and the errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .. import __version__
from ..errors import PROBLEMS
from ..lobby.codes import LONGEST, SHORTEST
from ..lobby.fields import MAX_KEY, object_schema
from ..lobby.requests import Body, CreateLobby
from .calls import MAX_CLIENT_KEY, MIN_CLIENT_KEY
from .idempotency import LONGEST as LONGEST_KEY
from .idempotency import SHORTEST as SHORTEST_KEY
from .queries import LIST_SCHEMAS, METADATA
from .routes import Limit, Route, Token
from .schemas import SCHEMAS, Schema

_NAMES = {
    "create": "create_lobby",
    "list": "list_lobbies",
    "get": "get_lobby",
    "delete": "delete_lobby",
    "join": "join_lobby",
    "rejoin": "rejoin_lobby",
    "leave": "leave_lobby",
    "change": "change_lobby",
    "start": "start_game",
    "cancel": "cancel_countdown",
    "end": "end_game",
}
"""Operation ids of handlers whose own names are too short for a whole API."""
ALWAYS = (
    "invalid_request",
    "token_invalid",
    "request_timeout",
    "body_too_large",
    "rate_limited",
    "internal_error",
    "server_busy",
)
"""Codes that every call can answer: from its headers and query, its connection, or a mistake."""
STREAMS = ("LobbyEvents", "ListEvents")
"""Answers that are server-sent events."""
_CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "read forgivingly: in any case, O as 0, I and L as 1",
    "schema": {"type": "string", "pattern": f"^[0-9A-TV-Za-tv-z]{{{SHORTEST},{LONGEST}}}$"},
}
_PLAYER_ID = {
    "name": "player_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**32 - 1},
}
_HEADERS: dict[str, Schema] = {
    "RateLimit": {
        "description": "what is left of the limit, and the seconds until all of it is back",
        "schema": {"type": "string", "pattern": '^"calls";r=[0-9]+;t=[0-9]+$'},
    },
    "RateLimit-Policy": {
        "description": "the limit of calls of one address, and its window in seconds",
        "schema": {"type": "string", "pattern": '^"calls";q=[0-9]+;w=[0-9]+$'},
    },
    "ETag": {
        "description": "the version of what PATCH can change, for If-Match",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    },
    "Location": {
        "description": "the path of the new lobby",
        "required": True,
        "schema": {"type": "string", "pattern": "^/lobbies/"},
    },
    "Retry-After": {
        "description": "seconds",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"required": True, "schema": {"type": "string", "pattern": "^Bearer"}},
}


def openapi_document(table: Iterable[Route]) -> Schema:
    """The document of a table of routes."""
    paths: dict[str, Schema] = {}
    for route in table:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lobbyd",
            "version": __version__,
            "summary": "Game lobbies over HTTP; positions and messages travel over UDP",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "headers": _HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the owner_token of create or the player_token of join",
                }
            },
        },
    }


def operation_id(route: Route) -> str:
    """The name of a call for generated clients."""
    name = route.handler.__name__
    return _NAMES.get(name, name)


def _operation(route: Route) -> Schema:
    operation: Schema = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": list(route.tags),
        "parameters": _parameters(route),
        "responses": {str(route.status): _good(route), **_refusals(route)},
    }
    if route.token is Token.NEEDED:
        operation["security"] = [{"bearer": []}]
    elif route.token is Token.OPTIONAL:
        operation["security"] = [{}, {"bearer": []}]
    if route.body is not None:
        operation["requestBody"] = {
            "required": bool(route.body.REQUIRED),
            "content": {"application/json": {"schema": body_schema(route.body)}},
        }
    return operation


def body_schema(body: type[Body]) -> Schema:
    """JSON Schema of a request body."""
    schema = object_schema(body.FIELDS, body.REQUIRED)
    if body is CreateLobby:
        private = {"visibility": {"const": "private"}}
        schema["not"] = {"required": ["code", "visibility"], "properties": private}
    return schema


def _parameters(route: Route) -> list[Schema]:
    parameters = [p for p in (_CODE, _PLAYER_ID) if f"{{{p['name']}}}" in route.path]
    parameters += [
        {"name": name, "in": "query", "schema": LIST_SCHEMAS[name]} for name in route.query
    ]
    if route.query:
        parameters.append(_metadata_filters())
    description = "random, kept by the client and always the same; bans hold for it"
    parameters.append(
        _header("Lobbyd-Client-Key", _visible(MIN_CLIENT_KEY, MAX_CLIENT_KEY), description)
    )
    if route.idempotent:
        description = "random for each request; the request can be repeated with it for 10 minutes"
        parameters.append(
            _header("Idempotency-Key", _visible(SHORTEST_KEY, LONGEST_KEY), description)
        )
    if route.answer == "LobbyEvents":
        seen = {"type": "integer", "minimum": 0}
        parameters.append(_header("Last-Event-ID", seen, "the id of the last event that came"))
    if "precondition_failed" in route.problems:
        text = {"type": "string"}
        parameters.append(_header("If-Match", text, "the ETag that the change is meant for"))
    return parameters


def _metadata_filters() -> Schema:
    """Each property of this one is a parameter of its own: ?meta.map=desert."""
    return {
        "name": "metadata",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": f"{METADATA}KEY=VALUE: lobbies whose metadata has this value",
        "schema": {
            "type": "object",
            "patternProperties": {
                f"^meta\\.[A-Za-z0-9_.-]{{1,{MAX_KEY}}}$": {"type": "string"},
            },
            "additionalProperties": False,
            "maxProperties": 8,
        },
    }


def _header(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "header", "schema": schema, "description": description}


def _visible(shortest: int, longest: int) -> Schema:
    return {"type": "string", "pattern": f"^[!-~]{{{shortest},{longest}}}$"}


def _good(route: Route) -> Schema:
    response: Schema = {"description": route.summary}
    names = [] if route.limit is Limit.FREE else ["RateLimit", "RateLimit-Policy"]
    if route.answer == "LobbyAnswer":
        names.append("ETag")
    if route.answer == "Created":
        names.append("Location")
    if names:
        response["headers"] = _header_refs(names)
    if route.answer in STREAMS:
        response["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    elif route.answer is not None:
        schema = {"$ref": f"#/components/schemas/{route.answer}"}
        response["content"] = {"application/json": {"schema": schema}}
    links = _links(route)
    if links:
        response["links"] = links
    return response


def _links(route: Route) -> dict[str, Schema]:
    """What can be done with what create, join and quick join answer."""
    if route.answer not in ("Created", "Joined"):
        return {}
    code = {"code": "$response.body#/lobby/code"}
    links: dict[str, Schema] = {
        name: {"operationId": name, "parameters": code}
        for name in ("get_lobby", "join_lobby", "change_lobby", "delete_lobby")
    }
    if route.answer == "Joined":
        links |= {
            name: {"operationId": name, "parameters": code}
            for name in ("rejoin_lobby", "say", "start_game", "leave_lobby")
        }
        player = {**code, "player_id": "$response.body#/player/player_id"}
        links |= {
            name: {"operationId": name, "parameters": player} for name in ("change_player", "kick")
        }
        links["hand_over"] = {
            "operationId": "hand_over",
            "parameters": code,
            "requestBody": {"player_id": "$response.body#/player/player_id"},
        }
    return links


def problem_codes(route: Route) -> list[str]:
    """The codes that a call can answer, in the order of the table of errors."""
    codes = {*route.problems, *ALWAYS}
    if "{" in route.path:
        # an empty code, or one with a slash, is another path
        codes.add("not_found")
    if "{player_id}" in route.path:
        codes.add("player_not_found")
    if route.body is not None:
        codes |= {"invalid_json", "unsupported_media_type"}
    if route.idempotent:
        codes.add("idempotency_mismatch")
    return [code for code in PROBLEMS if code in codes]


def _refusals(route: Route) -> dict[str, Schema]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in problem_codes(route):
        by_status[PROBLEMS[code].status].append(code)
    return {str(status): _refusal(status, codes) for status, codes in sorted(by_status.items())}


def _refusal(status: int, codes: list[str]) -> Schema:
    told: dict[str, Any] = {"code": {"enum": codes}, "status": {"const": status}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": told}]}
    response: Schema = {
        "description": "; ".join(PROBLEMS[code].title for code in codes),
        "content": {"application/problem+json": {"schema": schema}},
    }
    names = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(status)
    if names:
        response["headers"] = _header_refs(names)
    return response


def _header_refs(names: Iterable[str]) -> dict[str, Schema]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
