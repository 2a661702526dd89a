class_name LobbydWire
extends RefCounted
## Constants of the lobbyd wire protocol, version 1.
##
## Made from the server's declarations by [code]python -m lobbyd.wire.publish[/code];
## do not edit. Offsets are in bytes from the start of the packet, frame body or message body.

## Second byte of a datagram.
enum PacketType {
	## A client asks for a connection.
	HELLO = 1,
	## The server has the client prove its address.
	CHALLENGE = 2,
	## The proof, with the token of the seat.
	CONNECT = 3,
	## The connection stands.
	WELCOME = 4,
	## There is no connection, see [enum DeniedCode].
	DENIED = 5,
	## The server does not know the connection any more.
	RESET = 15,
	## Frames, on a connection that stands.
	DATA = 16,
}

## First byte of a frame in a DATA datagram; unknown types are skipped by length.
enum FrameType {
	## Samples of the own player.
	UPDATE = 1,
	## Where the others are.
	SNAPSHOT = 2,
	## Messages that are repeated until they are acknowledged.
	RELIABLE = 3,
	## A message of the game that may get lost.
	UNRELIABLE = 4,
	## Asks for the time.
	PING = 5,
	## Tells the time.
	PONG = 6,
	## Asks whether a new address is this client's.
	PATH_CHALLENGE = 7,
	## Says that it is.
	PATH_RESPONSE = 8,
	## Ends the connection.
	DISCONNECT = 9,
	## What a client does wrong, see [enum ErrorCode].
	ERROR = 10,
	## Reserved.
	SNAPSHOT_DELTA = 11,
	## Reserved.
	INTEREST = 12,
}

## First byte of a message in a RELIABLE frame.
enum MessageKind {
	## A player has a seat, now or already on arrival.
	PLAYER_JOINED = 1,
	## A player is gone.
	PLAYER_LEFT = 2,
	## A message of the game.
	CUSTOM = 3,
	## State, host and countdown of the lobby.
	LOBBY_STATE = 4,
	## Another player is the host.
	HOST_CHANGED = 5,
	## A newer token for the same seat.
	RESUME = 6,
	## A player was put elsewhere.
	TELEPORT = 7,
	## The host put this player out.
	KICKED = 8,
	## This player is ready, or is not.
	READY = 9,
	## A player is not heard.
	AWAY = 11,
	## It is heard again.
	BACK = 12,
	## Flags, team or metadata of a player changed.
	PLAYER_CHANGED = 13,
	## Somebody said something.
	CHAT = 14,
	## The lobby is over.
	CLOSED = 15,
	## The server is about to end.
	DRAIN = 16,
	## The lobby is at another address now.
	REDIRECT = 17,
	## So many messages were lost with a server.
	EVENTS_LOST = 18,
}

## Why a HELLO or CONNECT was refused.
enum DeniedCode {
	## The server does not speak this version of the wire.
	VERSION = 1,
	## The lobby is another game's, or another version's.
	PROTOCOL_ID = 2,
	## The token is forged, or of another server.
	TOKEN_INVALID = 3,
	## The token is too old.
	TOKEN_EXPIRED = 4,
	## There is no such lobby any more.
	LOBBY_GONE = 5,
	## The seat was given to somebody else.
	LOBBY_FULL = 6,
	## The host put this player out.
	KICKED = 7,
	## Too many attempts: try again later.
	RATE_LIMITED = 8,
	## The server is about to end.
	SHUTDOWN = 9,
	## The seat is in use over a newer connection.
	REPLACED = 10,
	## A mistake in the server.
	INTERNAL = 11,
	## Another connection has this number: ask again with another one.
	CONN_ID_CLASH = 12,
	## The host put this player out for good.
	BANNED = 13,
}

## Body of a DISCONNECT frame, both ways.
enum DisconnectReason {
	## Somebody left.
	LEFT = 0,
	## Nothing was heard for long.
	TIMEOUT = 1,
	## The host put this player out.
	KICKED = 2,
	## The lobby is over.
	CLOSED = 3,
	## The server ends; the seat stays.
	SHUTDOWN = 4,
	## A newer connection took the seat.
	REPLACED = 5,
	## Reliable messages were not acknowledged for too long.
	OVERFLOW = 6,
	## The other side does not keep to the protocol.
	PROTOCOL_ERROR = 7,
	## 2^32 datagrams were sent: connect anew.
	SEQUENCE_EXHAUSTED = 8,
}

## What a client does wrong, in ERROR; its connection goes on.
enum ErrorCode {
	## A frame could not be read.
	MALFORMED = 1,
	## Too many datagrams in a second.
	OVER_RATE = 2,
	## Messages above the lobby's limits.
	UNRELIABLE_LIMIT = 3,
	## Samples from the future: the clock is off.
	SAMPLE_TIME = 4,
}

## Why a player is gone, in PLAYER_LEFT.
enum LeftReason {
	## It left.
	LEFT = 0,
	## It was not heard for so long that its seat was given up.
	TIMEOUT = 1,
	## The host put it out.
	KICKED = 2,
	## The lobby is over.
	CLOSED = 3,
	## It did not acknowledge reliable messages for too long.
	OVERFLOW = 4,
}

## State of a lobby, in LOBBY_STATE; HTTP uses the lower-case name.
enum LobbyStateCode {
	## Players may join.
	OPEN = 0,
	## The host lets nobody in.
	LOCKED = 1,
	## A game is about to start.
	COUNTDOWN = 2,
	## A game is being played.
	IN_GAME = 3,
	## The lobby is over.
	CLOSED = 4,
}

## Flags of PLAYER_JOINED and PLAYER_CHANGED.
enum PlayerFlags {
	## The server moves it.
	DUMMY = 1,
	## It rules the lobby.
	HOST = 2,
	## It watches and has no place.
	SPECTATOR = 4,
	## It is ready to start.
	READY = 8,
	## It is not heard; its seat is held.
	AWAY = 16,
}

## Flags of WELCOME.
enum WelcomeFlags {
	## It is the seat of an earlier connection.
	RESUMED = 1,
}

## Flags of SNAPSHOT.
enum SnapshotFlags {
	## It has a correction of the own player.
	CORRECTION = 1,
	## It is one of several datagrams of this tick.
	PARTIAL = 2,
}

## Why the server puts a player somewhere, in CORRECTION.
enum CorrectionReason {
	## The player was faster than the lobby allows.
	SPEED = 1,
	## It was outside of the lobby's bounds.
	BOUNDS = 2,
	## Its samples tell of more time than has passed.
	TIME = 3,
	## It was put there on purpose.
	TELEPORT = 4,
	## The game's own rule on the server says so.
	RULE = 5,
}

## How the 32 rotation bits are read.
enum RotationMode {
	## Three components of a quaternion.
	SMALLEST_THREE = 0,
	## Two angles.
	YAW_PITCH = 1,
}

## Version of the protocol.
const WIRE_VERSION: int = 1
## First byte of every datagram.
const MAGIC_VERSION: int = 177
## Bytes of the largest datagram.
const MAX_DATAGRAM: int = 1200
## Bytes of HELLO and CONNECT, which are padded.
const HANDSHAKE_SIZE: int = 1200
## Bytes of the tag that ends a datagram.
const TAG_SIZE: int = 16
## Bytes of the head of DATA.
const HEADER_SIZE: int = 24
## Bytes of a frame's type and length.
const FRAME_HEADER_SIZE: int = 3
## Bytes of the shortest DATA.
const MIN_DATA: int = 40
## Most bytes of a token.
const MAX_TOKEN: int = 512
## Most bytes of a reliable message's body.
const MAX_MESSAGE: int = 960
## Most bytes of an unreliable message.
const MAX_UNRELIABLE: int = 512
## Most samples in an UPDATE.
const MAX_SAMPLES: int = 8
## Most players and dummies in a lobby.
const MAX_PLAYERS: int = 64
## Datagrams of the replay window, and most reliable messages under way.
const WINDOW: int = 256
## Slot of a spectator, who has none.
const NO_SLOT: int = 255
## Instead of a slot: to whoever is the host.
const TO_HOST: int = 254
## Instead of a slot: to all others.
const TO_ALL: int = 255
## Unit of ack_delay in HEADER, us.
const ACK_DELAY_US: int = 64
## The ack_delay that says nothing.
const ACK_DELAY_UNKNOWN: int = 65535
## Unit of tick_age in SNAPSHOT, us.
const TICK_AGE_US: int = 16
## Unit of sample_dt in UPDATE, us.
const SAMPLE_DT_US: int = 16
## Unit of input_margin in SNAPSHOT, us.
const MARGIN_US: int = 64
## Unit of a record's age, us.
const AGE_US: int = 2000
## The age of a record that is too old to tell.
const AGE_STALE: int = 255
## Metres of a unit of positions, unless WELCOME says otherwise.
const POSITION_STEP: float = 0.001953125
## Most units from the origin.
const POSITION_LIMIT: int = 8388607
## Where [code]type[/code] begins in HELLO, bytes.
const HELLO_TYPE: int = 1
## Where [code]protocol_id[/code] begins in HELLO, bytes.
const HELLO_PROTOCOL_ID: int = 4
## Where [code]client_nonce[/code] begins in HELLO, bytes.
const HELLO_CLIENT_NONCE: int = 12
## Where [code]client_time[/code] begins in HELLO, bytes.
const HELLO_CLIENT_TIME: int = 28
## Bytes of HELLO, without what has no fixed length.
const HELLO_SIZE: int = 1200
## Where [code]type[/code] begins in CHALLENGE, bytes.
const CHALLENGE_TYPE: int = 1
## Where [code]client_nonce[/code] begins in CHALLENGE, bytes.
const CHALLENGE_CLIENT_NONCE: int = 4
## Where [code]cookie[/code] begins in CHALLENGE, bytes.
const CHALLENGE_COOKIE: int = 20
## Where [code]cookie_epoch[/code] begins in CHALLENGE, bytes.
const CHALLENGE_COOKIE_EPOCH: int = 36
## Where [code]client_time[/code] begins in CHALLENGE, bytes.
const CHALLENGE_CLIENT_TIME: int = 40
## Where [code]server_time[/code] begins in CHALLENGE, bytes.
const CHALLENGE_SERVER_TIME: int = 44
## Bytes of CHALLENGE, without what has no fixed length.
const CHALLENGE_SIZE: int = 48
## Where [code]type[/code] begins in CONNECT, bytes.
const CONNECT_TYPE: int = 1
## Where [code]token_len[/code] begins in CONNECT, bytes.
const CONNECT_TOKEN_LEN: int = 2
## Where [code]protocol_id[/code] begins in CONNECT, bytes.
const CONNECT_PROTOCOL_ID: int = 4
## Where [code]client_nonce[/code] begins in CONNECT, bytes.
const CONNECT_CLIENT_NONCE: int = 12
## Where [code]cookie[/code] begins in CONNECT, bytes.
const CONNECT_COOKIE: int = 28
## Where [code]cookie_epoch[/code] begins in CONNECT, bytes.
const CONNECT_COOKIE_EPOCH: int = 44
## Where [code]connect_counter[/code] begins in CONNECT, bytes.
const CONNECT_CONNECT_COUNTER: int = 48
## Where [code]client_time[/code] begins in CONNECT, bytes.
const CONNECT_CLIENT_TIME: int = 52
## Where [code]token[/code] begins in CONNECT, bytes.
const CONNECT_TOKEN: int = 56
## Where [code]tag[/code] begins in CONNECT, bytes.
const CONNECT_TAG: int = 1184
## Bytes of CONNECT, without what has no fixed length.
const CONNECT_SIZE: int = 1200
## Where [code]type[/code] begins in HEADER, bytes.
const HEADER_TYPE: int = 1
## Where [code]rel_ack[/code] begins in HEADER, bytes.
const HEADER_REL_ACK: int = 2
## Where [code]conn_id[/code] begins in HEADER, bytes.
const HEADER_CONN_ID: int = 4
## Where [code]seq[/code] begins in HEADER, bytes.
const HEADER_SEQ: int = 8
## Where [code]ack[/code] begins in HEADER, bytes.
const HEADER_ACK: int = 12
## Where [code]ack_delay[/code] begins in HEADER, bytes.
const HEADER_ACK_DELAY: int = 14
## Where [code]ack_bits[/code] begins in HEADER, bytes.
const HEADER_ACK_BITS: int = 16
## Where [code]send_time[/code] begins in HEADER, bytes.
const HEADER_SEND_TIME: int = 20
## Where [code]type[/code] begins in WELCOME, bytes.
const WELCOME_TYPE: int = 1
## Where [code]rel_ack[/code] begins in WELCOME, bytes.
const WELCOME_REL_ACK: int = 2
## Where [code]conn_id[/code] begins in WELCOME, bytes.
const WELCOME_CONN_ID: int = 4
## Where [code]seq[/code] begins in WELCOME, bytes.
const WELCOME_SEQ: int = 8
## Where [code]ack[/code] begins in WELCOME, bytes.
const WELCOME_ACK: int = 12
## Where [code]ack_delay[/code] begins in WELCOME, bytes.
const WELCOME_ACK_DELAY: int = 14
## Where [code]ack_bits[/code] begins in WELCOME, bytes.
const WELCOME_ACK_BITS: int = 16
## Where [code]send_time[/code] begins in WELCOME, bytes.
const WELCOME_SEND_TIME: int = 20
## Where [code]server_nonce[/code] begins in WELCOME, bytes.
const WELCOME_SERVER_NONCE: int = 24
## Where [code]player_id[/code] begins in WELCOME, bytes.
const WELCOME_PLAYER_ID: int = 40
## Where [code]lobby_id[/code] begins in WELCOME, bytes.
const WELCOME_LOBBY_ID: int = 44
## Where [code]server_tick[/code] begins in WELCOME, bytes.
const WELCOME_SERVER_TICK: int = 52
## Where [code]tick_time[/code] begins in WELCOME, bytes.
const WELCOME_TICK_TIME: int = 56
## Where [code]slot[/code] begins in WELCOME, bytes.
const WELCOME_SLOT: int = 60
## Where [code]max_players[/code] begins in WELCOME, bytes.
const WELCOME_MAX_PLAYERS: int = 61
## Where [code]tick_hz[/code] begins in WELCOME, bytes.
const WELCOME_TICK_HZ: int = 62
## Where [code]snapshot_hz[/code] begins in WELCOME, bytes.
const WELCOME_SNAPSHOT_HZ: int = 63
## Where [code]rot_mode[/code] begins in WELCOME, bytes.
const WELCOME_ROT_MODE: int = 64
## Where [code]flags[/code] begins in WELCOME, bytes.
const WELCOME_FLAGS: int = 65
## Where [code]vmax_cm_s[/code] begins in WELCOME, bytes.
const WELCOME_VMAX_CM_S: int = 66
## Where [code]pos_step[/code] begins in WELCOME, bytes.
const WELCOME_POS_STEP: int = 68
## Where [code]origin_x[/code] begins in WELCOME, bytes.
const WELCOME_ORIGIN_X: int = 72
## Where [code]origin_y[/code] begins in WELCOME, bytes.
const WELCOME_ORIGIN_Y: int = 76
## Where [code]origin_z[/code] begins in WELCOME, bytes.
const WELCOME_ORIGIN_Z: int = 80
## Where [code]timeout_ms[/code] begins in WELCOME, bytes.
const WELCOME_TIMEOUT_MS: int = 84
## Where [code]seat_hold_s[/code] begins in WELCOME, bytes.
const WELCOME_SEAT_HOLD_S: int = 86
## Where [code]token_ttl_s[/code] begins in WELCOME, bytes.
const WELCOME_TOKEN_TTL_S: int = 88
## Where [code]tag[/code] begins in WELCOME, bytes.
const WELCOME_TAG: int = 92
## Bytes of WELCOME, without what has no fixed length.
const WELCOME_SIZE: int = 108
## Where [code]type[/code] begins in DENIED, bytes.
const DENIED_TYPE: int = 1
## Where [code]code[/code] begins in DENIED, bytes.
const DENIED_CODE: int = 2
## Where [code]client_nonce[/code] begins in DENIED, bytes.
const DENIED_CLIENT_NONCE: int = 4
## Where [code]retry_after_ms[/code] begins in DENIED, bytes.
const DENIED_RETRY_AFTER_MS: int = 20
## Where [code]min_ver[/code] begins in DENIED, bytes.
const DENIED_MIN_VER: int = 24
## Where [code]max_ver[/code] begins in DENIED, bytes.
const DENIED_MAX_VER: int = 25
## Where [code]tag[/code] begins in DENIED, bytes.
const DENIED_TAG: int = 28
## Bytes of DENIED, without what has no fixed length.
const DENIED_SIZE: int = 44
## Where [code]type[/code] begins in RESET, bytes.
const RESET_TYPE: int = 1
## Where [code]conn_id[/code] begins in RESET, bytes.
const RESET_CONN_ID: int = 4
## Where [code]seq_echo[/code] begins in RESET, bytes.
const RESET_SEQ_ECHO: int = 8
## Where [code]tag[/code] begins in RESET, bytes.
const RESET_TAG: int = 12
## Bytes of RESET, without what has no fixed length.
const RESET_SIZE: int = 28
## Where [code]x[/code] begins in SAMPLE, bytes.
const SAMPLE_X: int = 0
## Where [code]y[/code] begins in SAMPLE, bytes.
const SAMPLE_Y: int = 3
## Where [code]z[/code] begins in SAMPLE, bytes.
const SAMPLE_Z: int = 6
## Where [code]rotation[/code] begins in SAMPLE, bytes.
const SAMPLE_ROTATION: int = 9
## Where [code]input[/code] begins in SAMPLE, bytes.
const SAMPLE_INPUT: int = 13
## Bytes of SAMPLE, without what has no fixed length.
const SAMPLE_SIZE: int = 15
## Where [code]slot[/code] begins in RECORD, bytes.
const RECORD_SLOT: int = 0
## Where [code]age[/code] begins in RECORD, bytes.
const RECORD_AGE: int = 1
## Where [code]x[/code] begins in RECORD, bytes.
const RECORD_X: int = 2
## Where [code]y[/code] begins in RECORD, bytes.
const RECORD_Y: int = 5
## Where [code]z[/code] begins in RECORD, bytes.
const RECORD_Z: int = 8
## Where [code]rotation[/code] begins in RECORD, bytes.
const RECORD_ROTATION: int = 11
## Where [code]state[/code] begins in RECORD, bytes.
const RECORD_STATE: int = 15
## Bytes of RECORD, without what has no fixed length.
const RECORD_SIZE: int = 16
## Where [code]x[/code] begins in CORRECTION, bytes.
const CORRECTION_X: int = 0
## Where [code]y[/code] begins in CORRECTION, bytes.
const CORRECTION_Y: int = 3
## Where [code]z[/code] begins in CORRECTION, bytes.
const CORRECTION_Z: int = 6
## Where [code]rotation[/code] begins in CORRECTION, bytes.
const CORRECTION_ROTATION: int = 9
## Where [code]reason[/code] begins in CORRECTION, bytes.
const CORRECTION_REASON: int = 13
## Bytes of CORRECTION, without what has no fixed length.
const CORRECTION_SIZE: int = 16
## Where [code]sample_seq[/code] begins in UPDATE, bytes.
const UPDATE_SAMPLE_SEQ: int = 0
## Where [code]sample_time[/code] begins in UPDATE, bytes.
const UPDATE_SAMPLE_TIME: int = 4
## Where [code]sample_dt[/code] begins in UPDATE, bytes.
const UPDATE_SAMPLE_DT: int = 8
## Where [code]interp_delay[/code] begins in UPDATE, bytes.
const UPDATE_INTERP_DELAY: int = 10
## Where [code]corr_id[/code] begins in UPDATE, bytes.
const UPDATE_CORR_ID: int = 12
## Where [code]count[/code] begins in UPDATE, bytes.
const UPDATE_COUNT: int = 13
## Where [code]samples[/code] begins in UPDATE, bytes.
const UPDATE_SAMPLES: int = 14
## Bytes of UPDATE, without what has no fixed length.
const UPDATE_SIZE: int = 14
## Where [code]server_tick[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_SERVER_TICK: int = 0
## Where [code]tick_age[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_TICK_AGE: int = 4
## Where [code]last_sample_seq[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_LAST_SAMPLE_SEQ: int = 6
## Where [code]input_margin[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_INPUT_MARGIN: int = 10
## Where [code]corr_id[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_CORR_ID: int = 12
## Where [code]flags[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_FLAGS: int = 13
## Where [code]part[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_PART: int = 14
## Where [code]count[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_COUNT: int = 15
## Where [code]correction[/code] begins in SNAPSHOT, bytes.
const SNAPSHOT_CORRECTION: int = 16
## Bytes of SNAPSHOT, without what has no fixed length.
const SNAPSHOT_SIZE: int = 16
## Where [code]first_id[/code] begins in RELIABLE, bytes.
const RELIABLE_FIRST_ID: int = 0
## Where [code]count[/code] begins in RELIABLE, bytes.
const RELIABLE_COUNT: int = 2
## Where [code]messages[/code] begins in RELIABLE, bytes.
const RELIABLE_MESSAGES: int = 3
## Bytes of RELIABLE, without what has no fixed length.
const RELIABLE_SIZE: int = 3
## Where [code]peer_slot[/code] begins in UNRELIABLE, bytes.
const UNRELIABLE_PEER_SLOT: int = 0
## Where [code]channel[/code] begins in UNRELIABLE, bytes.
const UNRELIABLE_CHANNEL: int = 1
## Where [code]payload[/code] begins in UNRELIABLE, bytes.
const UNRELIABLE_PAYLOAD: int = 2
## Bytes of UNRELIABLE, without what has no fixed length.
const UNRELIABLE_SIZE: int = 2
## Where [code]t0[/code] begins in PING, bytes.
const PING_T0: int = 0
## Bytes of PING, without what has no fixed length.
const PING_SIZE: int = 4
## Where [code]t0[/code] begins in PONG, bytes.
const PONG_T0: int = 0
## Where [code]t1[/code] begins in PONG, bytes.
const PONG_T1: int = 4
## Where [code]t2[/code] begins in PONG, bytes.
const PONG_T2: int = 8
## Bytes of PONG, without what has no fixed length.
const PONG_SIZE: int = 12
## Where [code]nonce[/code] begins in PATH_CHALLENGE, bytes.
const PATH_CHALLENGE_NONCE: int = 0
## Bytes of PATH_CHALLENGE, without what has no fixed length.
const PATH_CHALLENGE_SIZE: int = 8
## Where [code]nonce[/code] begins in PATH_RESPONSE, bytes.
const PATH_RESPONSE_NONCE: int = 0
## Bytes of PATH_RESPONSE, without what has no fixed length.
const PATH_RESPONSE_SIZE: int = 8
## Where [code]reason[/code] begins in DISCONNECT, bytes.
const DISCONNECT_REASON: int = 0
## Bytes of DISCONNECT, without what has no fixed length.
const DISCONNECT_SIZE: int = 1
## Where [code]code[/code] begins in ERROR, bytes.
const ERROR_CODE: int = 0
## Where [code]detail[/code] begins in ERROR, bytes.
const ERROR_DETAIL: int = 2
## Bytes of ERROR, without what has no fixed length.
const ERROR_SIZE: int = 4
## Where [code]rev[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_REV: int = 0
## Where [code]player_id[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_PLAYER_ID: int = 4
## Where [code]slot[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_SLOT: int = 8
## Where [code]flags[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_FLAGS: int = 9
## Where [code]team[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_TEAM: int = 10
## Where [code]name[/code] begins in PLAYER_JOINED, bytes.
const PLAYER_JOINED_NAME: int = 11
## Bytes of PLAYER_JOINED, without what has no fixed length.
const PLAYER_JOINED_SIZE: int = 11
## Where [code]rev[/code] begins in PLAYER_LEFT, bytes.
const PLAYER_LEFT_REV: int = 0
## Where [code]player_id[/code] begins in PLAYER_LEFT, bytes.
const PLAYER_LEFT_PLAYER_ID: int = 4
## Where [code]slot[/code] begins in PLAYER_LEFT, bytes.
const PLAYER_LEFT_SLOT: int = 8
## Where [code]reason[/code] begins in PLAYER_LEFT, bytes.
const PLAYER_LEFT_REASON: int = 9
## Bytes of PLAYER_LEFT, without what has no fixed length.
const PLAYER_LEFT_SIZE: int = 10
## Where [code]from_slot[/code] begins in CUSTOM_DOWN, bytes.
const CUSTOM_DOWN_FROM_SLOT: int = 0
## Where [code]channel[/code] begins in CUSTOM_DOWN, bytes.
const CUSTOM_DOWN_CHANNEL: int = 1
## Where [code]payload[/code] begins in CUSTOM_DOWN, bytes.
const CUSTOM_DOWN_PAYLOAD: int = 2
## Bytes of CUSTOM_DOWN, without what has no fixed length.
const CUSTOM_DOWN_SIZE: int = 2
## Where [code]to_slot[/code] begins in CUSTOM_UP, bytes.
const CUSTOM_UP_TO_SLOT: int = 0
## Where [code]channel[/code] begins in CUSTOM_UP, bytes.
const CUSTOM_UP_CHANNEL: int = 1
## Where [code]payload[/code] begins in CUSTOM_UP, bytes.
const CUSTOM_UP_PAYLOAD: int = 2
## Bytes of CUSTOM_UP, without what has no fixed length.
const CUSTOM_UP_SIZE: int = 2
## Where [code]rev[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_REV: int = 0
## Where [code]state[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_STATE: int = 4
## Where [code]flags[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_FLAGS: int = 5
## Where [code]max_players[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_MAX_PLAYERS: int = 6
## Where [code]host_player_id[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_HOST_PLAYER_ID: int = 7
## Where [code]countdown_ms[/code] begins in LOBBY_STATE, bytes.
const LOBBY_STATE_COUNTDOWN_MS: int = 11
## Bytes of LOBBY_STATE, without what has no fixed length.
const LOBBY_STATE_SIZE: int = 15
## Where [code]rev[/code] begins in HOST_CHANGED, bytes.
const HOST_CHANGED_REV: int = 0
## Where [code]player_id[/code] begins in HOST_CHANGED, bytes.
const HOST_CHANGED_PLAYER_ID: int = 4
## Bytes of HOST_CHANGED, without what has no fixed length.
const HOST_CHANGED_SIZE: int = 8
## Where [code]token[/code] begins in RESUME, bytes.
const RESUME_TOKEN: int = 0
## Bytes of RESUME, without what has no fixed length.
const RESUME_SIZE: int = 0
## Where [code]slot[/code] begins in TELEPORT, bytes.
const TELEPORT_SLOT: int = 0
## Where [code]x[/code] begins in TELEPORT, bytes.
const TELEPORT_X: int = 1
## Where [code]y[/code] begins in TELEPORT, bytes.
const TELEPORT_Y: int = 4
## Where [code]z[/code] begins in TELEPORT, bytes.
const TELEPORT_Z: int = 7
## Where [code]rotation[/code] begins in TELEPORT, bytes.
const TELEPORT_ROTATION: int = 10
## Where [code]corr_id[/code] begins in TELEPORT, bytes.
const TELEPORT_CORR_ID: int = 14
## Bytes of TELEPORT, without what has no fixed length.
const TELEPORT_SIZE: int = 15
## Where [code]reason[/code] begins in KICKED, bytes.
const KICKED_REASON: int = 0
## Where [code]text[/code] begins in KICKED, bytes.
const KICKED_TEXT: int = 1
## Bytes of KICKED, without what has no fixed length.
const KICKED_SIZE: int = 1
## Where [code]ready[/code] begins in READY, bytes.
const READY_READY: int = 0
## Bytes of READY, without what has no fixed length.
const READY_SIZE: int = 1
## Where [code]rev[/code] begins in AWAY, bytes.
const AWAY_REV: int = 0
## Where [code]player_id[/code] begins in AWAY, bytes.
const AWAY_PLAYER_ID: int = 4
## Bytes of AWAY, without what has no fixed length.
const AWAY_SIZE: int = 8
## Where [code]rev[/code] begins in BACK, bytes.
const BACK_REV: int = 0
## Where [code]player_id[/code] begins in BACK, bytes.
const BACK_PLAYER_ID: int = 4
## Bytes of BACK, without what has no fixed length.
const BACK_SIZE: int = 8
## Where [code]rev[/code] begins in PLAYER_CHANGED, bytes.
const PLAYER_CHANGED_REV: int = 0
## Where [code]player_id[/code] begins in PLAYER_CHANGED, bytes.
const PLAYER_CHANGED_PLAYER_ID: int = 4
## Where [code]flags[/code] begins in PLAYER_CHANGED, bytes.
const PLAYER_CHANGED_FLAGS: int = 8
## Where [code]team[/code] begins in PLAYER_CHANGED, bytes.
const PLAYER_CHANGED_TEAM: int = 9
## Where [code]meta_rev[/code] begins in PLAYER_CHANGED, bytes.
const PLAYER_CHANGED_META_REV: int = 10
## Bytes of PLAYER_CHANGED, without what has no fixed length.
const PLAYER_CHANGED_SIZE: int = 14
## Where [code]rev[/code] begins in CHAT_DOWN, bytes.
const CHAT_DOWN_REV: int = 0
## Where [code]player_id[/code] begins in CHAT_DOWN, bytes.
const CHAT_DOWN_PLAYER_ID: int = 4
## Where [code]text[/code] begins in CHAT_DOWN, bytes.
const CHAT_DOWN_TEXT: int = 8
## Bytes of CHAT_DOWN, without what has no fixed length.
const CHAT_DOWN_SIZE: int = 8
## Where [code]text[/code] begins in CHAT_UP, bytes.
const CHAT_UP_TEXT: int = 0
## Bytes of CHAT_UP, without what has no fixed length.
const CHAT_UP_SIZE: int = 0
## Where [code]reason[/code] begins in CLOSED, bytes.
const CLOSED_REASON: int = 0
## Bytes of CLOSED, without what has no fixed length.
const CLOSED_SIZE: int = 1
## Where [code]ms[/code] begins in DRAIN, bytes.
const DRAIN_MS: int = 0
## Bytes of DRAIN, without what has no fixed length.
const DRAIN_SIZE: int = 4
## Where [code]address[/code] begins in REDIRECT, bytes.
const REDIRECT_ADDRESS: int = 0
## Bytes of REDIRECT, without what has no fixed length.
const REDIRECT_SIZE: int = 0
## Where [code]count[/code] begins in EVENTS_LOST, bytes.
const EVENTS_LOST_COUNT: int = 0
## Bytes of EVENTS_LOST, without what has no fixed length.
const EVENTS_LOST_SIZE: int = 4
## Where [code]version[/code] begins in TOKEN, bytes.
const TOKEN_VERSION: int = 0
## Where [code]key_id[/code] begins in TOKEN, bytes.
const TOKEN_KEY_ID: int = 1
## Where [code]nonce[/code] begins in TOKEN, bytes.
const TOKEN_NONCE: int = 2
## Where [code]sealed[/code] begins in TOKEN, bytes.
const TOKEN_SEALED: int = 14
## Bytes of TOKEN, without what has no fixed length.
const TOKEN_SIZE: int = 14
## Where [code]protocol_id[/code] begins in CLAIMS, bytes.
const CLAIMS_PROTOCOL_ID: int = 0
## Where [code]conn_id[/code] begins in CLAIMS, bytes.
const CLAIMS_CONN_ID: int = 8
## Where [code]session_id[/code] begins in CLAIMS, bytes.
const CLAIMS_SESSION_ID: int = 12
## Where [code]lobby_id[/code] begins in CLAIMS, bytes.
const CLAIMS_LOBBY_ID: int = 20
## Where [code]player_id[/code] begins in CLAIMS, bytes.
const CLAIMS_PLAYER_ID: int = 28
## Where [code]slot[/code] begins in CLAIMS, bytes.
const CLAIMS_SLOT: int = 32
## Where [code]role[/code] begins in CLAIMS, bytes.
const CLAIMS_ROLE: int = 33
## Where [code]issued[/code] begins in CLAIMS, bytes.
const CLAIMS_ISSUED: int = 34
## Where [code]expires[/code] begins in CLAIMS, bytes.
const CLAIMS_EXPIRES: int = 38
## Where [code]server_id[/code] begins in CLAIMS, bytes.
const CLAIMS_SERVER_ID: int = 42
## Where [code]session_key[/code] begins in CLAIMS, bytes.
const CLAIMS_SESSION_KEY: int = 50
## Where [code]resume_gen[/code] begins in CLAIMS, bytes.
const CLAIMS_RESUME_GEN: int = 82
## Where [code]x[/code] begins in CLAIMS, bytes.
const CLAIMS_X: int = 86
## Where [code]y[/code] begins in CLAIMS, bytes.
const CLAIMS_Y: int = 89
## Where [code]z[/code] begins in CLAIMS, bytes.
const CLAIMS_Z: int = 92
## Where [code]last_tick[/code] begins in CLAIMS, bytes.
const CLAIMS_LAST_TICK: int = 95
## Where [code]name[/code] begins in CLAIMS, bytes.
const CLAIMS_NAME: int = 99
## Bytes of CLAIMS, without what has no fixed length.
const CLAIMS_SIZE: int = 99
