class_name LobbydPreferences
extends RefCounted
## What the player chose for the screens, kept in [constant FILE].
##
## [method shared] is what the screens use; [signal changed] tells them to look again.

## A preference is another one.
signal changed

## Where it is kept, unless another file is named.
const FILE: String = "user://lobbyd.cfg"
## The longest name that the server takes, in bytes of UTF-8.
const NAME_BYTES: int = 32
const _SECTION: String = "player"
const _OWN: StringName = &"lobbyd_own_server_url"
## The smallest [member text_scale].
const SMALLEST: float = 1.0
## The largest [member text_scale].
const LARGEST: float = 2.0

static var _shared: LobbydPreferences = null

## Name under which the player joins; never empty.
var player_name: String = "":
	set(value):
		player_name = fit_name(value)
		changed.emit()
## Another server than the game's own; empty for the game's own.
var server_url: String = "":
	set(value):
		server_url = value.strip_edges()
		changed.emit()
## Size of the texts, from 1.0 to 2.0.
var text_scale: float = 1.0:
	set(value):
		text_scale = clampf(value, SMALLEST, LARGEST) if is_finite(value) else SMALLEST
		changed.emit()
## A locale such as "de"; empty follows the game's language.
var language: String = "":
	set(value):
		language = value
		changed.emit()


func _init() -> void:
	player_name = ""


## The preferences of this player, read once.
static func shared() -> LobbydPreferences:
	if _shared == null:
		_shared = load_from()
		LobbydWords.use_language(_shared.language)
	return _shared


## Those in [param path]; what is missing or unreadable there has its default.
static func load_from(path: String = FILE) -> LobbydPreferences:
	var preferences: LobbydPreferences = LobbydPreferences.new()
	var file: ConfigFile = ConfigFile.new()
	if file.load(path) != OK:
		return preferences
	preferences.player_name = _text(file, "player_name")
	preferences.server_url = _text(file, "server_url")
	preferences.language = _text(file, "language")
	var scale: Variant = file.get_value(_SECTION, "text_scale", SMALLEST)
	if scale is float or scale is int:
		preferences.text_scale = scale
	return preferences


## Writes them; an [enum Error], OK when they are on the disk.
func save(path: String = FILE) -> Error:
	var file: ConfigFile = ConfigFile.new()
	file.set_value(_SECTION, "player_name", player_name)
	file.set_value(_SECTION, "server_url", server_url)
	file.set_value(_SECTION, "text_scale", text_scale)
	file.set_value(_SECTION, "language", language)
	return file.save(path)


## Lets a client use [member server_url], or its own again where there is none. The client's own is
## what it had at the first call.
func apply_to(client: LobbydClient) -> void:
	if not client.has_meta(_OWN):
		if server_url.is_empty():
			return
		client.set_meta(_OWN, client.server_url)
	client.server_url = server_url if not server_url.is_empty() else own_url_of(client)


## The address that a client has without these preferences; empty for the project's.
static func own_url_of(client: LobbydClient) -> String:
	return client.get_meta(_OWN, client.server_url)


## [param text] as the server takes it as a player's name; a name drawn at random where nothing of
## it is left.
static func fit_name(text: String) -> String:
	var fit: String = ""
	for letter: String in text.strip_edges():
		if LobbydPlainText.is_unseen(letter.unicode_at(0)):
			continue
		if (fit + letter).to_utf8_buffer().size() > NAME_BYTES:
			break
		fit += letter
	fit = fit.strip_edges()
	return fit if not fit.is_empty() else "Player %03d" % randi_range(1, 999)


## The name to enter with: [param given] as the server takes it, [member player_name] of
## [method shared] where it is empty.
static func name_or_own(given: String) -> String:
	return shared().player_name if given.strip_edges().is_empty() else fit_name(given)


static func _text(file: ConfigFile, key: String) -> String:
	var value: Variant = file.get_value(_SECTION, key, "")
	if value is String:
		return value
	return ""
