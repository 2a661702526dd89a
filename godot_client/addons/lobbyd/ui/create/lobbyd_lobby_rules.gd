class_name LobbydLobbyRules
extends RefCounted
## What a server takes as a lobby, told while people type: an empty answer is a good one.

## Bytes of UTF-8 of a lobby's name.
const NAME_BYTES: int = 64
## Bytes of UTF-8 of a password.
const PASSWORD_BYTES: int = 64
## Places for players, and for spectators.
const MOST_PLACES: int = 64
## Seconds that a game counts down.
const MOST_COUNTDOWN: int = 60


## What is wrong with the name of a lobby, as a sentence; it may be left out.
static func of_name(text: String) -> String:
	return _of_line(text, NAME_BYTES)


## What is wrong with a password, as a sentence; it may be left out.
static func of_password(text: String) -> String:
	return _of_line(text, PASSWORD_BYTES)


## Bytes of UTF-8 that the server counts: spaces at both ends do not.
static func size_of(text: String) -> int:
	return text.strip_edges().to_utf8_buffer().size()


## As many letters of a text as fit into so many bytes of UTF-8.
static func cut(text: String, bytes: int) -> String:
	var kept: String = text
	while kept.to_utf8_buffer().size() > bytes:
		kept = kept.left(-1)
	return kept


static func _of_line(text: String, most: int) -> String:
	var line: String = text.strip_edges()
	for i: int in line.length():
		if LobbydPlainText.is_unseen(line.unicode_at(i)):
			return LobbydWords.say(
				"Leave out invisible characters, also those that join emoji or turn the direction."
			)
	var bytes: int = size_of(line)
	if bytes > most:
		return (
			(
				LobbydWords
				. say(
					"Too long: %d of %d bytes. Emoji and most letters beyond A to Z count more than once."
				)
			)
			% [bytes, most]
		)
	return ""
