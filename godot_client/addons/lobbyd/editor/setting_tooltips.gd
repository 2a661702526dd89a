@tool
extends EditorInspectorPlugin
## Shows in Project Settings what lobbyd's settings are for.
##
## The engine has descriptions of its own settings only. A tooltip there names the entry of the help
## that it shows: ours name the constants of [code]LobbydSettings[/code].

const _SECTIONS: String = "SectionedInspectorFilter"
const _OF_SETTING: String = "property|ProjectSettings|"
const _OF_CONSTANT: String = "constant|LobbydSettings|"


func _can_handle(object: Object) -> bool:
	return object.get_class() == _SECTIONS


func _parse_end(_object: Object) -> void:
	# the inspector writes its tooltips after it asked
	_describe.call_deferred()


# Overrides by feature tag have the help of their setting.
func _describe() -> void:
	var base: Control = EditorInterface.get_base_control()
	for settings: Node in base.find_children("*", "ProjectSettingsEditor", true, false):
		for found: Node in settings.find_children("*", "EditorProperty", true, false):
			var property: EditorProperty = found
			if property.tooltip_text.begins_with(_OF_SETTING + "lobbyd/"):
				var name: String = property.tooltip_text.trim_prefix(_OF_SETTING + "lobbyd/")
				property.tooltip_text = _OF_CONSTANT + name.get_slice(".", 0).to_upper()
