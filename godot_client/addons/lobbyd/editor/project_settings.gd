@tool
extends RefCounted
## The project settings under lobbyd/ as the editor shows them.
##
## No global class is named here: when the plugin is enabled for the first time, the editor may not
## know them yet. A test compares the names with [code]LobbydSettings[/code].

## Name, default, hint, hint string and what the setting is for.
const SETTINGS: Array[Array] = [
	[
		"lobbyd/server_url",
		"http://127.0.0.1:8080",
		PROPERTY_HINT_PLACEHOLDER_TEXT,
		"http://host:port or https://host",
		(
			"Where the lobbyd server answers HTTP. Add an override for a feature tag, such as"
			+ " production, for each further environment; --lobbyd-environment=, LOBBYD_ENVIRONMENT"
			+ " or the export preset's custom features choose one. --lobbyd-url= and LOBBYD_URL go"
			+ " before all of them."
		),
	],
	[
		"lobbyd/game",
		"",
		PROPERTY_HINT_PLACEHOLDER_TEXT,
		"every game on the server",
		(
			"The game's name on the server: LobbydMenu makes lobbies under it and lists only those"
			+ " that have it, so that several games can share a server. Empty: of every game. Calls of"
			+ " your own take LobbydSettings.game()."
		),
	],
	[
		"lobbyd/version",
		"",
		PROPERTY_HINT_PLACEHOLDER_TEXT,
		"application/config/version",
		(
			"Players meet in lobbies of this version only, in LobbydMenu as with lobbyd/game. Empty:"
			+ " the application's version if lobbyd/game is set, else every version."
		),
	],
]


## Makes the settings known, with defaults and hints, which are not saved and so are named at every
## start of the editor. What stands in project.godot stays.
static func add() -> void:
	for i: int in SETTINGS.size():
		var setting: Array = SETTINGS[i]
		var name: String = setting[0]
		var default: String = setting[1]
		if not ProjectSettings.has_setting(name):
			ProjectSettings.set_setting(name, default)
		ProjectSettings.set_initial_value(name, default)
		ProjectSettings.set_as_basic(name, true)
		(
			ProjectSettings
			. add_property_info(
				{
					"name": name,
					"type": TYPE_STRING,
					"hint": setting[2],
					"hint_string": setting[3],
				}
			)
		)


## Takes away what [method add] made and nobody changed. Gives the names of what was typed by
## somebody and stays in project.godot, overrides included.
static func remove() -> PackedStringArray:
	for setting: Array in SETTINGS:
		var name: String = setting[0]
		if ProjectSettings.get_setting(name) == setting[1]:
			# null removes a setting
			ProjectSettings.set_setting(name, null)
	var kept: PackedStringArray = []
	for property: Dictionary in ProjectSettings.get_property_list():
		var name: String = property["name"]
		if name.begins_with("lobbyd/"):
			kept.append(name)
	return kept


## What a setting is for; empty for another one.
static func description_of(name: String) -> String:
	for setting: Array in SETTINGS:
		if setting[0] == name:
			return setting[4]
	return ""
