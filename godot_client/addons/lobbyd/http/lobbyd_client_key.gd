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
		_secret = _kept()
	return (_secret + " " + host).sha256_text().left(32)


static func _kept() -> String:
	var kept: String = FileAccess.get_file_as_string(FILE) if FileAccess.file_exists(FILE) else ""
	if kept.length() == 2 * _SIZE and kept.is_valid_hex_number():
		return kept
	var drawn: String = Crypto.new().generate_random_bytes(_SIZE).hex_encode()
	var file: FileAccess = FileAccess.open(FILE, FileAccess.WRITE)
	# where nothing can be written, the word holds for this run
	if file != null:
		file.store_string(drawn)
	return drawn
