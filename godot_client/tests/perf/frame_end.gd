extends Node
## Tells the driver when the nodes of the players have had their turn.

const Driver := preload("res://tests/perf/frame_driver.gd")

var _driver: Driver = null


func _init(driver: Driver) -> void:
	_driver = driver
	process_priority = LobbydRemotePlayer3D.PRIORITY + 1


func _process(_delta: float) -> void:
	_driver.note_drawn()
