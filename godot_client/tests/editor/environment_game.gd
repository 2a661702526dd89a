extends Node
## A game that prints which server it would use.


func _ready() -> void:
	var told: Dictionary = {
		"url": LobbydSettings.server_url(),
		"environment": LobbydSettings.environment(),
		"problem": LobbydSettings.problem(),
	}
	print(JSON.stringify(told))
	get_tree().quit()
