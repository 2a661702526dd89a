class_name LobbydClientKey
extends RefCounted
## The word by which a server knows this installation of the game again: what bans stick to.
##
## It is drawn once and kept in [constant FILE]. Each host name is told another word made from it,
## so that servers cannot tell each other whom they know.

## Where it is kept.
const FILE: String = "user://lobbyd_client.key"
const _SIZE: int = 32

static var _secret: String = ""


## The word for a server; the same in each run of the game.
static func for_host(host: String) -> String:
	if _secret.is_empty():
		_secret = kept_in(FILE)
	return (_secret + " " + host).sha256_text().left(32)


## What is kept in a file; drawn anew where that is no such word.
static func kept_in(path: String) -> String:
	var reading: FileAccess = FileAccess.open(path, FileAccess.READ)
	var bytes: PackedByteArray = PackedByteArray()
	if reading != null:
		bytes = reading.get_buffer(2 * _SIZE + 1)
		reading.close()
	var kept: String = LobbydText.decode(bytes) if LobbydText.is_utf8(bytes) else ""
	if kept.length() == 2 * _SIZE and kept.is_valid_hex_number():
		return kept
	var drawn: String = Crypto.new().generate_random_bytes(_SIZE).hex_encode()
	var file: FileAccess = FileAccess.open(path, FileAccess.WRITE)
	# where nothing can be written, the word holds for this run
	if file != null:
		file.store_string(drawn)
	return drawn
