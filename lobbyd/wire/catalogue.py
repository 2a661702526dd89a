"""The numbers of wire version 1: packet types, frames, message kinds, codes, sizes.

Everything here is part of the protocol. A number that was given out is never
used for something else; new ones are added at the end.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

WIRE_VERSION = 1
MAGIC_VERSION = 0xB0 | WIRE_VERSION
"""First byte of every datagram: high nibble 0xB is lobbyd, low nibble the version."""

MAX_DATAGRAM = 1200
"""Largest UDP payload in bytes, both ways (RFC 9000 section 14)."""
HANDSHAKE_SIZE = 1200
"""HELLO and CONNECT are padded to exactly this, so that no answer amplifies."""
TAG_SIZE = 16
HEADER_SIZE = 24
FRAME_HEADER_SIZE = 3
MIN_DATA = HEADER_SIZE + TAG_SIZE
MAX_TOKEN = 512
MAX_MESSAGE = 960
"""Largest reliable message body in bytes."""
MAX_UNRELIABLE = 512
MAX_SAMPLES = 8
MAX_PLAYERS = 64
WINDOW = 256
"""Replay window, and the most reliable messages in flight."""

NO_SLOT = 255
TO_HOST = 254
TO_ALL = 255

ACK_DELAY_US = 64
ACK_DELAY_UNKNOWN = 0xFFFF
TICK_AGE_US = 16
SAMPLE_DT_US = 16
MARGIN_US = 64
AGE_US = 2000
AGE_STALE = 255

POSITION_STEP = 1 / 512
"""Metres per position unit; exact in binary."""
POSITION_LIMIT = 2**23 - 1


class PacketType(IntEnum):
    """Second byte of a datagram."""

    HELLO = 0x01
    CHALLENGE = 0x02
    CONNECT = 0x03
    WELCOME = 0x04
    DENIED = 0x05
    RESET = 0x0F
    DATA = 0x10


class FrameType(IntEnum):
    """First byte of a frame in a DATA datagram; unknown types are skipped by length."""

    UPDATE = 0x01
    SNAPSHOT = 0x02
    RELIABLE = 0x03
    UNRELIABLE = 0x04
    PING = 0x05
    PONG = 0x06
    PATH_CHALLENGE = 0x07
    PATH_RESPONSE = 0x08
    DISCONNECT = 0x09
    ERROR = 0x0A
    SNAPSHOT_DELTA = 0x0B
    INTEREST = 0x0C


class MessageKind(IntEnum):
    """First byte of a message in a RELIABLE frame."""

    PLAYER_JOINED = 1
    PLAYER_LEFT = 2
    CUSTOM = 3
    LOBBY_STATE = 4
    HOST_CHANGED = 5
    RESUME = 6
    TELEPORT = 7
    KICKED = 8
    READY = 9
    AWAY = 11
    BACK = 12
    PLAYER_CHANGED = 13
    CHAT = 14
    CLOSED = 15
    DRAIN = 16
    REDIRECT = 17
    EVENTS_LOST = 18


class DeniedCode(IntEnum):
    """Why a HELLO or CONNECT was refused."""

    VERSION = 1
    PROTOCOL_ID = 2
    TOKEN_INVALID = 3
    TOKEN_EXPIRED = 4
    LOBBY_GONE = 5
    LOBBY_FULL = 6
    KICKED = 7
    RATE_LIMITED = 8
    SHUTDOWN = 9
    REPLACED = 10
    INTERNAL = 11
    CONN_ID_CLASH = 12
    BANNED = 13


class DisconnectReason(IntEnum):
    """Body of a DISCONNECT frame, both ways."""

    LEFT = 0
    TIMEOUT = 1
    KICKED = 2
    CLOSED = 3
    SHUTDOWN = 4
    REPLACED = 5
    OVERFLOW = 6
    PROTOCOL_ERROR = 7
    SEQUENCE_EXHAUSTED = 8


class ErrorCode(IntEnum):
    """What a client does wrong, in ERROR; its connection goes on."""

    MALFORMED = 1
    OVER_RATE = 2
    UNRELIABLE_LIMIT = 3
    SAMPLE_TIME = 4


class LeftReason(IntEnum):
    """Why a player is gone, in PLAYER_LEFT."""

    LEFT = 0
    TIMEOUT = 1
    KICKED = 2
    CLOSED = 3
    OVERFLOW = 4


class LobbyStateCode(IntEnum):
    """State of a lobby, in LOBBY_STATE; HTTP uses the lower-case name."""

    OPEN = 0
    LOCKED = 1
    COUNTDOWN = 2
    IN_GAME = 3
    CLOSED = 4


class PlayerFlags(IntFlag):
    """Flags of PLAYER_JOINED and PLAYER_CHANGED."""

    NONE = 0
    DUMMY = 1
    HOST = 2
    SPECTATOR = 4
    READY = 8
    AWAY = 16


class WelcomeFlags(IntFlag):
    """Flags of WELCOME."""

    NONE = 0
    RESUMED = 1


class SnapshotFlags(IntFlag):
    """Flags of SNAPSHOT."""

    NONE = 0
    CORRECTION = 1
    PARTIAL = 2


class CorrectionReason(IntEnum):
    """Why the server puts a player somewhere, in CORRECTION."""

    SPEED = 1
    BOUNDS = 2
    TIME = 3
    TELEPORT = 4
    RULE = 5


class RotationMode(IntEnum):
    """How the 32 rotation bits are read."""

    SMALLEST_THREE = 0
    YAW_PITCH = 1
