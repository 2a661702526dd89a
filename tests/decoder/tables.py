"""The tables of docs/protocol.md, copied by hand: `tests/test_decoder_tables.py` compares them.

A layout lists (type, field) in the order of the bytes; `parts` stands for what
follows in a number that another field tells.
"""

from __future__ import annotations

Layout = tuple[tuple[str, str], ...]

MAGIC_VERSION = 0xB1
LARGEST = 1200
TAG_SIZE = 16

ENUMS: dict[str, dict[int, str]] = {
    "PacketType": {
        1: "HELLO",
        2: "CHALLENGE",
        3: "CONNECT",
        4: "WELCOME",
        5: "DENIED",
        15: "RESET",
        16: "DATA",
    },
    "WelcomeFlags": {1: "RESUMED"},
    "RotationMode": {0: "SMALLEST_THREE", 1: "YAW_PITCH"},
    "DeniedCode": {
        1: "VERSION",
        2: "PROTOCOL_ID",
        3: "TOKEN_INVALID",
        4: "TOKEN_EXPIRED",
        5: "LOBBY_GONE",
        6: "LOBBY_FULL",
        7: "KICKED",
        8: "RATE_LIMITED",
        9: "SHUTDOWN",
        10: "REPLACED",
        11: "INTERNAL",
        12: "CONN_ID_CLASH",
        13: "BANNED",
    },
    "FrameType": {
        1: "UPDATE",
        2: "SNAPSHOT",
        3: "RELIABLE",
        4: "UNRELIABLE",
        5: "PING",
        6: "PONG",
        7: "PATH_CHALLENGE",
        8: "PATH_RESPONSE",
        9: "DISCONNECT",
        10: "ERROR",
        11: "SNAPSHOT_DELTA",
        12: "INTEREST",
    },
    "SnapshotFlags": {1: "CORRECTION", 2: "PARTIAL"},
    "MessageKind": {
        1: "PLAYER_JOINED",
        2: "PLAYER_LEFT",
        3: "CUSTOM",
        4: "LOBBY_STATE",
        5: "HOST_CHANGED",
        6: "RESUME",
        7: "TELEPORT",
        8: "KICKED",
        9: "READY",
        11: "AWAY",
        12: "BACK",
        13: "PLAYER_CHANGED",
        14: "CHAT",
        15: "CLOSED",
        16: "DRAIN",
        17: "REDIRECT",
        18: "EVENTS_LOST",
    },
    "PlayerFlags": {1: "DUMMY", 2: "HOST", 4: "SPECTATOR", 8: "READY", 16: "AWAY"},
    "ErrorCode": {1: "MALFORMED", 2: "OVER_RATE", 3: "UNRELIABLE_LIMIT", 4: "SAMPLE_TIME"},
    "CorrectionReason": {1: "SPEED", 2: "BOUNDS", 3: "TIME", 4: "TELEPORT", 5: "RULE"},
    "LeftReason": {0: "LEFT", 1: "TIMEOUT", 2: "KICKED", 3: "CLOSED", 4: "OVERFLOW"},
    "LobbyStateCode": {0: "OPEN", 1: "LOCKED", 2: "COUNTDOWN", 3: "IN_GAME", 4: "CLOSED"},
    "DisconnectReason": {
        0: "LEFT",
        1: "TIMEOUT",
        2: "KICKED",
        3: "CLOSED",
        4: "SHUTDOWN",
        5: "REPLACED",
        6: "OVERFLOW",
        7: "PROTOCOL_ERROR",
        8: "SEQUENCE_EXHAUSTED",
    },
}

_PREFIX: Layout = (("u8", "magic_version"), ("u8", "type"))
_HEADER: Layout = (
    *_PREFIX,
    ("u16", "rel_ack"),
    ("u32", "conn_id"),
    ("u32", "seq"),
    ("u16", "ack"),
    ("u16", "ack_delay"),
    ("u32", "ack_bits"),
    ("u32", "send_time"),
)
_POSITION: Layout = (("i24", "x"), ("i24", "y"), ("i24", "z"))

PACKETS: dict[str, Layout] = {
    "HELLO": (
        *_PREFIX,
        ("zeros[2]", ""),
        ("u64", "protocol_id"),
        ("bytes[16]", "client_nonce"),
        ("u32", "client_time"),
        ("zeros[1168]", ""),
    ),
    "CHALLENGE": (
        *_PREFIX,
        ("zeros[2]", ""),
        ("bytes[16]", "client_nonce"),
        ("bytes[16]", "cookie"),
        ("u32", "cookie_epoch"),
        ("u32", "client_time"),
        ("u32", "server_time"),
    ),
    "CONNECT": (
        *_PREFIX,
        ("u16", "token_len"),
        ("u64", "protocol_id"),
        ("bytes[16]", "client_nonce"),
        ("bytes[16]", "cookie"),
        ("u32", "cookie_epoch"),
        ("u32", "connect_counter"),
        ("u32", "client_time"),
        ("bytes[1128]", "token"),
        ("bytes[16]", "tag"),
    ),
    "WELCOME": (
        *_HEADER,
        ("bytes[16]", "server_nonce"),
        ("u32", "player_id"),
        ("u64", "lobby_id"),
        ("u32", "server_tick"),
        ("u32", "tick_time"),
        ("u8", "slot"),
        ("u8", "max_players"),
        ("u8", "tick_hz"),
        ("u8", "snapshot_hz"),
        ("u8", "rot_mode"),
        ("u8", "flags"),
        ("u16", "vmax_cm_s"),
        ("f32", "pos_step"),
        ("f32", "origin_x"),
        ("f32", "origin_y"),
        ("f32", "origin_z"),
        ("u16", "timeout_ms"),
        ("u16", "seat_hold_s"),
        ("u32", "token_ttl_s"),
        ("bytes[16]", "tag"),
    ),
    "DENIED": (
        *_PREFIX,
        ("u16", "code"),
        ("bytes[16]", "client_nonce"),
        ("u32", "retry_after_ms"),
        ("u8", "min_ver"),
        ("u8", "max_ver"),
        ("zeros[2]", ""),
        ("bytes[16]", "tag"),
    ),
    "RESET": (
        *_PREFIX,
        ("zeros[2]", ""),
        ("u32", "conn_id"),
        ("u32", "seq_echo"),
        ("bytes[16]", "tag"),
    ),
}

HEADER = _HEADER

FRAMES: dict[str, Layout] = {
    "UPDATE": (
        ("u32", "sample_seq"),
        ("u32", "sample_time"),
        ("u16", "sample_dt"),
        ("u16", "interp_delay"),
        ("u8", "corr_id"),
        ("u8", "count"),
        ("parts", "samples"),
    ),
    "SNAPSHOT": (
        ("u32", "server_tick"),
        ("u16", "tick_age"),
        ("u32", "last_sample_seq"),
        ("i16", "input_margin"),
        ("u8", "corr_id"),
        ("u8", "flags"),
        ("u8", "part"),
        ("u8", "count"),
        ("parts", "correction"),
        ("parts", "records"),
    ),
    "RELIABLE": (("u16", "first_id"), ("u8", "count"), ("parts", "messages")),
    "UNRELIABLE": (("u8", "peer_slot"), ("u8", "channel"), ("rest", "payload")),
    "PING": (("u32", "t0"),),
    "PONG": (("u32", "t0"), ("u32", "t1"), ("u32", "t2")),
    "PATH_CHALLENGE": (("bytes[8]", "nonce"),),
    "PATH_RESPONSE": (("bytes[8]", "nonce"),),
    "DISCONNECT": (("u8", "reason"),),
    "ERROR": (("u16", "code"), ("u16", "detail")),
}

PARTS: dict[str, Layout] = {
    "SAMPLE": (*_POSITION, ("u32", "rotation"), ("u16", "input")),
    "RECORD": (("u8", "slot"), ("u8", "age"), *_POSITION, ("u32", "rotation"), ("u8", "state")),
    "CORRECTION": (*_POSITION, ("u32", "rotation"), ("u8", "reason"), ("zeros[2]", "")),
}

_BOTH_WAYS = {"RELIABLE", "UNRELIABLE", "PING", "PONG", "DISCONNECT"}
FRAMES_UP = _BOTH_WAYS | {"UPDATE", "PATH_RESPONSE"}
FRAMES_DOWN = _BOTH_WAYS | {"SNAPSHOT", "PATH_CHALLENGE", "ERROR"}

_REV: Layout = (("u32", "rev"), ("u32", "player_id"))
_CUSTOM: Layout = (("u8", "channel"), ("rest", "payload"))

MESSAGES_DOWN: dict[str, Layout] = {
    "PLAYER_JOINED": (*_REV, ("u8", "slot"), ("u8", "flags"), ("u8", "team"), ("str8", "name")),
    "PLAYER_LEFT": (*_REV, ("u8", "slot"), ("u8", "reason")),
    "CUSTOM": (("u8", "from_slot"), *_CUSTOM),
    "LOBBY_STATE": (
        ("u32", "rev"),
        ("u8", "state"),
        ("u8", "flags"),
        ("u8", "max_players"),
        ("u32", "host_player_id"),
        ("u32", "countdown_ms"),
    ),
    "HOST_CHANGED": _REV,
    "RESUME": (("bytes16", "token"),),
    "TELEPORT": (("u8", "slot"), *_POSITION, ("u32", "rotation"), ("u8", "corr_id")),
    "KICKED": (("u8", "reason"), ("str16", "text")),
    "AWAY": _REV,
    "BACK": _REV,
    "PLAYER_CHANGED": (*_REV, ("u8", "flags"), ("u8", "team"), ("u32", "meta_rev")),
    "CHAT": (*_REV, ("str16", "text")),
    "CLOSED": (("u8", "reason"),),
    "DRAIN": (("u32", "ms"),),
    "REDIRECT": (("str8", "address"), ("bytes16", "token")),
    "EVENTS_LOST": (("u32", "count"),),
}

MESSAGES_UP: dict[str, Layout] = {
    "CUSTOM": (("u8", "to_slot"), *_CUSTOM),
    "READY": (("u8", "ready"),),
    "CHAT": (("str16", "text"),),
}
