class_name LobbydRoomText
extends RefCounted
## What a lobby room says: names and chat of strangers made harmless, and its own lines.

## Bytes of a line of chat.
const CHAT_BYTES: int = 400
## Bytes of a player's name.
const PLAYER_NAME_BYTES: int = 32
## Bytes of a lobby's name.
const LOBBY_NAME_BYTES: int = 64
## Bytes of a password.
const PASSWORD_BYTES: int = 64
## Bytes of the reason of a kick.
const REASON_BYTES: int = 200
## Round trips in ms below which a connection is good.
const GOOD_PING: int = 80
## Round trips in ms below which it is fair.
const FAIR_PING: int = 180

# marks above or below one letter beyond these are a way to write over other lines
const _MOST_MARKS: int = 3
# names that are told before they are only counted
const _MOST_NAMES: int = 3


## [param text] of a stranger as one line that cannot turn, hide or write over others.
static func clean(text: String) -> String:
	var out: PackedStringArray = PackedStringArray()
	var marks: int = 0
	for letter: String in LobbydPlainText.line(text, CHAT_BYTES):
		marks = marks + 1 if _is_mark(letter.unicode_at(0)) else 0
		if marks <= _MOST_MARKS:
			out.append(letter)
	return "".join(out)


## [param text] so that letters that run from right to left do not pull its neighbours along.
static func isolated(text: String) -> String:
	for i: int in text.length():
		var code: int = text.unicode_at(i)
		if (
			code >= 0x590 and code <= 0x8FF
			or code >= 0xFB1D and code <= 0xFEFC
			or _is_far_rtl(code)
		):
			return "\u2068%s\u2069" % text
	return text


## The name to show for a player, never empty.
static func name_of(member: LobbydMember) -> String:
	var shown: String = clean(member.name)
	if shown.is_empty():
		return LobbydWords.say("Player {id}").format({"id": member.player_id})
	return shown


## The longest beginning of [param text] that has at most so many bytes of UTF-8.
static func cut(text: String, most_bytes: int) -> String:
	if text.length() * 4 <= most_bytes or bytes_of(text) <= most_bytes:
		return text
	var used: int = 0
	for i: int in text.length():
		used += bytes_of(text[i])
		if used > most_bytes:
			return text.left(i)
	return text


## Holds a field to so many bytes of UTF-8, for [signal LineEdit.text_changed].
static func limit(text: String, field: LineEdit, most_bytes: int) -> void:
	var fitting: String = cut(text, most_bytes)
	if fitting != text:
		var caret: int = field.caret_column
		field.text = fitting
		field.caret_column = mini(caret, fitting.length())


## Bytes of UTF-8.
static func bytes_of(text: String) -> int:
	return text.to_utf8_buffer().size()


## How good a connection is: 0 (not known), 1 (bad), 2 (fair) or 3 (good).
static func ping_level(ping_ms: int) -> int:
	if ping_ms < 0:
		return 0
	if ping_ms < GOOD_PING:
		return 3
	return 2 if ping_ms < FAIR_PING else 1


## A connection in words, for who does not see the bars.
static func ping_words(ping_ms: int) -> String:
	match ping_level(ping_ms):
		3:
			return LobbydWords.say("good connection, {ms} milliseconds").format({"ms": ping_ms})
		2:
			return LobbydWords.say("fair connection, {ms} milliseconds").format({"ms": ping_ms})
		1:
			return LobbydWords.say("bad connection, {ms} milliseconds").format({"ms": ping_ms})
	return LobbydWords.say("ping not known")


## A member in one sentence: for screen readers, and as the tooltip of a row.
static func describe(
	member: LobbydMember, is_me: bool, is_host: bool, team: String, with_ready: bool = true
) -> String:
	var parts: PackedStringArray = PackedStringArray([name_of(member)])
	if is_me:
		parts.append(LobbydWords.say("you"))
	if is_host:
		parts.append(LobbydWords.say("host"))
	if member.spectator:
		parts.append(LobbydWords.say("spectator"))
	if member.dummy:
		parts.append(LobbydWords.say("dummy"))
	if not team.is_empty():
		parts.append(team)
	if with_ready and not member.dummy and not member.spectator:
		parts.append(LobbydWords.say("ready") if member.ready else LobbydWords.say("not ready"))
	if member.state == "away":
		parts.append(LobbydWords.say("away"))
	elif member.state == "reserved":
		parts.append(LobbydWords.say("connecting"))
	elif not member.dummy:
		parts.append(ping_words(member.ping_ms))
	return ", ".join(parts)


## The line in the chat for a member who is gone; [param reason] is a word of the server's.
static func left_line(shown_name: String, reason: String) -> String:
	var line: String = LobbydWords.say("{name} left.")
	match reason:
		"kicked":
			line = LobbydWords.say("{name} was kicked.")
		"timeout", "overflow":
			line = LobbydWords.say("{name} lost the connection.")
	return line.format({"name": shown_name})


## Why the player is not in the lobby any more, with what the host wrote; empty for who left.
static func farewell(reason: String, kick_text: String) -> String:
	if reason == LobbydResult.LEFT:
		return ""
	var why: String = LobbydWords.of_reason(reason)
	if not kick_text.is_empty():
		why += " " + LobbydWords.say("The host wrote: {text}").format({"text": clean(kick_text)})
	return why


## What can be pasted to a friend.
static func invitation(lobby: LobbydLobby) -> String:
	var line: String = LobbydWords.say("Join me in “{lobby}”: the code is {code}")
	return line.format({"lobby": clean(lobby.name), "code": lobby.code})


## The name of a team; empty for team 0, which is none.
static func team_name(team: int, names: PackedStringArray) -> String:
	if team <= 0:
		return ""
	if team <= names.size():
		return LobbydWords.say(names[team - 1])
	return LobbydWords.say("Team {number}").format({"number": team})


## What keeps the game from starting; empty for nothing, or where the host starts at will.
static func waiting_for(lobby: LobbydLobby, members: Array[LobbydMember]) -> String:
	if lobby.state != "open" and lobby.state != "locked":
		return ""
	var players: int = 0
	var waiting: PackedStringArray = PackedStringArray()
	for member: LobbydMember in members:
		if member.spectator or member.dummy:
			continue
		players += 1
		if not member.ready or member.state == "away":
			waiting.append(name_of(member))
	var needed: int = LobbydFields.whole(lobby.settings, "min_players", 1)
	if players < needed:
		var text: String = LobbydWords.say("{needed} players are needed, {here} are here.")
		return text.format({"needed": needed, "here": players})
	if waiting.is_empty() or LobbydFields.text(lobby.settings, "start") in ["", "host"]:
		return ""
	if waiting.size() > _MOST_NAMES:
		return LobbydWords.say("{count} are not ready yet.").format({"count": waiting.size()})
	return LobbydWords.say("Not ready yet: {names}").format({"names": ", ".join(waiting)})


static func _is_mark(code: int) -> bool:
	if code >= 0x300 and code <= 0x36F or code >= 0x483 and code <= 0x489:
		return true
	if code >= 0x1AB0 and code <= 0x1AFF or code >= 0x1DC0 and code <= 0x1DFF:
		return true
	return code >= 0x20D0 and code <= 0x20FF or code >= 0xFE20 and code <= 0xFE2F


static func _is_far_rtl(code: int) -> bool:
	return code >= 0x10800 and code <= 0x10FFF or code >= 0x1E800 and code <= 0x1EFFF
