@tool
extends EditorPlugin
## Adds the autoload and the project setting of lobbyd while the plugin is enabled.

const AUTOLOAD: String = "NetworkingManager"
const AUTOLOAD_PATH: String = "res://addons/lobbyd/networking_manager.gd"
const ADVICE: String = (
	"Address of the lobbyd server. The argument --lobbyd-url= and the environment variable "
	+ "LOBBYD_URL override it."
)


func _enter_tree() -> void:
	# defaults and hints of settings are not saved, so every start of the editor names them
	if not ProjectSettings.has_setting(LobbydServerUrl.SETTING):
		ProjectSettings.set_setting(LobbydServerUrl.SETTING, LobbydServerUrl.DEFAULT)
	ProjectSettings.set_initial_value(LobbydServerUrl.SETTING, LobbydServerUrl.DEFAULT)
	ProjectSettings.set_as_basic(LobbydServerUrl.SETTING, true)
	(
		ProjectSettings
		. add_property_info(
			{
				"name": LobbydServerUrl.SETTING,
				"type": TYPE_STRING,
				"hint": PROPERTY_HINT_PLACEHOLDER_TEXT,
				"hint_string": LobbydServerUrl.DEFAULT,
				"description": ADVICE,
			}
		)
	)


func _enable_plugin() -> void:
	if not ProjectSettings.has_setting("autoload/" + AUTOLOAD):
		add_autoload_singleton(AUTOLOAD, AUTOLOAD_PATH)


func _disable_plugin() -> void:
	if ProjectSettings.has_setting("autoload/" + AUTOLOAD):
		remove_autoload_singleton(AUTOLOAD)
	# null removes a setting
	ProjectSettings.set_setting(LobbydServerUrl.SETTING, null)
	if ProjectSettings.save() != OK:
		push_error("project.godot cannot be written: remove %s there" % LobbydServerUrl.SETTING)
