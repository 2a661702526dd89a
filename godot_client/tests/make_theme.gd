extends SceneTree
## Writes the addon's default theme anew, after LobbydPalette or LobbydThemeBuilder was changed:
## [code]sh dev/godot --headless --path godot_client -s res://tests/make_theme.gd[/code].

const FILE: String = "res://addons/lobbyd/ui/theme/lobbyd_theme.tres"


func _initialize() -> void:
	var theme: Theme = LobbydThemeBuilder.new(LobbydPalette.new()).build()
	for data_type: int in Theme.DATA_TYPE_MAX:
		var kind: Theme.DataType = data_type as Theme.DataType
		for type: StringName in theme.get_theme_item_type_list(kind):
			for item: StringName in theme.get_theme_item_list(kind, type):
				var value: Variant = theme.get_theme_item(kind, item, type)
				if value is Resource:
					var part: Resource = value
					_name(part, "%s_%s" % [type, item])
	quit(0 if ResourceSaver.save(theme, FILE) == OK else 1)


# Else each run would draw other ids, and every line of the file would change.
static func _name(part: Resource, id: String) -> void:
	if not part.resource_path.is_empty():
		part.set_id_for_path(FILE, part.resource_path.get_file().get_basename())
	elif part.resource_scene_unique_id.is_empty():
		part.resource_scene_unique_id = id
