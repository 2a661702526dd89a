"""Every packet of wire version 1, declared once with construct.

This is the specification. The codecs of the hot path (``derive``), the tables
of docs/protocol.md, the golden vectors and the GDScript constants are computed
from these declarations. All integers are little-endian.
"""

from __future__ import annotations

from typing import Any

from construct import (
    Array,
    Bytes,
    Const,
    Float32l,
    GreedyBytes,
    GreedyRange,
    If,
    Int8ul,
    Int16sl,
    Int16ul,
    Int24sl,
    Int32ul,
    Int64ul,
    Padding,
    PascalString,
    Prefixed,
    Struct,
    Switch,
    this,
)

from .catalogue import (
    HANDSHAKE_SIZE,
    MAGIC_VERSION,
    TAG_SIZE,
    FrameType,
    MessageKind,
    PacketType,
)

STR8 = PascalString(Int8ul, "utf8")
STR16 = PascalString(Int16ul, "utf8")
BYTES16 = Prefixed(Int16ul, GreedyBytes)
TAG = Bytes(TAG_SIZE)


def _magic() -> Any:
    return "magic_version" / Const(MAGIC_VERSION, Int8ul) * "0xB1"


def _type(packet: PacketType) -> Any:
    return "type" / Const(int(packet), Int8ul) * f"0x{packet:02X}"


def _position(what: str) -> tuple[Any, Any, Any]:
    return (
        "x" / Int24sl * f"{what}, x in position steps",
        "y" / Int24sl * "y",
        "z" / Int24sl * "z",
    )


# -- handshake ---------------------------------------------------------------

HELLO = Struct(
    _magic(),
    _type(PacketType.HELLO),
    Padding(2),
    "protocol_id" / Int64ul * "what the client speaks; not checked here, the token decides",
    "client_nonce" / Bytes(16) * "fresh random bytes for each connection attempt",
    "client_time" / Int32ul * "client clock, us",
    Padding(HANDSHAKE_SIZE - 32),
)

CHALLENGE = Struct(
    _magic(),
    _type(PacketType.CHALLENGE),
    Padding(2),
    "client_nonce" / Bytes(16) * "echo",
    "cookie" / Bytes(16) * "HMAC over epoch, address, port and client_nonce",
    "cookie_epoch" / Int32ul * "server time divided by 8 s",
    "client_time" / Int32ul * "echo",
    "server_time" / Int32ul * "server timeline, us",
)

CONNECT = Struct(
    _magic(),
    _type(PacketType.CONNECT),
    "token_len" / Int16ul * "bytes of the token, at most 512",
    "protocol_id" / Int64ul * "must equal the one sealed in the token",
    "client_nonce" / Bytes(16) * "as in HELLO",
    "cookie" / Bytes(16) * "from CHALLENGE",
    "cookie_epoch" / Int32ul * "from CHALLENGE",
    "connect_counter" / Int32ul * "max(unix seconds, last + 1); must grow with each new connection",
    "client_time" / Int32ul * "client clock, us",
    "token" / Bytes(HANDSHAKE_SIZE - 56 - TAG_SIZE) * "the sealed token, then zeros",
    "tag" / TAG * "under K_hello",
)

HEADER = Struct(
    _magic(),
    "type" / Int8ul * "0x10 DATA, 0x04 WELCOME",
    "rel_ack" / Int16ul * "highest reliable id received in order, 0 for none",
    "conn_id" / Int32ul * "routing only, carries no authority",
    "seq" / Int32ul * "per direction from 1, +1 for each datagram, never reused",
    "ack" / Int16ul * "low 16 bits of the highest seq received, 0 for none",
    "ack_delay" / Int16ul * "from receiving ack to sending this, 64 us units, 65535 unknown",
    "ack_bits" / Int32ul * "bit n set: ack - n - 1 was received",
    "send_time" / Int32ul * "sender's clock, us (server: its timeline)",
)

WELCOME = Struct(
    *HEADER.subcons,
    "server_nonce" / Bytes(16) * "server's half of the connection's keys",
    "player_id" / Int32ul * "unique while the lobby lives",
    "lobby_id" / Int64ul * "",
    "server_tick" / Int32ul * "number of the newest tick",
    "tick_time" / Int32ul * "server timeline of that tick, us",
    "slot" / Int8ul * "0 to 63, 255 for a spectator",
    "max_players" / Int8ul * "slots of the lobby",
    "tick_hz" / Int8ul * "ticks a second",
    "snapshot_hz" / Int8ul * "snapshots a second",
    "rot_mode" / Int8ul * "0 smallest three, 1 yaw and pitch",
    "flags" / Int8ul * "bit 0: the seat was taken up again",
    "vmax_cm_s" / Int16ul * "speed limit in cm/s, 0 for none",
    "pos_step" / Float32l * "metres per position step",
    "origin_x" / Float32l * "position of step 0, metres",
    "origin_y" / Float32l * "",
    "origin_z" / Float32l * "",
    "timeout_ms" / Int16ul * "silence after which the server calls the player away",
    "seat_hold_s" / Int16ul * "how long an away player's seat is kept",
    "token_ttl_s" / Int32ul * "life of a token that comes by RESUME",
    "tag" / TAG * "under K_s2c",
)

DENIED = Struct(
    _magic(),
    _type(PacketType.DENIED),
    "code" / Int16ul * "see the table of codes",
    "client_nonce" / Bytes(16) * "echo",
    "retry_after_ms" / Int32ul * "0: do not retry with this token",
    "min_ver" / Int8ul * "lowest wire version served",
    "max_ver" / Int8ul * "highest wire version served",
    Padding(2),
    "tag" / TAG * "under K_hello once the token was opened, zeros before",
)

RESET = Struct(
    _magic(),
    _type(PacketType.RESET),
    Padding(2),
    "conn_id" / Int32ul * "the unknown connection",
    "seq_echo" / Int32ul * "seq of the datagram that this answers",
    "tag" / TAG * "HMAC(reset_key, conn_id, seq_echo)",
)

# -- frames ------------------------------------------------------------------

SAMPLE = Struct(
    *_position("where the player was"),
    "rotation" / Int32ul * "smallest three: 2 + 3 x 10 bits",
    "input" / Int16ul * "low 6 bits are game state, bits 6 and 7 the teleport counter",
)

RECORD = Struct(
    "slot" / Int8ul * "whose record",
    "age" / Int8ul * "tick time minus sample time, 2 ms units, 255: 510 ms or more",
    *_position("where the player was at tick time minus age"),
    "rotation" / Int32ul * "smallest three: 2 + 3 x 10 bits",
    "state" / Int8ul * "low 8 bits of the sample's input",
)

CORRECTION = Struct(
    *_position("where the server puts the player"),
    "rotation" / Int32ul * "",
    "reason" / Int8ul * "see the table of reasons",
    Padding(2),
)

UPDATE = Struct(
    "sample_seq" / Int32ul * "number of the newest sample, from 1",
    "sample_time" / Int32ul * "newest sample on the server timeline, us",
    "sample_dt" / Int16ul * "spacing of the older samples, 16 us units",
    "interp_delay" / Int16ul * "interpolation delay in use, ms",
    "corr_id" / Int8ul * "last correction applied",
    "count" / Int8ul * "samples that follow, 1 to 8, newest first",
    "samples" / Array(this.count, SAMPLE) * "SAMPLE x count",
)

SNAPSHOT = Struct(
    "server_tick" / Int32ul * "number of the tick",
    "tick_age" / Int16ul * "send_time minus tick time, 16 us units",
    "last_sample_seq" / Int32ul * "newest sample of this client that was accepted",
    "input_margin" / Int16sl * "how early its newest sample came, 64 us units",
    "corr_id" / Int8ul * "correction in force",
    "flags" / Int8ul * "bit 0: CORRECTION follows, bit 1: partial",
    "part" / Int8ul * "high nibble index, low nibble count - 1",
    "count" / Int8ul * "records that follow",
    "correction" / If(this.flags & 1, CORRECTION) * "CORRECTION, if flags bit 0",
    "records" / Array(this.count, RECORD) * "RECORD x count",
)

MESSAGE = Struct(
    "kind" / Int8ul * "see the messages",
    "body" / BYTES16 * "the message, at most 960 bytes",
)

RELIABLE = Struct(
    "first_id" / Int16ul * "id of the first message, 1 to 65535 and then 1 again",
    "count" / Int8ul * "messages that follow, with consecutive ids",
    "messages" / Array(this.count, MESSAGE) * "MESSAGE x count",
)

UNRELIABLE = Struct(
    "peer_slot" / Int8ul * "to server: 0 to 63, 254 host, 255 all; to client: the sender",
    "channel" / Int8ul * "the game's own",
    "payload" / GreedyBytes * "at most 512 bytes",
)

PING = Struct("t0" / Int32ul * "sender's clock, us")

PONG = Struct(
    "t0" / Int32ul * "echo",
    "t1" / Int32ul * "when the PING came, us",
    "t2" / Int32ul * "when this PONG left, us",
)

PATH_CHALLENGE = Struct("nonce" / Bytes(8) * "random")
PATH_RESPONSE = Struct("nonce" / Bytes(8) * "echo")
DISCONNECT = Struct("reason" / Int8ul * "see the table of reasons")
ERROR = Struct(
    "code" / Int16ul * "see the table of codes",
    "detail" / Int16ul * "datagrams or frames since the last ERROR of that code",
)

# -- reliable messages -------------------------------------------------------

_REV = "rev" / Int32ul * "revision of the lobby"
_PLAYER = "player_id" / Int32ul * ""

PLAYER_JOINED = Struct(
    _REV,
    _PLAYER,
    "slot" / Int8ul * "",
    "flags" / Int8ul * "1 dummy, 2 host, 4 spectator, 8 ready, 16 away",
    "team" / Int8ul * "",
    "name" / STR8 * "",
)
PLAYER_LEFT = Struct(_REV, _PLAYER, "slot" / Int8ul * "", "reason" / Int8ul * "see the reasons")
CUSTOM_DOWN = Struct(
    "from_slot" / Int8ul * "", "channel" / Int8ul * "", "payload" / GreedyBytes * ""
)
CUSTOM_UP = Struct(
    "to_slot" / Int8ul * "0 to 63, 254 host, 255 all",
    "channel" / Int8ul * "",
    "payload" / GreedyBytes * "",
)
LOBBY_STATE = Struct(
    _REV,
    "state" / Int8ul * "0 open, 1 locked, 2 countdown, 3 in game, 4 closed",
    "flags" / Int8ul * "0",
    "max_players" / Int8ul * "",
    "host_player_id" / Int32ul * "0 for none",
    "countdown_ms" / Int32ul * "time left, 0 outside countdown",
)
HOST_CHANGED = Struct(_REV, _PLAYER)
RESUME = Struct("token" / BYTES16 * "takes the place of the one in hand")
TELEPORT = Struct(
    "slot" / Int8ul * "",
    *_position("where to"),
    "rotation" / Int32ul * "",
    "corr_id" / Int8ul * "",
)
KICKED = Struct("reason" / Int8ul * "", "text" / STR16 * "")
READY = Struct("ready" / Int8ul * "0 or 1")
AWAY = Struct(_REV, _PLAYER)
BACK = Struct(_REV, _PLAYER)
PLAYER_CHANGED = Struct(
    _REV,
    _PLAYER,
    "flags" / Int8ul * "as in PLAYER_JOINED",
    "team" / Int8ul * "",
    "meta_rev" / Int32ul * "revision of the player's metadata",
)
CHAT_DOWN = Struct(_REV, _PLAYER, "text" / STR16 * "")
CHAT_UP = Struct("text" / STR16 * "")
CLOSED = Struct("reason" / Int8ul * "see the reasons")
DRAIN = Struct("ms" / Int32ul * "until the server stops")
REDIRECT = Struct("address" / STR8 * "host:port, IPv6 in brackets", "token" / BYTES16 * "")
EVENTS_LOST = Struct("count" / Int32ul * "custom messages that are lost")

# -- token -------------------------------------------------------------------

TOKEN = Struct(
    "version" / Const(1, Int8ul) * "1",
    "key_id" / Int8ul * "which server secret sealed it",
    "nonce" / Bytes(12) * "random",
    "sealed" / GreedyBytes * "ChaCha20-Poly1305 of the claims, 16 bytes of tag at the end",
)

CLAIMS = Struct(
    "protocol_id" / Int64ul * "of the lobby",
    "conn_id" / Int32ul * "",
    "session_id" / Int64ul * "",
    "lobby_id" / Int64ul * "",
    "player_id" / Int32ul * "",
    "slot" / Int8ul * "",
    "role" / Int8ul * "0 player, 1 spectator",
    "issued" / Int32ul * "unix seconds",
    "expires" / Int32ul * "unix seconds",
    "server_id" / Int64ul * "who sealed it",
    "session_key" / Bytes(32) * "",
    "resume_gen" / Int32ul * "0 for a join ticket, +1 with each RESUME",
    *_position("last accepted position"),
    "last_tick" / Int32ul * "tick of that position, 0 for none",
    "name" / STR8 * "",
)

# -- whole datagrams ---------------------------------------------------------

PACKETS: dict[PacketType, Struct] = {
    PacketType.HELLO: HELLO,
    PacketType.CHALLENGE: CHALLENGE,
    PacketType.CONNECT: CONNECT,
    PacketType.WELCOME: WELCOME,
    PacketType.DENIED: DENIED,
    PacketType.RESET: RESET,
}

FRAMES: dict[FrameType, Struct] = {
    FrameType.UPDATE: UPDATE,
    FrameType.SNAPSHOT: SNAPSHOT,
    FrameType.RELIABLE: RELIABLE,
    FrameType.UNRELIABLE: UNRELIABLE,
    FrameType.PING: PING,
    FrameType.PONG: PONG,
    FrameType.PATH_CHALLENGE: PATH_CHALLENGE,
    FrameType.PATH_RESPONSE: PATH_RESPONSE,
    FrameType.DISCONNECT: DISCONNECT,
    FrameType.ERROR: ERROR,
}

MESSAGES_DOWN: dict[MessageKind, Struct] = {
    MessageKind.PLAYER_JOINED: PLAYER_JOINED,
    MessageKind.PLAYER_LEFT: PLAYER_LEFT,
    MessageKind.CUSTOM: CUSTOM_DOWN,
    MessageKind.LOBBY_STATE: LOBBY_STATE,
    MessageKind.HOST_CHANGED: HOST_CHANGED,
    MessageKind.RESUME: RESUME,
    MessageKind.TELEPORT: TELEPORT,
    MessageKind.KICKED: KICKED,
    MessageKind.AWAY: AWAY,
    MessageKind.BACK: BACK,
    MessageKind.PLAYER_CHANGED: PLAYER_CHANGED,
    MessageKind.CHAT: CHAT_DOWN,
    MessageKind.CLOSED: CLOSED,
    MessageKind.DRAIN: DRAIN,
    MessageKind.REDIRECT: REDIRECT,
    MessageKind.EVENTS_LOST: EVENTS_LOST,
}

MESSAGES_UP: dict[MessageKind, Struct] = {
    MessageKind.CUSTOM: CUSTOM_UP,
    MessageKind.READY: READY,
    MessageKind.CHAT: CHAT_UP,
}

FRAME = Struct(
    "type" / Int8ul * "see the frames",
    "body" / Prefixed(Int16ul, Switch(this.type, FRAMES, default=GreedyBytes)) * "",
)

FRAME_LIST = GreedyRange(FRAME)
