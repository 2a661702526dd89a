"""Golden vectors: bytes that every implementation of the wire must agree on.

Built with construct itself, not with the derived codecs, so that they can judge
both. Bytes are lower-case hex, 64-bit numbers hex strings of 16 digits (JSON
numbers are doubles in many readers).
"""

from __future__ import annotations

import math
import random
from typing import Any

from construct import Struct

from .. import catalogue, keys, quantise, schema, serial
from ..catalogue import FrameType, MessageKind, PacketType
from ..derive import fields
from ..replay import ReplayWindow
from ..tokens import Claims, TokenSealer

SECRET = bytes(range(32))
SESSION_KEY = bytes(range(32, 64))
CLIENT_NONCE = bytes(range(64, 80))
SERVER_NONCE = bytes(range(80, 96))
CONN_ID = 0xC0FFEE01
LOBBY_ID = 0x0123456789ABCDEF
SESSION_ID = 0xFEDCBA9876543210
PLAYER_ID = 7
PROTOCOL_ID = keys.protocol_id("arena", "1.0")
NOW = 1_700_000_000.0


def all_files() -> dict[str, Any]:
    """File name to JSON content."""
    return {
        "packets.json": packets(),
        "keys.json": key_vectors(),
        "quantise.json": quantise_vectors(),
        "serial.json": serial_vectors(),
        "replay.json": replay_vectors(),
        "session.json": session(),
    }


def plain(value: Any, size: int | None = None) -> Any:
    """JSON form of a field's value."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return f"{value:016x}" if size == 8 and isinstance(value, int) else value


def _entry(name: str, group: str, declaration: Struct, /, **values: Any) -> dict[str, Any]:
    sizes = {f.name: f.size if f.type == "u64" else None for f in fields(declaration)}
    return {
        "name": name,
        "group": group,
        "fields": {k: plain(v, sizes.get(k)) for k, v in values.items()},
        "hex": declaration.build(values).hex(),
    }


_HEADER = {
    "rel_ack": 513,
    "conn_id": CONN_ID,
    "seq": 70000,
    "ack": 4660,
    "ack_delay": 300,
    "ack_bits": 0x80000001,
    "send_time": 0xFFFFFFF0,
}
_SAMPLES = [
    {"x": 1, "y": -1, "z": 8388607, "rotation": 0xC0000000, "input": 0xABCD},
    {"x": -8388607, "y": 512, "z": -512, "rotation": 0xDFF7FDFF, "input": 1},
]
_RECORDS = [
    {"slot": 0, "age": 0, "x": 1, "y": -1, "z": 8388607, "rotation": 0xC0000000, "state": 0xCD},
    {"slot": 63, "age": 255, "x": -8388607, "y": 512, "z": -512, "rotation": 3, "state": 64},
]
_CORRECTION = {"x": 100, "y": -100, "z": 5, "rotation": 0xDFF7FDFF, "reason": 1}
_SNAPSHOT = {
    "server_tick": 123456,
    "tick_age": 77,
    "last_sample_seq": 4321,
    "input_margin": -250,
    "corr_id": 9,
    "part": 0,
}

_FRAME_VALUES: list[tuple[FrameType, dict[str, Any]]] = [
    (
        FrameType.UPDATE,
        {
            "sample_seq": 99,
            "sample_time": 0xFFFFFF00,
            "sample_dt": 3125,
            "interp_delay": 120,
            "corr_id": 9,
            "count": 2,
            "samples": _SAMPLES,
        },
    ),
    (
        FrameType.SNAPSHOT,
        {**_SNAPSHOT, "flags": 0, "count": 2, "correction": None, "records": _RECORDS},
    ),
    (
        FrameType.SNAPSHOT,
        {**_SNAPSHOT, "flags": 1, "count": 1, "correction": _CORRECTION, "records": _RECORDS[1:]},
    ),
    (
        FrameType.RELIABLE,
        {
            "first_id": 65535,
            "count": 2,
            "messages": [{"kind": 9, "body": b"\x01"}, {"kind": 3, "body": b"\xff\x00hello"}],
        },
    ),
    (FrameType.UNRELIABLE, {"peer_slot": 254, "channel": 3, "payload": b"ping me"}),
    (FrameType.PING, {"t0": 0xDEADBEEF}),
    (FrameType.PONG, {"t0": 0xDEADBEEF, "t1": 1, "t2": 2}),
    (FrameType.PATH_CHALLENGE, {"nonce": b"12345678"}),
    (FrameType.PATH_RESPONSE, {"nonce": b"12345678"}),
    (FrameType.DISCONNECT, {"reason": 3}),
    (FrameType.ERROR, {"code": 2, "detail": 500}),
]

_DOWN_VALUES: list[tuple[MessageKind, dict[str, Any]]] = [
    (
        MessageKind.PLAYER_JOINED,
        {"rev": 1, "player_id": 0xFFFFFFFF, "slot": 3, "flags": 10, "team": 2, "name": "Zoë 🎮"},
    ),
    (MessageKind.PLAYER_LEFT, {"rev": 2, "player_id": 4, "slot": 3, "reason": 1}),
    (MessageKind.CUSTOM, {"from_slot": 3, "channel": 1, "payload": b"\x00\x01\x02"}),
    (
        MessageKind.LOBBY_STATE,
        {
            "rev": 3,
            "state": 2,
            "flags": 0,
            "max_players": 8,
            "host_player_id": 4,
            "countdown_ms": 2900,
        },
    ),
    (MessageKind.HOST_CHANGED, {"rev": 4, "player_id": 5}),
    (MessageKind.RESUME, {"token": bytes(range(180))}),
    (
        MessageKind.TELEPORT,
        {"slot": 3, "x": 1, "y": 2, "z": -3, "rotation": 0xDFF7FDFF, "corr_id": 8},
    ),
    (MessageKind.KICKED, {"reason": 2, "text": "be kind"}),
    (MessageKind.AWAY, {"rev": 5, "player_id": 4}),
    (MessageKind.BACK, {"rev": 6, "player_id": 4}),
    (MessageKind.PLAYER_CHANGED, {"rev": 7, "player_id": 4, "flags": 8, "team": 1, "meta_rev": 2}),
    (MessageKind.CHAT, {"rev": 8, "player_id": 4, "text": "héllo"}),
    (MessageKind.CLOSED, {"reason": 3}),
    (MessageKind.DRAIN, {"ms": 30000}),
    (MessageKind.REDIRECT, {"address": "[2001:db8::1]:9000", "token": b"token"}),
    (MessageKind.EVENTS_LOST, {"count": 12}),
]

_UP_VALUES: list[tuple[MessageKind, dict[str, Any]]] = [
    (MessageKind.CUSTOM, {"to_slot": 255, "channel": 1, "payload": b"\x00\x01\x02"}),
    (MessageKind.READY, {"ready": 1}),
    (MessageKind.CHAT, {"text": "héllo"}),
]

_WELCOME = {
    "server_nonce": SERVER_NONCE,
    "player_id": PLAYER_ID,
    "lobby_id": LOBBY_ID,
    "server_tick": 123456,
    "tick_time": 1_000_000,
    "slot": 2,
    "max_players": 8,
    "tick_hz": 20,
    "snapshot_hz": 20,
    "rot_mode": 0,
    "flags": 0,
    "vmax_cm_s": 0,
    "pos_step": catalogue.POSITION_STEP,
    "origin_x": 0.0,
    "origin_y": 0.0,
    "origin_z": 0.0,
    "timeout_ms": 5000,
    "seat_hold_s": 60,
    "token_ttl_s": 900,
}


def packets() -> list[dict[str, Any]]:
    """Every packet, frame and message once or more, with its fields and bytes."""
    nonce = {"client_nonce": CLIENT_NONCE}
    made = [
        _entry(
            "HELLO", "packet", schema.HELLO, protocol_id=PROTOCOL_ID, client_time=12345, **nonce
        ),
        _entry(
            "CHALLENGE",
            "packet",
            schema.CHALLENGE,
            cookie=b"c" * 16,
            cookie_epoch=212_500_000,
            client_time=12345,
            server_time=0x89ABCDEF,
            **nonce,
        ),
        _entry(
            "CONNECT",
            "packet",
            schema.CONNECT,
            token_len=180,
            protocol_id=PROTOCOL_ID,
            cookie=b"c" * 16,
            cookie_epoch=212_500_000,
            connect_counter=1_700_000_000,
            client_time=12345,
            token=bytes(range(180)).ljust(1128, b"\0"),
            tag=b"t" * 16,
            **nonce,
        ),
        _entry(
            "WELCOME",
            "packet",
            schema.WELCOME,
            type=PacketType.WELCOME,
            tag=b"t" * 16,
            **_HEADER,
            **_WELCOME,
        ),
        _entry(
            "DENIED",
            "packet",
            schema.DENIED,
            code=6,
            retry_after_ms=1500,
            min_ver=1,
            max_ver=1,
            tag=b"\0" * 16,
            **nonce,
        ),
        _entry("RESET", "packet", schema.RESET, conn_id=CONN_ID, seq_echo=70000, tag=b"t" * 16),
        _entry("HEADER", "packet", schema.HEADER, type=PacketType.DATA, **_HEADER),
    ]
    for frame, values in _FRAME_VALUES:
        made.append(_entry(frame.name, "frame", schema.FRAMES[frame], **values))
    for kind, values in _DOWN_VALUES:
        made.append(_entry(kind.name, "message_down", schema.MESSAGES_DOWN[kind], **values))
    for kind, values in _UP_VALUES:
        made.append(_entry(kind.name, "message_up", schema.MESSAGES_UP[kind], **values))
    return made


def key_vectors() -> dict[str, Any]:
    """Every key of a session from fixed secrets, and tags under one of them."""
    server = keys.ServerKeys(SECRET)
    c2s, s2c = keys.connection_keys(SESSION_KEY, PROTOCOL_ID, CLIENT_NONCE, SERVER_NONCE)
    messages = [b"", b"a", bytes(40), bytes(range(256)) * 4]
    return {
        "game": "arena",
        "version": "1.0",
        "protocol_id": f"{PROTOCOL_ID:016x}",
        "session_key": SESSION_KEY.hex(),
        "client_nonce": CLIENT_NONCE.hex(),
        "server_nonce": SERVER_NONCE.hex(),
        "conn_id": CONN_ID,
        "hello_key": keys.hello_key(SESSION_KEY, PROTOCOL_ID).hex(),
        "client_to_server": c2s.hex(),
        "server_to_client": s2c.hex(),
        "reset_key": server.reset_key(CONN_ID).hex(),
        "reset_tag": keys.reset_tag(server.reset_key(CONN_ID), CONN_ID, 70000).hex(),
        "reset_seq": 70000,
        "tags": [{"data": m.hex(), "tag": keys.Tagger(c2s).tag(m).hex()} for m in messages],
        "server_secret": SECRET.hex(),
        "token": claims_token().hex(),
        "cookie": keys.CookieJar(SECRET).make("192.0.2.1", 4242, CLIENT_NONCE, 5).hex(),
    }


def claims_token() -> bytes:
    """A sealed join token from fixed inputs."""
    claims = Claims(
        protocol_id=PROTOCOL_ID,
        conn_id=CONN_ID,
        session_id=SESSION_ID,
        lobby_id=LOBBY_ID,
        player_id=PLAYER_ID,
        slot=2,
        role=0,
        issued=int(NOW),
        expires=int(NOW) + 15,
        server_id=1,
        session_key=SESSION_KEY,
        resume_gen=0,
        x=0,
        y=0,
        z=0,
        last_tick=0,
        name="Zoë",
    )
    return TokenSealer(keys.ServerKeys(SECRET)).seal(claims, bytes(12))


def quantise_vectors() -> dict[str, Any]:
    """Positions and rotations with their integers; rotations decode within float error."""
    metres = [0.0, 1.0, -1.0, 0.0009, 0.001, -0.001, 12.345, -12.345, 16383.9, 20000.0, -20000.0]
    rng = random.Random(1)
    rotations = [(0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, -1.0)]
    while len(rotations) < 40:
        q = [rng.gauss(0, 1) for _ in range(4)]
        size = math.sqrt(sum(c * c for c in q))
        rotations.append((q[0] / size, q[1] / size, q[2] / size, q[3] / size))
    return {
        "positions": [{"metres": m, "steps": quantise.quantise_position(m)} for m in metres],
        "rotations": [
            {
                "quaternion": list(q),
                "packed": quantise.pack_rotation(q),
                "unpacked": list(quantise.unpack_rotation(quantise.pack_rotation(q))),
            }
            for q in rotations
        ],
    }


def serial_vectors() -> list[dict[str, Any]]:
    """Serial comparisons, among them the wrap and the half ring."""
    pairs = [
        (1, 0, 32),
        (0, 0xFFFFFFFF, 32),
        (0x7FFFFFFF, 0, 32),
        (0x80000000, 0, 32),
        (5, 5, 32),
        (0, 65535, 16),
        (32768, 0, 16),
        (100, 65000, 16),
    ]
    return [
        {
            "a": a,
            "b": b,
            "bits": bits,
            "newer": serial.newer(a, b, bits),
            "difference": serial.difference(a, b, bits),
        }
        for a, b, bits in pairs
    ]


def replay_vectors() -> list[dict[str, Any]]:
    """Sequence numbers in order of arrival, whether each is accepted, and the ack after it."""
    window = ReplayWindow()
    steps = []
    for seq in [1, 1, 2, 5, 3, 3, 0, 300, 44, 45, 299, 45, 300, 556, 300, 301, 2**32 - 2**16]:
        fresh = window.fresh(seq)
        if fresh:
            window.commit(seq)
        steps.append(
            {
                "seq": seq,
                "fresh": fresh,
                "newest": window.newest,
                "ack_bits": window.ack_bits(),
            }
        )
    return steps


def session() -> dict[str, Any]:
    """A whole session in datagrams, from HELLO to the server's DISCONNECT."""
    key_hello = keys.Tagger(keys.hello_key(SESSION_KEY, PROTOCOL_ID))
    c2s, s2c = keys.connection_keys(SESSION_KEY, PROTOCOL_ID, CLIENT_NONCE, SERVER_NONCE)
    up, down = keys.Tagger(c2s), keys.Tagger(s2c)
    token = claims_token()
    cookie = keys.CookieJar(SECRET).make("192.0.2.1", 4242, CLIENT_NONCE, keys.epoch_of(NOW))
    steps: list[dict[str, Any]] = []

    def step(sender: str, name: str, datagram: bytes, **more: Any) -> None:
        steps.append({"from": sender, "name": name, "hex": datagram.hex(), **more})

    def data(tagger: keys.Tagger, frames: list[dict[str, Any]], **header: Any) -> bytes:
        body: bytes = schema.HEADER.build({"type": PacketType.DATA, "conn_id": CONN_ID, **header})
        body += b"".join(schema.FRAME.build(frame) for frame in frames)
        return body + tagger.tag(body)

    hello = schema.HELLO.build(
        {"protocol_id": PROTOCOL_ID, "client_nonce": CLIENT_NONCE, "client_time": 1000}
    )
    step("client", "HELLO", hello)
    challenge = {
        "client_nonce": CLIENT_NONCE,
        "cookie": cookie,
        "cookie_epoch": keys.epoch_of(NOW),
        "client_time": 1000,
        "server_time": 50_000,
    }
    step("server", "CHALLENGE", schema.CHALLENGE.build(challenge))
    connect = schema.CONNECT.build(
        {
            "token_len": len(token),
            "protocol_id": PROTOCOL_ID,
            "client_nonce": CLIENT_NONCE,
            "cookie": cookie,
            "cookie_epoch": keys.epoch_of(NOW),
            "connect_counter": int(NOW),
            "client_time": 2000,
            "token": token.ljust(1128, b"\0"),
            "tag": bytes(16),
        }
    )[:-16]
    step("client", "CONNECT", connect + key_hello.tag(connect))
    welcome_header = {
        "type": PacketType.WELCOME,
        "rel_ack": 0,
        "conn_id": CONN_ID,
        "seq": 1,
        "ack": 0,
        "ack_delay": 0xFFFF,
        "ack_bits": 0,
        "send_time": 60_000,
    }
    welcome = schema.WELCOME.build({**welcome_header, **_WELCOME, "tag": bytes(16)})[:-16]
    step("server", "WELCOME", welcome + down.tag(welcome))
    head = {"rel_ack": 0, "ack_delay": 100, "ack_bits": 0}
    update = {**_FRAME_VALUES[0][1], "count": 1, "samples": _SAMPLES[:1]}
    frames = [
        {"type": FrameType.UPDATE, "body": update},
        {"type": FrameType.PING, "body": {"t0": 9}},
    ]
    step("client", "DATA", data(up, frames, seq=1, ack=1, send_time=61_000, **head))
    reliable = {
        "first_id": 1,
        "count": 2,
        "messages": [
            {"kind": int(kind), "body": schema.MESSAGES_DOWN[kind].build(values)}
            for kind, values in (_DOWN_VALUES[3], _DOWN_VALUES[0])
        ],
    }
    snapshot = {**_SNAPSHOT, "flags": 0, "count": 2, "correction": None, "records": _RECORDS}
    frames = [
        {"type": FrameType.SNAPSHOT, "body": snapshot},
        {"type": FrameType.RELIABLE, "body": reliable},
    ]
    step("server", "DATA", data(down, frames, seq=2, ack=1, send_time=110_000, **head))
    frames = [{"type": FrameType.PONG, "body": {"t0": 9, "t1": 10, "t2": 11}}]
    step("server", "DATA", data(down, frames, seq=3, ack=1, send_time=111_000, **head))
    step(
        "client",
        "DATA",
        data(up, [], seq=2, ack=3, send_time=120_000, rel_ack=2, ack_delay=5, ack_bits=3),
    )
    frames = [{"type": FrameType.DISCONNECT, "body": {"reason": 3}}]
    step("server", "DATA", data(down, frames, seq=4, ack=2, send_time=160_000, **head))
    denied = schema.DENIED.build(
        {
            "code": 6,
            "client_nonce": CLIENT_NONCE,
            "retry_after_ms": 0,
            "min_ver": 1,
            "max_ver": 1,
            "tag": bytes(16),
        }
    )[:-16]
    step("server", "DENIED", denied + key_hello.tag(denied))
    reset_key = keys.ServerKeys(SECRET).reset_key(CONN_ID)
    reset = schema.RESET.build(
        {"conn_id": CONN_ID, "seq_echo": 2, "tag": keys.reset_tag(reset_key, CONN_ID, 2)}
    )
    step("server", "RESET", reset)
    return {
        "session_key": SESSION_KEY.hex(),
        "reset_key": reset_key.hex(),
        "protocol_id": f"{PROTOCOL_ID:016x}",
        "conn_id": CONN_ID,
        "token": token.hex(),
        "client_nonce": CLIENT_NONCE.hex(),
        "server_nonce": SERVER_NONCE.hex(),
        "connect_counter": int(NOW),
        "steps": steps,
    }
