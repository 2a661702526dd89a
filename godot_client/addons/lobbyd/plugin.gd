@tool
extends EditorPlugin
## lobbyd in the editor: the autoload, the project settings and the dock, while it is enabled.
##
## Only parts of the engine are named here: on the first start after the addon was copied into a
## project, the editor may not know the addon's own classes yet.

## The autoload of the addon.
const AUTOLOAD: String = "NetworkingManager"
## Its script.
const AUTOLOAD_PATH: String = "res://addons/lobbyd/networking_manager.gd"
## What stands in the dock.
const DOCK: String = "res://addons/lobbyd/editor/dock.tscn"
## The icon of the dock.
const ICON: String = "res://addons/lobbyd/icons/lobbyd.svg"
## What the project settings are for.
const SettingTooltips := preload("res://addons/lobbyd/editor/setting_tooltips.gd")
## Their defaults and hints.
const SettingsInEditor := preload("res://addons/lobbyd/editor/project_settings.gd")

var _dock: EditorDock = null
var _tooltips: SettingTooltips = SettingTooltips.new()


func _enter_tree() -> void:
	SettingsInEditor.add()
	add_inspector_plugin(_tooltips)
	var scene: PackedScene = load(DOCK)
	_dock = EditorDock.new()
	_dock.title = "lobbyd"
	_dock.layout_key = "lobbyd"
	_dock.default_slot = EditorDock.DOCK_SLOT_BOTTOM
	_dock.dock_icon = _icon()
	_dock.add_child(scene.instantiate())
	add_dock(_dock)


func _exit_tree() -> void:
	remove_inspector_plugin(_tooltips)
	remove_dock(_dock)
	_dock.queue_free()
	_dock = null


func _enable_plugin() -> void:
	var there: String = _autoload_path()
	if there.is_empty():
		add_autoload_singleton(AUTOLOAD, AUTOLOAD_PATH)
	elif there != AUTOLOAD_PATH:
		push_warning(
			(
				(
					"lobbyd: this game has an autoload %s of its own (%s), which stays."
					+ " Add %s as an autoload of another name, or use LobbydClient."
				)
				% [AUTOLOAD, there, AUTOLOAD_PATH]
			)
		)


func _disable_plugin() -> void:
	if _autoload_path() == AUTOLOAD_PATH:
		remove_autoload_singleton(AUTOLOAD)
	var kept: PackedStringArray = SettingsInEditor.remove()
	if not kept.is_empty():
		print(
			(
				"lobbyd: what you have set stays in project.godot: %s. Delete it there if you are done."
				% ", ".join(kept)
			)
		)
	if ProjectSettings.save() != OK:
		push_error("lobbyd: project.godot cannot be written; remove its section [lobbyd] by hand.")


# Where the autoload leads, empty where there is none. The editor may write it as an uid.
func _autoload_path() -> String:
	var written: String = ProjectSettings.get_setting("autoload/" + AUTOLOAD, "")
	return ResourceUID.ensure_path(written.trim_prefix("*")) if not written.is_empty() else ""


# It is not imported yet when the addon was just copied into the project.
func _icon() -> Texture2D:
	return load(ICON) if ResourceLoader.exists(ICON) else null
