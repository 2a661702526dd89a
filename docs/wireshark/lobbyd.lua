-- Wireshark dissector of the lobbyd wire protocol, version 1.
-- Made from the server's declarations by "python -m lobbyd.wire.publish"; do not edit.
-- docs/wireshark.md says how to install it.

local MAGIC_VERSION = 177
local PORT = 9000
local TAG_SIZE = 16
local MIN_DATA = 40
local MAX_DATAGRAM = 1200
local MAX_MESSAGE = 960

local F = {}
F["to_server"] = ProtoField.bool("lobbyd.to_server", "to_server", base.NONE)
F["frame"] = ProtoField.none("lobbyd.frame", "frame")
F["frame.type"] = ProtoField.uint8("lobbyd.frame.type", "type", base.DEC, { [1] = "UPDATE", [2] = "SNAPSHOT", [3] = "RELIABLE", [4] = "UNRELIABLE", [5] = "PING", [6] = "PONG", [7] = "PATH_CHALLENGE", [8] = "PATH_RESPONSE", [9] = "DISCONNECT", [10] = "ERROR", [11] = "SNAPSHOT_DELTA", [12] = "INTEREST" }, nil, "of the frame")
F["frame.length"] = ProtoField.uint16("lobbyd.frame.length", "length", base.DEC, nil, nil, "bytes of the frame's body")
F["message"] = ProtoField.none("lobbyd.message", "message")
F["message.id"] = ProtoField.uint16("lobbyd.message.id", "id", base.DEC, nil, nil, "reliable id")
F["message.kind"] = ProtoField.uint8("lobbyd.message.kind", "kind", base.DEC, { [1] = "PLAYER_JOINED", [2] = "PLAYER_LEFT", [3] = "CUSTOM", [4] = "LOBBY_STATE", [5] = "HOST_CHANGED", [6] = "RESUME", [7] = "TELEPORT", [8] = "KICKED", [9] = "READY", [11] = "AWAY", [12] = "BACK", [13] = "PLAYER_CHANGED", [14] = "CHAT", [15] = "CLOSED", [16] = "DRAIN", [17] = "REDIRECT", [18] = "EVENTS_LOST" }, nil, "of the message")
F["message.length"] = ProtoField.uint16("lobbyd.message.length", "length", base.DEC, nil, nil, "bytes of the message's body")
F["magic_version"] = ProtoField.uint8("lobbyd.magic_version", "magic_version", base.HEX, nil, nil)
F["type"] = ProtoField.uint8("lobbyd.type", "type", base.DEC, { [1] = "HELLO", [2] = "CHALLENGE", [3] = "CONNECT", [4] = "WELCOME", [5] = "DENIED", [15] = "RESET", [16] = "DATA" }, nil)
F["padding"] = ProtoField.bytes("lobbyd.padding", "padding", base.NONE)
F["hello.protocol_id"] = ProtoField.uint64("lobbyd.hello.protocol_id", "protocol_id", base.HEX, nil, nil, "what the client speaks; not checked here, the token decides")
F["hello.client_nonce"] = ProtoField.bytes("lobbyd.hello.client_nonce", "client_nonce", base.NONE, "fresh random bytes for each connection attempt")
F["hello.client_time"] = ProtoField.uint32("lobbyd.hello.client_time", "client_time", base.DEC, nil, nil, "client clock, us")
F["challenge.client_nonce"] = ProtoField.bytes("lobbyd.challenge.client_nonce", "client_nonce", base.NONE, "echo")
F["challenge.cookie"] = ProtoField.bytes("lobbyd.challenge.cookie", "cookie", base.NONE, "HMAC over epoch, address, port and client_nonce")
F["challenge.cookie_epoch"] = ProtoField.uint32("lobbyd.challenge.cookie_epoch", "cookie_epoch", base.DEC, nil, nil, "server time divided by 8 s")
F["challenge.client_time"] = ProtoField.uint32("lobbyd.challenge.client_time", "client_time", base.DEC, nil, nil, "echo")
F["challenge.server_time"] = ProtoField.uint32("lobbyd.challenge.server_time", "server_time", base.DEC, nil, nil, "server timeline, us")
F["connect.token_len"] = ProtoField.uint16("lobbyd.connect.token_len", "token_len", base.DEC, nil, nil, "bytes of the token, at most 512")
F["connect.protocol_id"] = ProtoField.uint64("lobbyd.connect.protocol_id", "protocol_id", base.HEX, nil, nil, "must equal the one sealed in the token")
F["connect.client_nonce"] = ProtoField.bytes("lobbyd.connect.client_nonce", "client_nonce", base.NONE, "as in HELLO")
F["connect.cookie"] = ProtoField.bytes("lobbyd.connect.cookie", "cookie", base.NONE, "from CHALLENGE")
F["connect.cookie_epoch"] = ProtoField.uint32("lobbyd.connect.cookie_epoch", "cookie_epoch", base.DEC, nil, nil, "from CHALLENGE")
F["connect.connect_counter"] = ProtoField.uint32("lobbyd.connect.connect_counter", "connect_counter", base.DEC, nil, nil, "max(unix seconds, last + 1); must grow with each new connection")
F["connect.client_time"] = ProtoField.uint32("lobbyd.connect.client_time", "client_time", base.DEC, nil, nil, "client clock, us")
F["connect.token"] = ProtoField.bytes("lobbyd.connect.token", "token", base.NONE, "the sealed token, then zeros")
F["tag"] = ProtoField.bytes("lobbyd.tag", "tag", base.NONE)
F["rel_ack"] = ProtoField.uint16("lobbyd.rel_ack", "rel_ack", base.DEC, nil, nil, "highest reliable id received in order, 0 for none")
F["conn_id"] = ProtoField.uint32("lobbyd.conn_id", "conn_id", base.DEC, nil, nil, "routing only, carries no authority")
F["seq"] = ProtoField.uint32("lobbyd.seq", "seq", base.DEC, nil, nil, "per direction from 1, +1 for each datagram, never reused")
F["ack"] = ProtoField.uint16("lobbyd.ack", "ack", base.DEC, nil, nil, "low 16 bits of the highest seq received, 0 for none")
F["ack_delay"] = ProtoField.uint16("lobbyd.ack_delay", "ack_delay", base.DEC, nil, nil, "from receiving ack to sending this, 64 us units, 65535 unknown")
F["ack_bits"] = ProtoField.uint32("lobbyd.ack_bits", "ack_bits", base.HEX, nil, nil, "bit n set: ack - n - 1 was received")
F["send_time"] = ProtoField.uint32("lobbyd.send_time", "send_time", base.DEC, nil, nil, "sender's clock, us (server: its timeline)")
F["welcome.server_nonce"] = ProtoField.bytes("lobbyd.welcome.server_nonce", "server_nonce", base.NONE, "server's half of the connection's keys")
F["welcome.player_id"] = ProtoField.uint32("lobbyd.welcome.player_id", "player_id", base.DEC, nil, nil, "unique while the lobby lives")
F["welcome.lobby_id"] = ProtoField.uint64("lobbyd.welcome.lobby_id", "lobby_id", base.HEX, nil, nil)
F["welcome.server_tick"] = ProtoField.uint32("lobbyd.welcome.server_tick", "server_tick", base.DEC, nil, nil, "number of the newest tick")
F["welcome.tick_time"] = ProtoField.uint32("lobbyd.welcome.tick_time", "tick_time", base.DEC, nil, nil, "server timeline of that tick, us")
F["welcome.slot"] = ProtoField.uint8("lobbyd.welcome.slot", "slot", base.DEC, nil, nil, "0 to 63, 255 for a spectator")
F["welcome.max_players"] = ProtoField.uint8("lobbyd.welcome.max_players", "max_players", base.DEC, nil, nil, "slots of the lobby")
F["welcome.tick_hz"] = ProtoField.uint8("lobbyd.welcome.tick_hz", "tick_hz", base.DEC, nil, nil, "ticks a second")
F["welcome.snapshot_hz"] = ProtoField.uint8("lobbyd.welcome.snapshot_hz", "snapshot_hz", base.DEC, nil, nil, "snapshots a second")
F["welcome.rot_mode"] = ProtoField.uint8("lobbyd.welcome.rot_mode", "rot_mode", base.DEC, { [0] = "SMALLEST_THREE", [1] = "YAW_PITCH" }, nil, "0 smallest three, 1 yaw and pitch")
F["welcome.flags"] = ProtoField.uint8("lobbyd.welcome.flags", "flags", base.HEX, nil, nil, "bit 0: the seat was taken up again")
F["welcome.flags.resumed"] = ProtoField.bool("lobbyd.welcome.flags.resumed", "resumed", 8, nil, 1)
F["welcome.vmax_cm_s"] = ProtoField.uint16("lobbyd.welcome.vmax_cm_s", "vmax_cm_s", base.DEC, nil, nil, "speed limit in cm/s, 0 for none")
F["welcome.pos_step"] = ProtoField.float("lobbyd.welcome.pos_step", "pos_step")
F["welcome.origin_x"] = ProtoField.float("lobbyd.welcome.origin_x", "origin_x")
F["welcome.origin_y"] = ProtoField.float("lobbyd.welcome.origin_y", "origin_y")
F["welcome.origin_z"] = ProtoField.float("lobbyd.welcome.origin_z", "origin_z")
F["welcome.timeout_ms"] = ProtoField.uint16("lobbyd.welcome.timeout_ms", "timeout_ms", base.DEC, nil, nil, "silence after which the server calls the player away")
F["welcome.seat_hold_s"] = ProtoField.uint16("lobbyd.welcome.seat_hold_s", "seat_hold_s", base.DEC, nil, nil, "how long an away player's seat is kept")
F["welcome.token_ttl_s"] = ProtoField.uint32("lobbyd.welcome.token_ttl_s", "token_ttl_s", base.DEC, nil, nil, "life of a token that comes by RESUME")
F["denied.code"] = ProtoField.uint16("lobbyd.denied.code", "code", base.DEC, { [1] = "VERSION", [2] = "PROTOCOL_ID", [3] = "TOKEN_INVALID", [4] = "TOKEN_EXPIRED", [5] = "LOBBY_GONE", [6] = "LOBBY_FULL", [7] = "KICKED", [8] = "RATE_LIMITED", [9] = "SHUTDOWN", [10] = "REPLACED", [11] = "INTERNAL", [12] = "CONN_ID_CLASH", [13] = "BANNED" }, nil, "see the table of codes")
F["denied.client_nonce"] = ProtoField.bytes("lobbyd.denied.client_nonce", "client_nonce", base.NONE, "echo")
F["denied.retry_after_ms"] = ProtoField.uint32("lobbyd.denied.retry_after_ms", "retry_after_ms", base.DEC, nil, nil, "0: do not retry with this token")
F["denied.min_ver"] = ProtoField.uint8("lobbyd.denied.min_ver", "min_ver", base.DEC, nil, nil, "lowest wire version served")
F["denied.max_ver"] = ProtoField.uint8("lobbyd.denied.max_ver", "max_ver", base.DEC, nil, nil, "highest wire version served")
F["reset.conn_id"] = ProtoField.uint32("lobbyd.reset.conn_id", "conn_id", base.DEC, nil, nil, "the unknown connection")
F["reset.seq_echo"] = ProtoField.uint32("lobbyd.reset.seq_echo", "seq_echo", base.DEC, nil, nil, "seq of the datagram that this answers")
F["sample.x"] = ProtoField.int24("lobbyd.sample.x", "x", base.DEC, nil, nil, "where the player was, x in position steps")
F["sample.y"] = ProtoField.int24("lobbyd.sample.y", "y", base.DEC, nil, nil, "y")
F["sample.z"] = ProtoField.int24("lobbyd.sample.z", "z", base.DEC, nil, nil, "z")
F["sample.rotation"] = ProtoField.uint32("lobbyd.sample.rotation", "rotation", base.HEX, nil, nil, "smallest three: 2 + 3 x 10 bits")
F["sample.input"] = ProtoField.uint16("lobbyd.sample.input", "input", base.HEX, nil, nil, "low 6 bits are game state, bits 6 and 7 the teleport counter")
F["record.slot"] = ProtoField.uint8("lobbyd.record.slot", "slot", base.DEC, nil, nil, "whose record")
F["record.age"] = ProtoField.uint8("lobbyd.record.age", "age", base.DEC, nil, nil, "tick time minus sample time, 2 ms units, 255: 510 ms or more")
F["record.x"] = ProtoField.int24("lobbyd.record.x", "x", base.DEC, nil, nil, "where the player was at tick time minus age, x in position steps")
F["record.y"] = ProtoField.int24("lobbyd.record.y", "y", base.DEC, nil, nil, "y")
F["record.z"] = ProtoField.int24("lobbyd.record.z", "z", base.DEC, nil, nil, "z")
F["record.rotation"] = ProtoField.uint32("lobbyd.record.rotation", "rotation", base.HEX, nil, nil, "smallest three: 2 + 3 x 10 bits")
F["record.state"] = ProtoField.uint8("lobbyd.record.state", "state", base.DEC, nil, nil, "low 8 bits of the sample's input")
F["correction.x"] = ProtoField.int24("lobbyd.correction.x", "x", base.DEC, nil, nil, "where the server puts the player, x in position steps")
F["correction.y"] = ProtoField.int24("lobbyd.correction.y", "y", base.DEC, nil, nil, "y")
F["correction.z"] = ProtoField.int24("lobbyd.correction.z", "z", base.DEC, nil, nil, "z")
F["correction.rotation"] = ProtoField.uint32("lobbyd.correction.rotation", "rotation", base.HEX, nil, nil)
F["correction.reason"] = ProtoField.uint8("lobbyd.correction.reason", "reason", base.DEC, { [1] = "SPEED", [2] = "BOUNDS", [3] = "TIME", [4] = "TELEPORT", [5] = "RULE" }, nil, "see the table of reasons")
F["update.sample_seq"] = ProtoField.uint32("lobbyd.update.sample_seq", "sample_seq", base.DEC, nil, nil, "number of the newest sample, from 1")
F["update.sample_time"] = ProtoField.uint32("lobbyd.update.sample_time", "sample_time", base.DEC, nil, nil, "newest sample on the server timeline, us")
F["update.sample_dt"] = ProtoField.uint16("lobbyd.update.sample_dt", "sample_dt", base.DEC, nil, nil, "spacing of the older samples, 16 us units")
F["update.interp_delay"] = ProtoField.uint16("lobbyd.update.interp_delay", "interp_delay", base.DEC, nil, nil, "interpolation delay in use, ms")
F["update.corr_id"] = ProtoField.uint8("lobbyd.update.corr_id", "corr_id", base.DEC, nil, nil, "last correction applied")
F["update.count"] = ProtoField.uint8("lobbyd.update.count", "count", base.DEC, nil, nil, "samples that follow, 1 to 8, newest first")
F["sample"] = ProtoField.none("lobbyd.sample", "sample")
F["snapshot.server_tick"] = ProtoField.uint32("lobbyd.snapshot.server_tick", "server_tick", base.DEC, nil, nil, "number of the tick")
F["snapshot.tick_age"] = ProtoField.uint16("lobbyd.snapshot.tick_age", "tick_age", base.DEC, nil, nil, "send_time minus tick time, 16 us units")
F["snapshot.last_sample_seq"] = ProtoField.uint32("lobbyd.snapshot.last_sample_seq", "last_sample_seq", base.DEC, nil, nil, "newest sample of this client that was accepted")
F["snapshot.input_margin"] = ProtoField.int16("lobbyd.snapshot.input_margin", "input_margin", base.DEC, nil, nil, "how early its newest sample came, 64 us units")
F["snapshot.corr_id"] = ProtoField.uint8("lobbyd.snapshot.corr_id", "corr_id", base.DEC, nil, nil, "correction in force")
F["snapshot.flags"] = ProtoField.uint8("lobbyd.snapshot.flags", "flags", base.HEX, nil, nil, "bit 0: CORRECTION follows, bit 1: partial")
F["snapshot.flags.correction"] = ProtoField.bool("lobbyd.snapshot.flags.correction", "correction", 8, nil, 1)
F["snapshot.flags.partial"] = ProtoField.bool("lobbyd.snapshot.flags.partial", "partial", 8, nil, 2)
F["snapshot.part"] = ProtoField.uint8("lobbyd.snapshot.part", "part", base.DEC, nil, nil, "high nibble index, low nibble count - 1")
F["snapshot.count"] = ProtoField.uint8("lobbyd.snapshot.count", "count", base.DEC, nil, nil, "records that follow")
F["correction"] = ProtoField.none("lobbyd.correction", "correction")
F["record"] = ProtoField.none("lobbyd.record", "record")
F["reliable.first_id"] = ProtoField.uint16("lobbyd.reliable.first_id", "first_id", base.DEC, nil, nil, "id of the first message, 1 to 65535 and then 1 again")
F["reliable.count"] = ProtoField.uint8("lobbyd.reliable.count", "count", base.DEC, nil, nil, "messages that follow, with consecutive ids")
F["unreliable.peer_slot"] = ProtoField.uint8("lobbyd.unreliable.peer_slot", "peer_slot", base.DEC, nil, nil, "to server: 0 to 63, 254 host, 255 all; to client: the sender")
F["unreliable.channel"] = ProtoField.uint8("lobbyd.unreliable.channel", "channel", base.DEC, nil, nil, "the game's own")
F["unreliable.payload"] = ProtoField.bytes("lobbyd.unreliable.payload", "payload", base.NONE, "at most 512 bytes")
F["ping.t0"] = ProtoField.uint32("lobbyd.ping.t0", "t0", base.DEC, nil, nil, "sender's clock, us")
F["pong.t0"] = ProtoField.uint32("lobbyd.pong.t0", "t0", base.DEC, nil, nil, "echo")
F["pong.t1"] = ProtoField.uint32("lobbyd.pong.t1", "t1", base.DEC, nil, nil, "when the PING came, us")
F["pong.t2"] = ProtoField.uint32("lobbyd.pong.t2", "t2", base.DEC, nil, nil, "when this PONG left, us")
F["path_challenge.nonce"] = ProtoField.bytes("lobbyd.path_challenge.nonce", "nonce", base.NONE, "random")
F["path_response.nonce"] = ProtoField.bytes("lobbyd.path_response.nonce", "nonce", base.NONE, "echo")
F["disconnect.reason"] = ProtoField.uint8("lobbyd.disconnect.reason", "reason", base.DEC, { [0] = "LEFT", [1] = "TIMEOUT", [2] = "KICKED", [3] = "CLOSED", [4] = "SHUTDOWN", [5] = "REPLACED", [6] = "OVERFLOW", [7] = "PROTOCOL_ERROR", [8] = "SEQUENCE_EXHAUSTED" }, nil, "see the table of reasons")
F["error.code"] = ProtoField.uint16("lobbyd.error.code", "code", base.DEC, { [1] = "MALFORMED", [2] = "OVER_RATE", [3] = "UNRELIABLE_LIMIT", [4] = "SAMPLE_TIME" }, nil, "see the table of codes")
F["error.detail"] = ProtoField.uint16("lobbyd.error.detail", "detail", base.DEC, nil, nil, "datagrams or frames since the last ERROR of that code")
F["player_joined.rev"] = ProtoField.uint32("lobbyd.player_joined.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["player_joined.player_id"] = ProtoField.uint32("lobbyd.player_joined.player_id", "player_id", base.DEC, nil, nil)
F["player_joined.slot"] = ProtoField.uint8("lobbyd.player_joined.slot", "slot", base.DEC, nil, nil)
F["player_joined.flags"] = ProtoField.uint8("lobbyd.player_joined.flags", "flags", base.HEX, nil, nil, "1 dummy, 2 host, 4 spectator, 8 ready, 16 away")
F["player_joined.flags.dummy"] = ProtoField.bool("lobbyd.player_joined.flags.dummy", "dummy", 8, nil, 1)
F["player_joined.flags.host"] = ProtoField.bool("lobbyd.player_joined.flags.host", "host", 8, nil, 2)
F["player_joined.flags.spectator"] = ProtoField.bool("lobbyd.player_joined.flags.spectator", "spectator", 8, nil, 4)
F["player_joined.flags.ready"] = ProtoField.bool("lobbyd.player_joined.flags.ready", "ready", 8, nil, 8)
F["player_joined.flags.away"] = ProtoField.bool("lobbyd.player_joined.flags.away", "away", 8, nil, 16)
F["player_joined.team"] = ProtoField.uint8("lobbyd.player_joined.team", "team", base.DEC, nil, nil)
F["player_joined.name"] = ProtoField.string("lobbyd.player_joined.name", "name", base.UNICODE)
F["player_left.rev"] = ProtoField.uint32("lobbyd.player_left.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["player_left.player_id"] = ProtoField.uint32("lobbyd.player_left.player_id", "player_id", base.DEC, nil, nil)
F["player_left.slot"] = ProtoField.uint8("lobbyd.player_left.slot", "slot", base.DEC, nil, nil)
F["player_left.reason"] = ProtoField.uint8("lobbyd.player_left.reason", "reason", base.DEC, { [0] = "LEFT", [1] = "TIMEOUT", [2] = "KICKED", [3] = "CLOSED", [4] = "OVERFLOW" }, nil, "see the reasons")
F["custom_down.from_slot"] = ProtoField.uint8("lobbyd.custom_down.from_slot", "from_slot", base.DEC, nil, nil)
F["custom_down.channel"] = ProtoField.uint8("lobbyd.custom_down.channel", "channel", base.DEC, nil, nil)
F["custom_down.payload"] = ProtoField.bytes("lobbyd.custom_down.payload", "payload", base.NONE)
F["custom_up.to_slot"] = ProtoField.uint8("lobbyd.custom_up.to_slot", "to_slot", base.DEC, nil, nil, "0 to 63, 254 host, 255 all")
F["custom_up.channel"] = ProtoField.uint8("lobbyd.custom_up.channel", "channel", base.DEC, nil, nil)
F["custom_up.payload"] = ProtoField.bytes("lobbyd.custom_up.payload", "payload", base.NONE)
F["lobby_state.rev"] = ProtoField.uint32("lobbyd.lobby_state.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["lobby_state.state"] = ProtoField.uint8("lobbyd.lobby_state.state", "state", base.DEC, { [0] = "OPEN", [1] = "LOCKED", [2] = "COUNTDOWN", [3] = "IN_GAME", [4] = "CLOSED" }, nil, "0 open, 1 locked, 2 countdown, 3 in game, 4 closed")
F["lobby_state.flags"] = ProtoField.uint8("lobbyd.lobby_state.flags", "flags", base.DEC, nil, nil, "0")
F["lobby_state.max_players"] = ProtoField.uint8("lobbyd.lobby_state.max_players", "max_players", base.DEC, nil, nil)
F["lobby_state.host_player_id"] = ProtoField.uint32("lobbyd.lobby_state.host_player_id", "host_player_id", base.DEC, nil, nil, "0 for none")
F["lobby_state.countdown_ms"] = ProtoField.uint32("lobbyd.lobby_state.countdown_ms", "countdown_ms", base.DEC, nil, nil, "time left, 0 outside countdown")
F["host_changed.rev"] = ProtoField.uint32("lobbyd.host_changed.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["host_changed.player_id"] = ProtoField.uint32("lobbyd.host_changed.player_id", "player_id", base.DEC, nil, nil)
F["resume.token"] = ProtoField.bytes("lobbyd.resume.token", "token", base.NONE, "takes the place of the one in hand")
F["teleport.slot"] = ProtoField.uint8("lobbyd.teleport.slot", "slot", base.DEC, nil, nil)
F["teleport.x"] = ProtoField.int24("lobbyd.teleport.x", "x", base.DEC, nil, nil, "where to, x in position steps")
F["teleport.y"] = ProtoField.int24("lobbyd.teleport.y", "y", base.DEC, nil, nil, "y")
F["teleport.z"] = ProtoField.int24("lobbyd.teleport.z", "z", base.DEC, nil, nil, "z")
F["teleport.rotation"] = ProtoField.uint32("lobbyd.teleport.rotation", "rotation", base.HEX, nil, nil)
F["teleport.corr_id"] = ProtoField.uint8("lobbyd.teleport.corr_id", "corr_id", base.DEC, nil, nil)
F["kicked.reason"] = ProtoField.uint8("lobbyd.kicked.reason", "reason", base.DEC, { [0] = "LEFT", [1] = "TIMEOUT", [2] = "KICKED", [3] = "CLOSED", [4] = "OVERFLOW" }, nil)
F["kicked.text"] = ProtoField.string("lobbyd.kicked.text", "text", base.UNICODE)
F["ready.ready"] = ProtoField.uint8("lobbyd.ready.ready", "ready", base.DEC, nil, nil, "0 or 1")
F["away.rev"] = ProtoField.uint32("lobbyd.away.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["away.player_id"] = ProtoField.uint32("lobbyd.away.player_id", "player_id", base.DEC, nil, nil)
F["back.rev"] = ProtoField.uint32("lobbyd.back.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["back.player_id"] = ProtoField.uint32("lobbyd.back.player_id", "player_id", base.DEC, nil, nil)
F["player_changed.rev"] = ProtoField.uint32("lobbyd.player_changed.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["player_changed.player_id"] = ProtoField.uint32("lobbyd.player_changed.player_id", "player_id", base.DEC, nil, nil)
F["player_changed.flags"] = ProtoField.uint8("lobbyd.player_changed.flags", "flags", base.HEX, nil, nil, "as in PLAYER_JOINED")
F["player_changed.flags.dummy"] = ProtoField.bool("lobbyd.player_changed.flags.dummy", "dummy", 8, nil, 1)
F["player_changed.flags.host"] = ProtoField.bool("lobbyd.player_changed.flags.host", "host", 8, nil, 2)
F["player_changed.flags.spectator"] = ProtoField.bool("lobbyd.player_changed.flags.spectator", "spectator", 8, nil, 4)
F["player_changed.flags.ready"] = ProtoField.bool("lobbyd.player_changed.flags.ready", "ready", 8, nil, 8)
F["player_changed.flags.away"] = ProtoField.bool("lobbyd.player_changed.flags.away", "away", 8, nil, 16)
F["player_changed.team"] = ProtoField.uint8("lobbyd.player_changed.team", "team", base.DEC, nil, nil)
F["player_changed.meta_rev"] = ProtoField.uint32("lobbyd.player_changed.meta_rev", "meta_rev", base.DEC, nil, nil, "revision of the player's metadata")
F["chat_down.rev"] = ProtoField.uint32("lobbyd.chat_down.rev", "rev", base.DEC, nil, nil, "revision of the lobby")
F["chat_down.player_id"] = ProtoField.uint32("lobbyd.chat_down.player_id", "player_id", base.DEC, nil, nil)
F["chat_down.text"] = ProtoField.string("lobbyd.chat_down.text", "text", base.UNICODE)
F["chat_up.text"] = ProtoField.string("lobbyd.chat_up.text", "text", base.UNICODE)
F["closed.reason"] = ProtoField.uint8("lobbyd.closed.reason", "reason", base.DEC, { [0] = "LEFT", [1] = "TIMEOUT", [2] = "KICKED", [3] = "CLOSED", [4] = "OVERFLOW" }, nil, "see the reasons")
F["drain.ms"] = ProtoField.uint32("lobbyd.drain.ms", "ms", base.DEC, nil, nil, "until the server stops")
F["redirect.address"] = ProtoField.string("lobbyd.redirect.address", "address", base.UNICODE, "host:port, IPv6 in brackets")
F["redirect.token"] = ProtoField.bytes("lobbyd.redirect.token", "token", base.NONE)
F["events_lost.count"] = ProtoField.uint32("lobbyd.events_lost.count", "count", base.DEC, nil, nil, "custom messages that are lost")
local LAYOUTS = {
	HELLO = {
		size = 1200,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "zeros", name = "", field = F["padding"], size = 2 },
		{ kind = "u64", name = "protocol_id", field = F["hello.protocol_id"], size = 8 },
		{ kind = "bytes", name = "client_nonce", field = F["hello.client_nonce"], size = 16 },
		{ kind = "u32", name = "client_time", field = F["hello.client_time"], size = 4 },
		{ kind = "zeros", name = "", field = F["padding"], size = 1168 },
	},
	CHALLENGE = {
		size = 48,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "zeros", name = "", field = F["padding"], size = 2 },
		{ kind = "bytes", name = "client_nonce", field = F["challenge.client_nonce"], size = 16 },
		{ kind = "bytes", name = "cookie", field = F["challenge.cookie"], size = 16 },
		{ kind = "u32", name = "cookie_epoch", field = F["challenge.cookie_epoch"], size = 4 },
		{ kind = "u32", name = "client_time", field = F["challenge.client_time"], size = 4 },
		{ kind = "u32", name = "server_time", field = F["challenge.server_time"], size = 4 },
	},
	CONNECT = {
		size = 1200,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "u16", name = "token_len", field = F["connect.token_len"], size = 2 },
		{ kind = "u64", name = "protocol_id", field = F["connect.protocol_id"], size = 8 },
		{ kind = "bytes", name = "client_nonce", field = F["connect.client_nonce"], size = 16 },
		{ kind = "bytes", name = "cookie", field = F["connect.cookie"], size = 16 },
		{ kind = "u32", name = "cookie_epoch", field = F["connect.cookie_epoch"], size = 4 },
		{ kind = "u32", name = "connect_counter", field = F["connect.connect_counter"], size = 4 },
		{ kind = "u32", name = "client_time", field = F["connect.client_time"], size = 4 },
		{ kind = "bytes", name = "token", field = F["connect.token"], size = 1128 },
		{ kind = "bytes", name = "tag", field = F["tag"], size = 16 },
	},
	HEADER = {
		size = 24,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "u16", name = "rel_ack", field = F["rel_ack"], size = 2 },
		{ kind = "u32", name = "conn_id", field = F["conn_id"], size = 4 },
		{ kind = "u32", name = "seq", field = F["seq"], size = 4 },
		{ kind = "u16", name = "ack", field = F["ack"], size = 2 },
		{ kind = "u16", name = "ack_delay", field = F["ack_delay"], size = 2 },
		{ kind = "u32", name = "ack_bits", field = F["ack_bits"], size = 4 },
		{ kind = "u32", name = "send_time", field = F["send_time"], size = 4 },
	},
	WELCOME = {
		size = 108,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "u16", name = "rel_ack", field = F["rel_ack"], size = 2 },
		{ kind = "u32", name = "conn_id", field = F["conn_id"], size = 4 },
		{ kind = "u32", name = "seq", field = F["seq"], size = 4 },
		{ kind = "u16", name = "ack", field = F["ack"], size = 2 },
		{ kind = "u16", name = "ack_delay", field = F["ack_delay"], size = 2 },
		{ kind = "u32", name = "ack_bits", field = F["ack_bits"], size = 4 },
		{ kind = "u32", name = "send_time", field = F["send_time"], size = 4 },
		{ kind = "bytes", name = "server_nonce", field = F["welcome.server_nonce"], size = 16 },
		{ kind = "u32", name = "player_id", field = F["welcome.player_id"], size = 4 },
		{ kind = "u64", name = "lobby_id", field = F["welcome.lobby_id"], size = 8 },
		{ kind = "u32", name = "server_tick", field = F["welcome.server_tick"], size = 4 },
		{ kind = "u32", name = "tick_time", field = F["welcome.tick_time"], size = 4 },
		{ kind = "u8", name = "slot", field = F["welcome.slot"], size = 1 },
		{ kind = "u8", name = "max_players", field = F["welcome.max_players"], size = 1 },
		{ kind = "u8", name = "tick_hz", field = F["welcome.tick_hz"], size = 1 },
		{ kind = "u8", name = "snapshot_hz", field = F["welcome.snapshot_hz"], size = 1 },
		{ kind = "u8", name = "rot_mode", field = F["welcome.rot_mode"], size = 1 },
		{ kind = "u8", name = "flags", field = F["welcome.flags"], size = 1, flags = { F["welcome.flags.resumed"] } },
		{ kind = "u16", name = "vmax_cm_s", field = F["welcome.vmax_cm_s"], size = 2 },
		{ kind = "f32", name = "pos_step", field = F["welcome.pos_step"], size = 4 },
		{ kind = "f32", name = "origin_x", field = F["welcome.origin_x"], size = 4 },
		{ kind = "f32", name = "origin_y", field = F["welcome.origin_y"], size = 4 },
		{ kind = "f32", name = "origin_z", field = F["welcome.origin_z"], size = 4 },
		{ kind = "u16", name = "timeout_ms", field = F["welcome.timeout_ms"], size = 2 },
		{ kind = "u16", name = "seat_hold_s", field = F["welcome.seat_hold_s"], size = 2 },
		{ kind = "u32", name = "token_ttl_s", field = F["welcome.token_ttl_s"], size = 4 },
		{ kind = "bytes", name = "tag", field = F["tag"], size = 16 },
	},
	DENIED = {
		size = 44,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "u16", name = "code", field = F["denied.code"], size = 2 },
		{ kind = "bytes", name = "client_nonce", field = F["denied.client_nonce"], size = 16 },
		{ kind = "u32", name = "retry_after_ms", field = F["denied.retry_after_ms"], size = 4 },
		{ kind = "u8", name = "min_ver", field = F["denied.min_ver"], size = 1 },
		{ kind = "u8", name = "max_ver", field = F["denied.max_ver"], size = 1 },
		{ kind = "zeros", name = "", field = F["padding"], size = 2 },
		{ kind = "bytes", name = "tag", field = F["tag"], size = 16 },
	},
	RESET = {
		size = 28,
		{ kind = "u8", name = "magic_version", field = F["magic_version"], size = 1 },
		{ kind = "u8", name = "type", field = F["type"], size = 1 },
		{ kind = "zeros", name = "", field = F["padding"], size = 2 },
		{ kind = "u32", name = "conn_id", field = F["reset.conn_id"], size = 4 },
		{ kind = "u32", name = "seq_echo", field = F["reset.seq_echo"], size = 4 },
		{ kind = "bytes", name = "tag", field = F["tag"], size = 16 },
	},
	SAMPLE = {
		size = 15,
		{ kind = "i24", name = "x", field = F["sample.x"], size = 3 },
		{ kind = "i24", name = "y", field = F["sample.y"], size = 3 },
		{ kind = "i24", name = "z", field = F["sample.z"], size = 3 },
		{ kind = "u32", name = "rotation", field = F["sample.rotation"], size = 4 },
		{ kind = "u16", name = "input", field = F["sample.input"], size = 2 },
	},
	RECORD = {
		size = 16,
		{ kind = "u8", name = "slot", field = F["record.slot"], size = 1 },
		{ kind = "u8", name = "age", field = F["record.age"], size = 1 },
		{ kind = "i24", name = "x", field = F["record.x"], size = 3 },
		{ kind = "i24", name = "y", field = F["record.y"], size = 3 },
		{ kind = "i24", name = "z", field = F["record.z"], size = 3 },
		{ kind = "u32", name = "rotation", field = F["record.rotation"], size = 4 },
		{ kind = "u8", name = "state", field = F["record.state"], size = 1 },
	},
	CORRECTION = {
		size = 16,
		{ kind = "i24", name = "x", field = F["correction.x"], size = 3 },
		{ kind = "i24", name = "y", field = F["correction.y"], size = 3 },
		{ kind = "i24", name = "z", field = F["correction.z"], size = 3 },
		{ kind = "u32", name = "rotation", field = F["correction.rotation"], size = 4 },
		{ kind = "u8", name = "reason", field = F["correction.reason"], size = 1 },
		{ kind = "zeros", name = "", field = F["padding"], size = 2 },
	},
	UPDATE = {
		size = 14,
		{ kind = "u32", name = "sample_seq", field = F["update.sample_seq"], size = 4 },
		{ kind = "u32", name = "sample_time", field = F["update.sample_time"], size = 4 },
		{ kind = "u16", name = "sample_dt", field = F["update.sample_dt"], size = 2 },
		{ kind = "u16", name = "interp_delay", field = F["update.interp_delay"], size = 2 },
		{ kind = "u8", name = "corr_id", field = F["update.corr_id"], size = 1 },
		{ kind = "u8", name = "count", field = F["update.count"], size = 1 },
		{ kind = "parts", layout = "SAMPLE", count = "count" },
	},
	SNAPSHOT = {
		size = 16,
		{ kind = "u32", name = "server_tick", field = F["snapshot.server_tick"], size = 4 },
		{ kind = "u16", name = "tick_age", field = F["snapshot.tick_age"], size = 2 },
		{ kind = "u32", name = "last_sample_seq", field = F["snapshot.last_sample_seq"], size = 4 },
		{ kind = "i16", name = "input_margin", field = F["snapshot.input_margin"], size = 2 },
		{ kind = "u8", name = "corr_id", field = F["snapshot.corr_id"], size = 1 },
		{ kind = "u8", name = "flags", field = F["snapshot.flags"], size = 1, flags = { F["snapshot.flags.correction"], F["snapshot.flags.partial"] } },
		{ kind = "u8", name = "part", field = F["snapshot.part"], size = 1 },
		{ kind = "u8", name = "count", field = F["snapshot.count"], size = 1 },
		{ kind = "parts", layout = "CORRECTION", flags = "flags", mask = 1 },
		{ kind = "parts", layout = "RECORD", count = "count" },
	},
	RELIABLE = {
		size = 3,
		{ kind = "u16", name = "first_id", field = F["reliable.first_id"], size = 2 },
		{ kind = "u8", name = "count", field = F["reliable.count"], size = 1 },
		{ kind = "parts", layout = "MESSAGE", count = "count" },
	},
	UNRELIABLE = {
		size = 2,
		{ kind = "u8", name = "peer_slot", field = F["unreliable.peer_slot"], size = 1 },
		{ kind = "u8", name = "channel", field = F["unreliable.channel"], size = 1 },
		{ kind = "rest", name = "payload", field = F["unreliable.payload"] },
	},
	PING = {
		size = 4,
		{ kind = "u32", name = "t0", field = F["ping.t0"], size = 4 },
	},
	PONG = {
		size = 12,
		{ kind = "u32", name = "t0", field = F["pong.t0"], size = 4 },
		{ kind = "u32", name = "t1", field = F["pong.t1"], size = 4 },
		{ kind = "u32", name = "t2", field = F["pong.t2"], size = 4 },
	},
	PATH_CHALLENGE = {
		size = 8,
		{ kind = "bytes", name = "nonce", field = F["path_challenge.nonce"], size = 8 },
	},
	PATH_RESPONSE = {
		size = 8,
		{ kind = "bytes", name = "nonce", field = F["path_response.nonce"], size = 8 },
	},
	DISCONNECT = {
		size = 1,
		{ kind = "u8", name = "reason", field = F["disconnect.reason"], size = 1 },
	},
	ERROR = {
		size = 4,
		{ kind = "u16", name = "code", field = F["error.code"], size = 2 },
		{ kind = "u16", name = "detail", field = F["error.detail"], size = 2 },
	},
	PLAYER_JOINED = {
		size = 11,
		{ kind = "u32", name = "rev", field = F["player_joined.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["player_joined.player_id"], size = 4 },
		{ kind = "u8", name = "slot", field = F["player_joined.slot"], size = 1 },
		{ kind = "u8", name = "flags", field = F["player_joined.flags"], size = 1, flags = { F["player_joined.flags.dummy"], F["player_joined.flags.host"], F["player_joined.flags.spectator"], F["player_joined.flags.ready"], F["player_joined.flags.away"] } },
		{ kind = "u8", name = "team", field = F["player_joined.team"], size = 1 },
		{ kind = "str8", name = "name", field = F["player_joined.name"] },
	},
	PLAYER_LEFT = {
		size = 10,
		{ kind = "u32", name = "rev", field = F["player_left.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["player_left.player_id"], size = 4 },
		{ kind = "u8", name = "slot", field = F["player_left.slot"], size = 1 },
		{ kind = "u8", name = "reason", field = F["player_left.reason"], size = 1 },
	},
	CUSTOM_DOWN = {
		size = 2,
		{ kind = "u8", name = "from_slot", field = F["custom_down.from_slot"], size = 1 },
		{ kind = "u8", name = "channel", field = F["custom_down.channel"], size = 1 },
		{ kind = "rest", name = "payload", field = F["custom_down.payload"] },
	},
	CUSTOM_UP = {
		size = 2,
		{ kind = "u8", name = "to_slot", field = F["custom_up.to_slot"], size = 1 },
		{ kind = "u8", name = "channel", field = F["custom_up.channel"], size = 1 },
		{ kind = "rest", name = "payload", field = F["custom_up.payload"] },
	},
	LOBBY_STATE = {
		size = 15,
		{ kind = "u32", name = "rev", field = F["lobby_state.rev"], size = 4 },
		{ kind = "u8", name = "state", field = F["lobby_state.state"], size = 1 },
		{ kind = "u8", name = "flags", field = F["lobby_state.flags"], size = 1 },
		{ kind = "u8", name = "max_players", field = F["lobby_state.max_players"], size = 1 },
		{ kind = "u32", name = "host_player_id", field = F["lobby_state.host_player_id"], size = 4 },
		{ kind = "u32", name = "countdown_ms", field = F["lobby_state.countdown_ms"], size = 4 },
	},
	HOST_CHANGED = {
		size = 8,
		{ kind = "u32", name = "rev", field = F["host_changed.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["host_changed.player_id"], size = 4 },
	},
	RESUME = {
		size = 0,
		{ kind = "bytes16", name = "token", field = F["resume.token"] },
	},
	TELEPORT = {
		size = 15,
		{ kind = "u8", name = "slot", field = F["teleport.slot"], size = 1 },
		{ kind = "i24", name = "x", field = F["teleport.x"], size = 3 },
		{ kind = "i24", name = "y", field = F["teleport.y"], size = 3 },
		{ kind = "i24", name = "z", field = F["teleport.z"], size = 3 },
		{ kind = "u32", name = "rotation", field = F["teleport.rotation"], size = 4 },
		{ kind = "u8", name = "corr_id", field = F["teleport.corr_id"], size = 1 },
	},
	KICKED = {
		size = 1,
		{ kind = "u8", name = "reason", field = F["kicked.reason"], size = 1 },
		{ kind = "str16", name = "text", field = F["kicked.text"] },
	},
	READY = {
		size = 1,
		{ kind = "u8", name = "ready", field = F["ready.ready"], size = 1 },
	},
	AWAY = {
		size = 8,
		{ kind = "u32", name = "rev", field = F["away.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["away.player_id"], size = 4 },
	},
	BACK = {
		size = 8,
		{ kind = "u32", name = "rev", field = F["back.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["back.player_id"], size = 4 },
	},
	PLAYER_CHANGED = {
		size = 14,
		{ kind = "u32", name = "rev", field = F["player_changed.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["player_changed.player_id"], size = 4 },
		{ kind = "u8", name = "flags", field = F["player_changed.flags"], size = 1, flags = { F["player_changed.flags.dummy"], F["player_changed.flags.host"], F["player_changed.flags.spectator"], F["player_changed.flags.ready"], F["player_changed.flags.away"] } },
		{ kind = "u8", name = "team", field = F["player_changed.team"], size = 1 },
		{ kind = "u32", name = "meta_rev", field = F["player_changed.meta_rev"], size = 4 },
	},
	CHAT_DOWN = {
		size = 8,
		{ kind = "u32", name = "rev", field = F["chat_down.rev"], size = 4 },
		{ kind = "u32", name = "player_id", field = F["chat_down.player_id"], size = 4 },
		{ kind = "str16", name = "text", field = F["chat_down.text"] },
	},
	CHAT_UP = {
		size = 0,
		{ kind = "str16", name = "text", field = F["chat_up.text"] },
	},
	CLOSED = {
		size = 1,
		{ kind = "u8", name = "reason", field = F["closed.reason"], size = 1 },
	},
	DRAIN = {
		size = 4,
		{ kind = "u32", name = "ms", field = F["drain.ms"], size = 4 },
	},
	REDIRECT = {
		size = 0,
		{ kind = "str8", name = "address", field = F["redirect.address"] },
		{ kind = "bytes16", name = "token", field = F["redirect.token"] },
	},
	EVENTS_LOST = {
		size = 4,
		{ kind = "u32", name = "count", field = F["events_lost.count"], size = 4 },
	},
}
local PACKETS = { [1] = "HELLO", [2] = "CHALLENGE", [3] = "CONNECT", [4] = "WELCOME", [5] = "DENIED", [15] = "RESET" }
local FRAMES = { [1] = "UPDATE", [2] = "SNAPSHOT", [3] = "RELIABLE", [4] = "UNRELIABLE", [5] = "PING", [6] = "PONG", [7] = "PATH_CHALLENGE", [8] = "PATH_RESPONSE", [9] = "DISCONNECT", [10] = "ERROR" }
local MESSAGES_DOWN = { [1] = "PLAYER_JOINED", [2] = "PLAYER_LEFT", [3] = "CUSTOM_DOWN", [4] = "LOBBY_STATE", [5] = "HOST_CHANGED", [6] = "RESUME", [7] = "TELEPORT", [8] = "KICKED", [11] = "AWAY", [12] = "BACK", [13] = "PLAYER_CHANGED", [14] = "CHAT_DOWN", [15] = "CLOSED", [16] = "DRAIN", [17] = "REDIRECT", [18] = "EVENTS_LOST" }
local MESSAGES_UP = { [3] = "CUSTOM_UP", [9] = "READY", [14] = "CHAT_UP" }
local PacketType = { [1] = "HELLO", [2] = "CHALLENGE", [3] = "CONNECT", [4] = "WELCOME", [5] = "DENIED", [15] = "RESET", [16] = "DATA" }
local FrameType = { [1] = "UPDATE", [2] = "SNAPSHOT", [3] = "RELIABLE", [4] = "UNRELIABLE", [5] = "PING", [6] = "PONG", [7] = "PATH_CHALLENGE", [8] = "PATH_RESPONSE", [9] = "DISCONNECT", [10] = "ERROR", [11] = "SNAPSHOT_DELTA", [12] = "INTEREST" }
local MessageKind = { [1] = "PLAYER_JOINED", [2] = "PLAYER_LEFT", [3] = "CUSTOM", [4] = "LOBBY_STATE", [5] = "HOST_CHANGED", [6] = "RESUME", [7] = "TELEPORT", [8] = "KICKED", [9] = "READY", [11] = "AWAY", [12] = "BACK", [13] = "PLAYER_CHANGED", [14] = "CHAT", [15] = "CLOSED", [16] = "DRAIN", [17] = "REDIRECT", [18] = "EVENTS_LOST" }

-- What reads the tables above. Nothing below names a field of the protocol that they could name.

local lobbyd = Proto("lobbyd", "lobbyd")

local all = {}
for _, field in pairs(F) do
	all[#all + 1] = field
end
lobbyd.fields = all

local malformed = ProtoExpert.new(
	"lobbyd.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR
)
local unknown = ProtoExpert.new(
	"lobbyd.unknown", "Of a later version", expert.group.UNDECODED, expert.severity.NOTE
)
local padded = ProtoExpert.new(
	"lobbyd.not_zero", "Padding that is not zero", expert.group.PROTOCOL, expert.severity.NOTE
)
local aimless = ProtoExpert.new(
	"lobbyd.no_direction", "Nothing tells which end is the server",
	expert.group.UNDECODED, expert.severity.NOTE
)
lobbyd.experts = { malformed, unknown, padded, aimless }

lobbyd.prefs.port = Pref.uint("UDP port", PORT, "Port of the server; others are found by their content")

-- Addresses that were seen to answer or to be asked as a server.
local servers = {}

function lobbyd.init()
	servers = {}
end

local function spoilt(text)
	error({ text = text }, 0)
end

local function need(size, at, stop, what)
	if at + size > stop then
		spoilt(string.format("%d bytes wanted for %s, %d are left", size, what, stop - at))
	end
end

local function has(flags, mask)
	return math.floor(flags / mask) % 2 == 1
end

local NUMBERS = { u8 = 1, u16 = 2, u32 = 4, u64 = 8, i16 = 2, i24 = 3, f32 = 4 }
local PREFIX = { str8 = 1, str16 = 2, bytes16 = 2 }

local function flag_items(item, row, range)
	for _, flag in ipairs(row.flags or {}) do
		item:add(flag, range)
	end
end

local function number(row, tvb, at, stop, tree, values)
	local size = NUMBERS[row.kind]
	need(size, at, stop, row.name)
	local range = tvb(at, size)
	local item = tree:add_le(row.field, range)
	if size <= 4 and row.kind:sub(1, 1) == "u" then
		values[row.name] = range:le_uint()
		flag_items(item, row, range)
	end
	return at + size
end

local function block(row, tvb, at, stop, tree)
	local size = row.size
	if row.kind == "rest" then
		size = stop - at
	elseif PREFIX[row.kind] then
		need(PREFIX[row.kind], at, stop, row.name)
		size = tvb(at, PREFIX[row.kind]):le_uint()
		at = at + PREFIX[row.kind]
	end
	need(size, at, stop, row.name)
	if size == 0 then
		tree:add(row.field, tvb(at - 1, 0), ""):set_generated(false)
		return at
	end
	local range = tvb(at, size)
	if row.kind:sub(1, 3) == "str" then
		tree:add_packet_field(row.field, range, ENC_UTF_8)
	else
		local item = tree:add(row.field, range)
		if row.kind == "zeros" and range:bytes():tohex():find("[^0]") then
			item:add_proto_expert_info(padded)
		end
	end
	return at + size
end

local message

local function layout(name, tvb, at, stop, tree, context)
	local values = {}
	for _, row in ipairs(LAYOUTS[name]) do
		if row.kind == "parts" then
			local count = row.count and values[row.count]
			if not count then
				count = has(values[row.flags], row.mask) and 1 or 0
			end
			for n = 1, count do
				if row.layout == "MESSAGE" then
					at = message(values, n, tvb, at, stop, tree, context)
				else
					local size = LAYOUTS[row.layout].size
					need(size, at, stop, row.layout)
					local part = tree:add(F[row.layout:lower()], tvb(at, size))
					part:set_text(row.layout .. " " .. n)
					layout(row.layout, tvb, at, at + size, part, context)
					at = at + size
				end
			end
		elseif NUMBERS[row.kind] then
			at = number(row, tvb, at, stop, tree, values)
		else
			at = block(row, tvb, at, stop, tree)
		end
	end
	return at, values
end

local function whole(name, tvb, at, stop, tree, context)
	local ended, values = layout(name, tvb, at, stop, tree, context)
	if ended ~= stop then
		spoilt(string.format("%d bytes left over in %s", stop - ended, name))
	end
	return values
end

-- One message of RELIABLE; ids run from 1 to 65535, then from 1 again.
function message(values, n, tvb, at, stop, tree, context)
	need(3, at, stop, "a message")
	local kind, length = tvb(at, 1):uint(), tvb(at + 1, 2):le_uint()
	if length > MAX_MESSAGE then
		spoilt(string.format("a message of %d bytes", length))
	end
	need(3 + length, at, stop, "a message")
	local name = MessageKind[kind] or string.format("kind %d", kind)
	local item = tree:add(F["message"], tvb(at, 3 + length))
	item:set_text("Message: " .. name)
	item:add(F["message.id"], (values.first_id + n - 2) % 65535 + 1):set_generated()
	item:add(F["message.kind"], tvb(at, 1))
	item:add_le(F["message.length"], tvb(at + 1, 2))
	context.info[#context.info + 1] = name
	local start = at + 3
	if context.to_server == nil then
		item:add_proto_expert_info(aimless)
	else
		local known = (context.to_server and MESSAGES_UP or MESSAGES_DOWN)[kind]
		if known then
			whole(known, tvb, start, start + length, item, context)
		else
			item:add_proto_expert_info(unknown)
		end
	end
	return start + length
end

local function frames(tvb, at, stop, tree, context)
	while at < stop do
		need(3, at, stop, "a frame")
		local kind, length = tvb(at, 1):uint(), tvb(at + 1, 2):le_uint()
		need(3 + length, at, stop, "a frame")
		local name = FrameType[kind] or string.format("frame %d", kind)
		local item = tree:add(F["frame"], tvb(at, 3 + length))
		item:set_text("Frame: " .. name)
		item:add(F["frame.type"], tvb(at, 1))
		item:add_le(F["frame.length"], tvb(at + 1, 2))
		context.info[#context.info + 1] = name
		at = at + 3
		if FRAMES[kind] then
			whole(FRAMES[kind], tvb, at, at + length, item, context)
		else
			item:add_proto_expert_info(unknown)
		end
		at = at + length
	end
end

local function endpoint(address, port)
	return tostring(address) .. " " .. port
end

-- Handshakes tell who the server is; without one the port does, or a frame that goes one way only.
local function direction(name, tvb, pinfo)
	local source = endpoint(pinfo.src, pinfo.src_port)
	local target = endpoint(pinfo.dst, pinfo.dst_port)
	if name == "HELLO" or name == "CONNECT" then
		servers[target] = true
	elseif name ~= "DATA" then
		servers[source] = true
	end
	if servers[target] then
		return true
	elseif servers[source] then
		return false
	elseif pinfo.dst_port == lobbyd.prefs.port then
		return true
	elseif pinfo.src_port == lobbyd.prefs.port then
		return false
	end
	local at, stop = LAYOUTS.HEADER.size, tvb:len() - TAG_SIZE
	while at + 3 <= stop do
		local frame = FrameType[tvb(at, 1):uint()]
		if frame == "UPDATE" or frame == "PATH_RESPONSE" then
			return true
		elseif frame == "SNAPSHOT" or frame == "PATH_CHALLENGE" or frame == "ERROR" then
			return false
		end
		at = at + 3 + tvb(at + 1, 2):le_uint()
	end
	return nil
end

local function datagram(tvb, tree, context)
	local size = tvb:len()
	if tvb(0, 1):uint() ~= MAGIC_VERSION then
		spoilt("another first byte: no lobbyd, or another version of it")
	elseif size > MAX_DATAGRAM then
		spoilt(string.format("%d bytes, more than %d", size, MAX_DATAGRAM))
	end
	if context.name == "DATA" then
		if size < MIN_DATA then
			spoilt("no room for header and tag")
		end
		local stop = size - TAG_SIZE
		local at, values = layout("HEADER", tvb, 0, stop, tree, context)
		context.info[1] = string.format("DATA seq=%d ack=%d", values.seq, values.ack)
		tree:add(F["to_server"], context.to_server == true):set_generated()
		tree:add(F["tag"], tvb(stop, TAG_SIZE))
		frames(tvb, at, stop, tree, context)
	elseif PACKETS[context.number] then
		context.info[1] = context.name
		whole(context.name, tvb, 0, size, tree, context)
		tree:add(F["to_server"], context.to_server == true):set_generated()
	else
		spoilt("no such type")
	end
end

function lobbyd.dissector(tvb, pinfo, tree)
	pinfo.cols.protocol = "lobbyd"
	local kind = tvb:len() >= 2 and tvb(1, 1):uint() or 0
	local context = { info = { "?" }, number = kind, name = PacketType[kind] or "?" }
	local top = tree:add(lobbyd, tvb())
	if tvb:len() >= 2 then
		context.to_server = direction(context.name, tvb, pinfo)
		local ok, problem = pcall(datagram, tvb, top, context)
		if not ok then
			if type(problem) ~= "table" then
				error(problem, 0)
			end
			top:add_proto_expert_info(malformed, "Malformed: " .. problem.text)
			context.info[#context.info + 1] = "[" .. problem.text .. "]"
		end
	else
		top:add_proto_expert_info(malformed, "Malformed: too short for anything")
	end
	top:append_text(": " .. table.concat(context.info, ", "))
	pinfo.cols.info = table.concat(context.info, ", ")
	return tvb:len()
end

local EXACT = {}
for number_of, name in pairs(PACKETS) do
	EXACT[number_of] = LAYOUTS[name].size
end

-- On any port: the first byte, a type, and the size that this type has.
local function looks_like_it(tvb, pinfo, tree)
	local size = tvb:len()
	if size < 2 or tvb(0, 1):uint() ~= MAGIC_VERSION then
		return false
	end
	local kind = tvb(1, 1):uint()
	if PacketType[kind] == "DATA" then
		if size < MIN_DATA or size > MAX_DATAGRAM then
			return false
		end
	elseif EXACT[kind] ~= size then
		return false
	end
	pinfo.conversation = lobbyd
	lobbyd.dissector(tvb, pinfo, tree)
	return true
end

local ports = DissectorTable.get("udp.port")
local registered = nil

local function register()
	if registered == lobbyd.prefs.port then
		return
	end
	if registered then
		ports:remove(registered, lobbyd)
	end
	registered = lobbyd.prefs.port
	if registered > 0 then
		ports:add(registered, lobbyd)
	else
		ports:add_for_decode_as(lobbyd)
	end
end

function lobbyd.prefs_changed()
	register()
end

register()
lobbyd:register_heuristic("udp", looks_like_it)
