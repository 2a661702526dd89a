class_name LobbydWire
extends RefCounted
## Constants of the lobbyd wire protocol, version 1.
##
## Made from the server's declarations by [code]python -m lobbyd.wire.publish[/code];
## do not edit. Offsets are in bytes from the start of the packet, frame body or message body.

enum PacketType {
	HELLO = 1,
	CHALLENGE = 2,
	CONNECT = 3,
	WELCOME = 4,
	DENIED = 5,
	RESET = 15,
	DATA = 16,
}

enum FrameType {
	UPDATE = 1,
	SNAPSHOT = 2,
	RELIABLE = 3,
	UNRELIABLE = 4,
	PING = 5,
	PONG = 6,
	PATH_CHALLENGE = 7,
	PATH_RESPONSE = 8,
	DISCONNECT = 9,
	ERROR = 10,
	SNAPSHOT_DELTA = 11,
	INTEREST = 12,
}

enum MessageKind {
	PLAYER_JOINED = 1,
	PLAYER_LEFT = 2,
	CUSTOM = 3,
	LOBBY_STATE = 4,
	HOST_CHANGED = 5,
	RESUME = 6,
	TELEPORT = 7,
	KICKED = 8,
	READY = 9,
	AWAY = 11,
	BACK = 12,
	PLAYER_CHANGED = 13,
	CHAT = 14,
	CLOSED = 15,
	DRAIN = 16,
	REDIRECT = 17,
	EVENTS_LOST = 18,
}

enum DeniedCode {
	VERSION = 1,
	PROTOCOL_ID = 2,
	TOKEN_INVALID = 3,
	TOKEN_EXPIRED = 4,
	LOBBY_GONE = 5,
	LOBBY_FULL = 6,
	KICKED = 7,
	RATE_LIMITED = 8,
	SHUTDOWN = 9,
	REPLACED = 10,
	INTERNAL = 11,
	CONN_ID_CLASH = 12,
	BANNED = 13,
}

enum DisconnectReason {
	LEFT = 0,
	TIMEOUT = 1,
	KICKED = 2,
	CLOSED = 3,
	SHUTDOWN = 4,
	REPLACED = 5,
	OVERFLOW = 6,
	PROTOCOL_ERROR = 7,
	SEQUENCE_EXHAUSTED = 8,
}

enum ErrorCode {
	MALFORMED = 1,
	OVER_RATE = 2,
	UNRELIABLE_LIMIT = 3,
	SAMPLE_TIME = 4,
}

enum LeftReason {
	LEFT = 0,
	TIMEOUT = 1,
	KICKED = 2,
	CLOSED = 3,
	OVERFLOW = 4,
}

enum LobbyStateCode {
	OPEN = 0,
	LOCKED = 1,
	COUNTDOWN = 2,
	IN_GAME = 3,
	CLOSED = 4,
}

enum PlayerFlags {
	DUMMY = 1,
	HOST = 2,
	SPECTATOR = 4,
	READY = 8,
	AWAY = 16,
}

enum WelcomeFlags {
	RESUMED = 1,
}

enum SnapshotFlags {
	CORRECTION = 1,
	PARTIAL = 2,
}

enum CorrectionReason {
	SPEED = 1,
	BOUNDS = 2,
	TIME = 3,
	TELEPORT = 4,
	RULE = 5,
}

enum RotationMode {
	SMALLEST_THREE = 0,
	YAW_PITCH = 1,
}

const WIRE_VERSION: int = 1
const MAGIC_VERSION: int = 177
const MAX_DATAGRAM: int = 1200
const HANDSHAKE_SIZE: int = 1200
const TAG_SIZE: int = 16
const HEADER_SIZE: int = 24
const FRAME_HEADER_SIZE: int = 3
const MIN_DATA: int = 40
const MAX_TOKEN: int = 512
const MAX_MESSAGE: int = 960
const MAX_UNRELIABLE: int = 512
const MAX_SAMPLES: int = 8
const MAX_PLAYERS: int = 64
const WINDOW: int = 256
const NO_SLOT: int = 255
const TO_HOST: int = 254
const TO_ALL: int = 255
const ACK_DELAY_US: int = 64
const ACK_DELAY_UNKNOWN: int = 65535
const TICK_AGE_US: int = 16
const SAMPLE_DT_US: int = 16
const MARGIN_US: int = 64
const AGE_US: int = 2000
const AGE_STALE: int = 255
const POSITION_STEP: float = 0.001953125
const POSITION_LIMIT: int = 8388607
const HELLO_TYPE: int = 1
const HELLO_PROTOCOL_ID: int = 4
const HELLO_CLIENT_NONCE: int = 12
const HELLO_CLIENT_TIME: int = 28
const HELLO_SIZE: int = 1200
const CHALLENGE_TYPE: int = 1
const CHALLENGE_CLIENT_NONCE: int = 4
const CHALLENGE_COOKIE: int = 20
const CHALLENGE_COOKIE_EPOCH: int = 36
const CHALLENGE_CLIENT_TIME: int = 40
const CHALLENGE_SERVER_TIME: int = 44
const CHALLENGE_SIZE: int = 48
const CONNECT_TYPE: int = 1
const CONNECT_TOKEN_LEN: int = 2
const CONNECT_PROTOCOL_ID: int = 4
const CONNECT_CLIENT_NONCE: int = 12
const CONNECT_COOKIE: int = 28
const CONNECT_COOKIE_EPOCH: int = 44
const CONNECT_CONNECT_COUNTER: int = 48
const CONNECT_CLIENT_TIME: int = 52
const CONNECT_TOKEN: int = 56
const CONNECT_TAG: int = 1184
const CONNECT_SIZE: int = 1200
const HEADER_TYPE: int = 1
const HEADER_REL_ACK: int = 2
const HEADER_CONN_ID: int = 4
const HEADER_SEQ: int = 8
const HEADER_ACK: int = 12
const HEADER_ACK_DELAY: int = 14
const HEADER_ACK_BITS: int = 16
const HEADER_SEND_TIME: int = 20
const WELCOME_TYPE: int = 1
const WELCOME_REL_ACK: int = 2
const WELCOME_CONN_ID: int = 4
const WELCOME_SEQ: int = 8
const WELCOME_ACK: int = 12
const WELCOME_ACK_DELAY: int = 14
const WELCOME_ACK_BITS: int = 16
const WELCOME_SEND_TIME: int = 20
const WELCOME_SERVER_NONCE: int = 24
const WELCOME_PLAYER_ID: int = 40
const WELCOME_LOBBY_ID: int = 44
const WELCOME_SERVER_TICK: int = 52
const WELCOME_TICK_TIME: int = 56
const WELCOME_SLOT: int = 60
const WELCOME_MAX_PLAYERS: int = 61
const WELCOME_TICK_HZ: int = 62
const WELCOME_SNAPSHOT_HZ: int = 63
const WELCOME_ROT_MODE: int = 64
const WELCOME_FLAGS: int = 65
const WELCOME_VMAX_CM_S: int = 66
const WELCOME_POS_STEP: int = 68
const WELCOME_ORIGIN_X: int = 72
const WELCOME_ORIGIN_Y: int = 76
const WELCOME_ORIGIN_Z: int = 80
const WELCOME_TIMEOUT_MS: int = 84
const WELCOME_SEAT_HOLD_S: int = 86
const WELCOME_TOKEN_TTL_S: int = 88
const WELCOME_TAG: int = 92
const WELCOME_SIZE: int = 108
const DENIED_TYPE: int = 1
const DENIED_CODE: int = 2
const DENIED_CLIENT_NONCE: int = 4
const DENIED_RETRY_AFTER_MS: int = 20
const DENIED_MIN_VER: int = 24
const DENIED_MAX_VER: int = 25
const DENIED_TAG: int = 28
const DENIED_SIZE: int = 44
const RESET_TYPE: int = 1
const RESET_CONN_ID: int = 4
const RESET_SEQ_ECHO: int = 8
const RESET_TAG: int = 12
const RESET_SIZE: int = 28
const SAMPLE_X: int = 0
const SAMPLE_Y: int = 3
const SAMPLE_Z: int = 6
const SAMPLE_ROTATION: int = 9
const SAMPLE_INPUT: int = 13
const SAMPLE_SIZE: int = 15
const RECORD_SLOT: int = 0
const RECORD_AGE: int = 1
const RECORD_X: int = 2
const RECORD_Y: int = 5
const RECORD_Z: int = 8
const RECORD_ROTATION: int = 11
const RECORD_STATE: int = 15
const RECORD_SIZE: int = 16
const CORRECTION_X: int = 0
const CORRECTION_Y: int = 3
const CORRECTION_Z: int = 6
const CORRECTION_ROTATION: int = 9
const CORRECTION_REASON: int = 13
const CORRECTION_SIZE: int = 16
const UPDATE_SAMPLE_SEQ: int = 0
const UPDATE_SAMPLE_TIME: int = 4
const UPDATE_SAMPLE_DT: int = 8
const UPDATE_INTERP_DELAY: int = 10
const UPDATE_CORR_ID: int = 12
const UPDATE_COUNT: int = 13
const UPDATE_SAMPLES: int = 14
const UPDATE_SIZE: int = 14
const SNAPSHOT_SERVER_TICK: int = 0
const SNAPSHOT_TICK_AGE: int = 4
const SNAPSHOT_LAST_SAMPLE_SEQ: int = 6
const SNAPSHOT_INPUT_MARGIN: int = 10
const SNAPSHOT_CORR_ID: int = 12
const SNAPSHOT_FLAGS: int = 13
const SNAPSHOT_PART: int = 14
const SNAPSHOT_COUNT: int = 15
const SNAPSHOT_CORRECTION: int = 16
const SNAPSHOT_SIZE: int = 16
const RELIABLE_FIRST_ID: int = 0
const RELIABLE_COUNT: int = 2
const RELIABLE_MESSAGES: int = 3
const RELIABLE_SIZE: int = 3
const UNRELIABLE_PEER_SLOT: int = 0
const UNRELIABLE_CHANNEL: int = 1
const UNRELIABLE_PAYLOAD: int = 2
const UNRELIABLE_SIZE: int = 2
const PING_T0: int = 0
const PING_SIZE: int = 4
const PONG_T0: int = 0
const PONG_T1: int = 4
const PONG_T2: int = 8
const PONG_SIZE: int = 12
const PATH_CHALLENGE_NONCE: int = 0
const PATH_CHALLENGE_SIZE: int = 8
const PATH_RESPONSE_NONCE: int = 0
const PATH_RESPONSE_SIZE: int = 8
const DISCONNECT_REASON: int = 0
const DISCONNECT_SIZE: int = 1
const ERROR_CODE: int = 0
const ERROR_DETAIL: int = 2
const ERROR_SIZE: int = 4
const PLAYER_JOINED_REV: int = 0
const PLAYER_JOINED_PLAYER_ID: int = 4
const PLAYER_JOINED_SLOT: int = 8
const PLAYER_JOINED_FLAGS: int = 9
const PLAYER_JOINED_TEAM: int = 10
const PLAYER_JOINED_NAME: int = 11
const PLAYER_JOINED_SIZE: int = 11
const PLAYER_LEFT_REV: int = 0
const PLAYER_LEFT_PLAYER_ID: int = 4
const PLAYER_LEFT_SLOT: int = 8
const PLAYER_LEFT_REASON: int = 9
const PLAYER_LEFT_SIZE: int = 10
const CUSTOM_DOWN_FROM_SLOT: int = 0
const CUSTOM_DOWN_CHANNEL: int = 1
const CUSTOM_DOWN_PAYLOAD: int = 2
const CUSTOM_DOWN_SIZE: int = 2
const CUSTOM_UP_TO_SLOT: int = 0
const CUSTOM_UP_CHANNEL: int = 1
const CUSTOM_UP_PAYLOAD: int = 2
const CUSTOM_UP_SIZE: int = 2
const LOBBY_STATE_REV: int = 0
const LOBBY_STATE_STATE: int = 4
const LOBBY_STATE_FLAGS: int = 5
const LOBBY_STATE_MAX_PLAYERS: int = 6
const LOBBY_STATE_HOST_PLAYER_ID: int = 7
const LOBBY_STATE_COUNTDOWN_MS: int = 11
const LOBBY_STATE_SIZE: int = 15
const HOST_CHANGED_REV: int = 0
const HOST_CHANGED_PLAYER_ID: int = 4
const HOST_CHANGED_SIZE: int = 8
const RESUME_TOKEN: int = 0
const RESUME_SIZE: int = 0
const TELEPORT_SLOT: int = 0
const TELEPORT_X: int = 1
const TELEPORT_Y: int = 4
const TELEPORT_Z: int = 7
const TELEPORT_ROTATION: int = 10
const TELEPORT_CORR_ID: int = 14
const TELEPORT_SIZE: int = 15
const KICKED_REASON: int = 0
const KICKED_TEXT: int = 1
const KICKED_SIZE: int = 1
const READY_READY: int = 0
const READY_SIZE: int = 1
const AWAY_REV: int = 0
const AWAY_PLAYER_ID: int = 4
const AWAY_SIZE: int = 8
const BACK_REV: int = 0
const BACK_PLAYER_ID: int = 4
const BACK_SIZE: int = 8
const PLAYER_CHANGED_REV: int = 0
const PLAYER_CHANGED_PLAYER_ID: int = 4
const PLAYER_CHANGED_FLAGS: int = 8
const PLAYER_CHANGED_TEAM: int = 9
const PLAYER_CHANGED_META_REV: int = 10
const PLAYER_CHANGED_SIZE: int = 14
const CHAT_DOWN_REV: int = 0
const CHAT_DOWN_PLAYER_ID: int = 4
const CHAT_DOWN_TEXT: int = 8
const CHAT_DOWN_SIZE: int = 8
const CHAT_UP_TEXT: int = 0
const CHAT_UP_SIZE: int = 0
const CLOSED_REASON: int = 0
const CLOSED_SIZE: int = 1
const DRAIN_MS: int = 0
const DRAIN_SIZE: int = 4
const REDIRECT_ADDRESS: int = 0
const REDIRECT_SIZE: int = 0
const EVENTS_LOST_COUNT: int = 0
const EVENTS_LOST_SIZE: int = 4
const TOKEN_VERSION: int = 0
const TOKEN_KEY_ID: int = 1
const TOKEN_NONCE: int = 2
const TOKEN_SEALED: int = 14
const TOKEN_SIZE: int = 14
const CLAIMS_PROTOCOL_ID: int = 0
const CLAIMS_CONN_ID: int = 8
const CLAIMS_SESSION_ID: int = 12
const CLAIMS_LOBBY_ID: int = 20
const CLAIMS_PLAYER_ID: int = 28
const CLAIMS_SLOT: int = 32
const CLAIMS_ROLE: int = 33
const CLAIMS_ISSUED: int = 34
const CLAIMS_EXPIRES: int = 38
const CLAIMS_SERVER_ID: int = 42
const CLAIMS_SESSION_KEY: int = 50
const CLAIMS_RESUME_GEN: int = 82
const CLAIMS_X: int = 86
const CLAIMS_Y: int = 89
const CLAIMS_Z: int = 92
const CLAIMS_LAST_TICK: int = 95
const CLAIMS_NAME: int = 99
const CLAIMS_SIZE: int = 99
