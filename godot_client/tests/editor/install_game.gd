extends Node
## A game of one line that uses the autoload; which its script finds by name at run time, so that
## this file loads in projects without it.


func _ready() -> void:
	var manager: Node = get_node("/root/NetworkingManager")
	var answer: Dictionary = await manager.call(&"connect_to_test_lobby")
	print(JSON.stringify({"ok": answer["ok"], "detail": answer["detail"]}))
	if answer["ok"]:
		await manager.call(&"leave_lobby")
	get_tree().quit()
