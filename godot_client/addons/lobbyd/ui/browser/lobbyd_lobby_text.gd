class_name LobbydLobbyText
extends RefCounted
## What is said about a lobby in a list, in the player's language and safe to draw.

## Every word that [method state_of] gives, in English.
const STATES: PackedStringArray = ["Open", "Full", "Locked", "In game", "Starting", "Closed"]

const _CODE_LETTERS: int = 12
const _VERSION_LETTERS: int = 24
# a lobby has 64 places at most; a number of twenty digits would push the other columns away
const _MOST_SHOWN: int = 999


## What people know a lobby by: its name, else its code.
static func title_of(lobby: LobbydLobby) -> String:
	var title: String = LobbydPlainText.line(lobby.name)
	return title if not title.is_empty() else LobbydPlainText.line(lobby.code, _CODE_LETTERS)


## The second line: code, whether a password is needed, version.
static func detail_of(lobby: LobbydLobby) -> String:
	var parts: PackedStringArray = [LobbydPlainText.line(lobby.code, _CODE_LETTERS)]
	if lobby.has_password:
		parts.append(LobbydWords.say("Password"))
	if lobby.spectator_count > 0:
		parts.append(LobbydWords.say("Spectators: %d") % lobby.spectator_count)
	if not lobby.version.is_empty():
		parts.append(
			LobbydWords.say("Version %s") % LobbydPlainText.line(lobby.version, _VERSION_LETTERS)
		)
	return "  ·  ".join(parts)


## One or two words for whether people can come in.
static func state_of(lobby: LobbydLobby) -> String:
	match lobby.state:
		"in_game":
			return LobbydWords.say("In game")
		"countdown":
			return LobbydWords.say("Starting")
		"closed":
			return LobbydWords.say("Closed")
	if lobby.free_slots <= 0:
		return LobbydWords.say("Full")
	return LobbydWords.say("Locked") if lobby.state == "locked" else LobbydWords.say("Open")


## Seats taken and places.
static func places_of(lobby: LobbydLobby) -> String:
	return "%d / %d" % [_shown(lobby.member_count), _shown(lobby.max_players)]


## All of it in one sentence, for screen readers.
static func spoken(lobby: LobbydLobby) -> String:
	var places: String = (
		LobbydWords.say("%d of %d players")
		% [_shown(lobby.member_count), _shown(lobby.max_players)]
	)
	return ", ".join([title_of(lobby), state_of(lobby), places, detail_of(lobby)])


static func _shown(count: int) -> int:
	return clampi(count, 0, _MOST_SHOWN)
