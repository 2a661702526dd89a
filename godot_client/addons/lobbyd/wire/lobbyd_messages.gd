class_name LobbydMessages
extends RefCounted
## Reliable messages: bodies of those that a client sends, and events of those that it receives.


## The game's own message to a slot, the host or all.
static func custom(to_slot: int, channel: int, payload: PackedByteArray) -> PackedByteArray:
	return PackedByteArray([to_slot & 0xFF, channel & 0xFF]) + payload


## This player's ready mark.
static func ready(is_ready: bool) -> PackedByteArray:
	return PackedByteArray([1 if is_ready else 0])


## A line of chat.
static func chat(text: String) -> PackedByteArray:
	var content: PackedByteArray = text.to_utf8_buffer()
	return PackedByteArray([content.size() & 0xFF, content.size() >> 8 & 0xFF]) + content


## The event of a message from the server; null where the body is not of its kind, and an
## UNKNOWN event for a kind of a later version. [param grid] reads positions.
static func decode(kind: int, body: PackedByteArray, grid: LobbydQuantise) -> LobbydEvent:
	if body.size() > LobbydWire.MAX_MESSAGE:
		return null
	match kind:
		LobbydWire.MessageKind.PLAYER_JOINED:
			return _player_joined(body)
		LobbydWire.MessageKind.PLAYER_LEFT:
			return _player_left(body)
		LobbydWire.MessageKind.CUSTOM:
			return _custom(body)
		LobbydWire.MessageKind.LOBBY_STATE:
			return _lobby_state(body)
		LobbydWire.MessageKind.HOST_CHANGED:
			return _player(LobbydEvent.Kind.HOST_CHANGED, body)
		LobbydWire.MessageKind.RESUME:
			return _resume(body)
		LobbydWire.MessageKind.TELEPORT:
			return _teleport(body, grid)
		LobbydWire.MessageKind.KICKED:
			return _kicked(body)
		LobbydWire.MessageKind.AWAY:
			return _player(LobbydEvent.Kind.PLAYER_AWAY, body)
		LobbydWire.MessageKind.BACK:
			return _player(LobbydEvent.Kind.PLAYER_BACK, body)
		LobbydWire.MessageKind.PLAYER_CHANGED:
			return _player_changed(body)
		LobbydWire.MessageKind.CHAT:
			return _chat(body)
		LobbydWire.MessageKind.CLOSED:
			return _closed(body)
		LobbydWire.MessageKind.DRAIN:
			return _drain(body)
		LobbydWire.MessageKind.REDIRECT:
			return _redirect(body)
		LobbydWire.MessageKind.EVENTS_LOST:
			return _events_lost(body)
	return LobbydEvent.of(LobbydEvent.Kind.UNKNOWN)


static func _player_joined(body: PackedByteArray) -> LobbydEvent:
	var at: int = LobbydWire.PLAYER_JOINED_NAME
	if not _has_text8(body, at) or body.size() != at + 1 + body[at]:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_JOINED)
	event.rev = body.decode_u32(LobbydWire.PLAYER_JOINED_REV)
	event.player_id = body.decode_u32(LobbydWire.PLAYER_JOINED_PLAYER_ID)
	event.slot = body[LobbydWire.PLAYER_JOINED_SLOT]
	event.flags = body[LobbydWire.PLAYER_JOINED_FLAGS]
	event.team = body[LobbydWire.PLAYER_JOINED_TEAM]
	event.text = LobbydText.decode(body.slice(at + 1))
	return event if _is_place(event.slot) else null


static func _player_left(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.PLAYER_LEFT_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_LEFT)
	event.rev = body.decode_u32(LobbydWire.PLAYER_LEFT_REV)
	event.player_id = body.decode_u32(LobbydWire.PLAYER_LEFT_PLAYER_ID)
	event.slot = body[LobbydWire.PLAYER_LEFT_SLOT]
	event.code = body[LobbydWire.PLAYER_LEFT_REASON]
	return event


static func _custom(body: PackedByteArray) -> LobbydEvent:
	if body.size() < LobbydWire.CUSTOM_DOWN_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CUSTOM)
	event.slot = body[LobbydWire.CUSTOM_DOWN_FROM_SLOT]
	event.channel = body[LobbydWire.CUSTOM_DOWN_CHANNEL]
	event.payload = body.slice(LobbydWire.CUSTOM_DOWN_PAYLOAD)
	return event


static func _lobby_state(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.LOBBY_STATE_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.LOBBY_STATE)
	event.rev = body.decode_u32(LobbydWire.LOBBY_STATE_REV)
	event.code = body[LobbydWire.LOBBY_STATE_STATE]
	event.flags = body[LobbydWire.LOBBY_STATE_FLAGS]
	event.max_players = body[LobbydWire.LOBBY_STATE_MAX_PLAYERS]
	event.player_id = body.decode_u32(LobbydWire.LOBBY_STATE_HOST_PLAYER_ID)
	event.time_ms = body.decode_u32(LobbydWire.LOBBY_STATE_COUNTDOWN_MS)
	return event


# HOST_CHANGED, AWAY and BACK are alike.
static func _player(kind: LobbydEvent.Kind, body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.AWAY_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(kind)
	event.rev = body.decode_u32(LobbydWire.AWAY_REV)
	event.player_id = body.decode_u32(LobbydWire.AWAY_PLAYER_ID)
	return event


static func _resume(body: PackedByteArray) -> LobbydEvent:
	var at: int = LobbydWire.RESUME_TOKEN
	var size: int = _sized16(body, at)
	if size < 1 or size > LobbydWire.MAX_TOKEN or body.size() != at + 2 + size:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.TOKEN)
	event.payload = body.slice(at + 2)
	return event


static func _teleport(body: PackedByteArray, grid: LobbydQuantise) -> LobbydEvent:
	if body.size() != LobbydWire.TELEPORT_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.TELEPORT)
	event.slot = body[LobbydWire.TELEPORT_SLOT]
	event.position = grid.read_position(body, LobbydWire.TELEPORT_X)
	event.rotation = LobbydQuantise.unpack_rotation(body.decode_u32(LobbydWire.TELEPORT_ROTATION))
	event.code = body[LobbydWire.TELEPORT_CORR_ID]
	return event


static func _kicked(body: PackedByteArray) -> LobbydEvent:
	var at: int = LobbydWire.KICKED_TEXT
	if not _ends_in_text16(body, at):
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.KICKED)
	event.code = body[LobbydWire.KICKED_REASON]
	event.text = LobbydText.decode(body.slice(at + 2))
	return event


static func _player_changed(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.PLAYER_CHANGED_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.PLAYER_CHANGED)
	event.rev = body.decode_u32(LobbydWire.PLAYER_CHANGED_REV)
	event.player_id = body.decode_u32(LobbydWire.PLAYER_CHANGED_PLAYER_ID)
	event.flags = body[LobbydWire.PLAYER_CHANGED_FLAGS]
	event.team = body[LobbydWire.PLAYER_CHANGED_TEAM]
	event.code = body.decode_u32(LobbydWire.PLAYER_CHANGED_META_REV)
	return event


static func _chat(body: PackedByteArray) -> LobbydEvent:
	var at: int = LobbydWire.CHAT_DOWN_TEXT
	if not _ends_in_text16(body, at):
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CHAT)
	event.rev = body.decode_u32(LobbydWire.CHAT_DOWN_REV)
	event.player_id = body.decode_u32(LobbydWire.CHAT_DOWN_PLAYER_ID)
	event.text = LobbydText.decode(body.slice(at + 2))
	return event


static func _closed(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.CLOSED_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CLOSED)
	event.code = body[LobbydWire.CLOSED_REASON]
	return event


static func _drain(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.DRAIN_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.DRAIN)
	event.time_ms = body.decode_u32(LobbydWire.DRAIN_MS)
	return event


static func _redirect(body: PackedByteArray) -> LobbydEvent:
	var at: int = LobbydWire.REDIRECT_ADDRESS
	if not _has_text8(body, at):
		return null
	var token_at: int = at + 1 + body[at]
	var size: int = _sized16(body, token_at)
	if size < 0 or body.size() != token_at + 2 + size:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.REDIRECT)
	event.text = LobbydText.decode(body.slice(at + 1, token_at))
	event.payload = body.slice(token_at + 2)
	return event


static func _events_lost(body: PackedByteArray) -> LobbydEvent:
	if body.size() != LobbydWire.EVENTS_LOST_SIZE:
		return null
	var event: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.EVENTS_LOST)
	event.code = body.decode_u32(LobbydWire.EVENTS_LOST_COUNT)
	return event


static func _is_place(slot: int) -> bool:
	return slot < LobbydWire.MAX_PLAYERS or slot == LobbydWire.NO_SLOT


# Whether a text with one byte of length stands at a place.
static func _has_text8(body: PackedByteArray, at: int) -> bool:
	if at >= body.size() or at + 1 + body[at] > body.size():
		return false
	return LobbydText.is_utf8(body.slice(at + 1, at + 1 + body[at]))


static func _ends_in_text16(body: PackedByteArray, at: int) -> bool:
	var size: int = _sized16(body, at)
	if size < 0 or body.size() != at + 2 + size:
		return false
	return LobbydText.is_utf8(body.slice(at + 2))


# The two bytes of length at a place; -1 where the body ends before.
static func _sized16(body: PackedByteArray, at: int) -> int:
	return body.decode_u16(at) if at + 2 <= body.size() else -1
