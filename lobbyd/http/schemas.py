"""JSON Schemas of answers, by the names that routes use.

They say what is there; more may come, so readers are to pass over what they do not know.
"""

from __future__ import annotations

from typing import Any

from ..errors import PROBLEMS
from ..lobby.codes import ALPHABET, LONGEST, SHORTEST
from ..lobby.conditions import WAY
from ..lobby.fields import MetadataField
from ..lobby.model import SeatState
from ..lobby.requests import SETTINGS
from ..netsim.conditions import PRESETS
from ..wire.catalogue import MAX_PLAYERS, NO_SLOT, LobbyStateCode

Schema = dict[str, Any]


def _object(properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


_TEXT: Schema = {"type": "string"}
_BOOLEAN: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TIME: Schema = {"type": "number", "description": "unix seconds"}
_SECONDS: Schema = {"type": "number", "minimum": 0, "description": "seconds"}
_KEY: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "description": "base64url"}
_HEX64: Schema = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
_CODE: Schema = {"type": "string", "pattern": f"^[{ALPHABET}]{{{SHORTEST},{LONGEST}}}$"}
_PLAYER_ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**32 - 1}
_METADATA: Schema = MetadataField().schema()
_UDP = _object({"host": _TEXT, "port": {"type": "integer", "minimum": 0, "maximum": 65535}})
_SETTINGS = _object({name: field.schema() for name, field in SETTINGS.items()})

PLAYER = _object(
    {
        "player_id": _PLAYER_ID,
        "slot": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MAX_PLAYERS - 1},
                {"const": NO_SLOT, "description": "a spectator's"},
            ]
        },
        "name": _TEXT,
        "dummy": {**_BOOLEAN, "description": "moved by the server; takes no seat"},
        "spectator": _BOOLEAN,
        "state": {"enum": [state.value for state in SeatState]},
        "ready": _BOOLEAN,
        "team": {"type": "integer", "minimum": 0, "maximum": 255},
        "metadata": _METADATA,
        "last_update": {**_TIME, "type": ["number", "null"]},
        "ping_ms": _or_null("integer"),
        "member_metadata": {**_METADATA, "description": "for members only"},
    },
    optional=("member_metadata",),
)

LOBBY = _object(
    {
        "code": _CODE,
        "name": _TEXT,
        "game": _TEXT,
        "version": _TEXT,
        "state": {"enum": [state.name.lower() for state in LobbyStateCode]},
        "visibility": {"enum": ["public", "private"]},
        "listed": _BOOLEAN,
        "password": {**_BOOLEAN, "description": "whether one is needed"},
        "max_players": {"type": "integer", "minimum": 1, "maximum": MAX_PLAYERS},
        "member_count": _COUNT,
        "spectator_count": _COUNT,
        "free_slots": _COUNT,
        "created_at": _TIME,
        "host_player_id": {**_PLAYER_ID, "type": ["integer", "null"]},
        "metadata": _METADATA,
        "settings": _SETTINGS,
        "rev": {**_COUNT, "description": "counts the lobby's changes"},
        "players": {"type": "array", "items": _ref("Player")},
        "countdown": {**_SECONDS, "description": "seconds left, while the state is countdown"},
        "member_metadata": {**_METADATA, "description": "for members only"},
        "reserved": {"type": "array", "items": _TEXT, "description": "for members only"},
    },
    optional=("countdown", "member_metadata", "reserved"),
)

TICKET = _object(
    {
        "token": _KEY,
        "session_key": _KEY,
        "reset_key": _KEY,
        "conn_id": _PLAYER_ID,
        "protocol_id": _HEX64,
        "udp": _UDP,
        "expires_at": _TIME,
    }
)

_SEAT: Schema = {"player": _ref("Player"), "player_token": _KEY, "ticket": _ref("Ticket")}
_CREATED: Schema = {"lobby": _ref("Lobby"), "owner_token": _KEY, **_SEAT}
_LIMITS = ("max_players", "max_lobby_name", "max_player_name", "max_body", "tick_hz")

_WAY = _object({name: field.schema() for name, field in WAY.items()})

CONDITIONS = _object(
    {
        "player_id": {**_PLAYER_ID, "type": ["integer", "null"]},
        "preset": {"enum": list(PRESETS)},
        "up": _WAY,
        "down": _WAY,
        "ends_at": _TIME,
    }
)

PROBLEM = _object(
    {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**_TEXT, "description": "for people: the field, the value or the limit"},
        "code": {"enum": list(PROBLEMS), "description": "for programs"},
        "retry_after": {**_SECONDS, "description": "seconds after which to try again"},
    },
    optional=("retry_after",),
)

SCHEMAS: dict[str, Schema] = {
    "Player": PLAYER,
    "Lobby": LOBBY,
    "Ticket": TICKET,
    "LobbyAnswer": _object({"lobby": _ref("Lobby")}),
    "LobbyList": _object(
        {
            "lobbies": {"type": "array", "items": _ref("Lobby")},
            "next_cursor": _or_null("string"),
        }
    ),
    # the seat is there if the request brought a player
    "Created": {
        **_object(_CREATED, optional=tuple(_SEAT)),
        "dependentRequired": {"player": list(_SEAT)},
    },
    "Joined": _object({"lobby": _ref("Lobby"), **_SEAT}),
    "Conditions": CONDITIONS,
    "ConditionsAnswer": _object(
        {"conditions": {"type": "array", "items": _ref("Conditions")}},
    ),
    "PlayerAnswer": _object({"player": _ref("Player")}),
    "Info": _object(
        {
            "version": _TEXT,
            "wire": _COUNT,
            "udp": _UDP,
            "time": _TIME,
            "limits": _object(dict.fromkeys(_LIMITS, _COUNT)),
        }
    ),
    "Health": _object({"status": {"const": "ok"}}),
    "Document": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Problem": PROBLEM,
}
