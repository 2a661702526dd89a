@tool
extends RefCounted
## The project settings under lobbyd/ as the editor shows them.
##
## No global class is named here: when the plugin is enabled for the first time, the editor may not
## know them yet. A test compares the names with [code]LobbydSettings[/code].

## Name, default, hint and hint string. What they are for stands in [code]LobbydSettings[/code].
const SETTINGS: Array[Array] = [
	[
		"lobbyd/server_url",
		"http://127.0.0.1:8080",
		PROPERTY_HINT_PLACEHOLDER_TEXT,
		"http://host:port or https://host",
	],
	["lobbyd/game", "", PROPERTY_HINT_PLACEHOLDER_TEXT, "every game on the server"],
	["lobbyd/version", "", PROPERTY_HINT_PLACEHOLDER_TEXT, "application/config/version"],
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
