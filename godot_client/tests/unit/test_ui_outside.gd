extends "res://tests/unit/ui_case.gd"
## Every screen when its client is freed, and when it is taken out of the tree and put back.

const Client := preload("res://tests/unit/fake_client.gd")


func test_a_screen_outlives_its_client_and_its_place_in_the_tree() -> void:
	for scene: String in SCREENS:
		var client: LobbydClient = Client.new()
		root().add_child(client)
		var packed: PackedScene = load(ADDON + scene)
		var screen: LobbydScreen = packed.instantiate()
		screen.client = client
		show(screen)
		screen.opened()
		client.free()
		# the autoload's stands in for it
		check(screen.get_client() == LobbydClient.find(screen, null), scene)
		_use(screen)
		window.remove_child(screen)
		_use(screen)
		check(window.gui_get_focus_owner() == null, scene)
		window.add_child(screen)
		screen.opened()
		check(screen.first_focus() != null, scene)
		close()


# What the engine complains of fails the run.
func _use(screen: LobbydScreen) -> void:
	screen.closed()
	screen.opened()
	screen.propagate_notification(Node.NOTIFICATION_TRANSLATION_CHANGED)
	screen.first_focus()
	screen.go_back()
