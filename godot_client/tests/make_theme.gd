extends SceneTree
## Writes the addon's default theme anew, after LobbydPalette or LobbydThemeBuilder was changed:
## [code]sh dev/godot --headless --path godot_client -s res://tests/make_theme.gd[/code].

const FILE: String = "res://addons/lobbyd/ui/theme/lobbyd_theme.tres"


func _initialize() -> void:
	var theme: Theme = LobbydThemeBuilder.new(LobbydPalette.new()).build()
	quit(0 if ResourceSaver.save(theme, FILE) == OK else 1)
