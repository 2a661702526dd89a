@tool
@icon("res://addons/lobbyd/icons/remote_player_3d.svg")
class_name LobbydRemotePlayer3D
extends Node3D
## Another player of a [LobbydClient]'s lobby: this node stands where that player is drawn.
##
## Put what the player looks like below it, and give it a [member player_id] or let a
## [LobbydPlayerSpawner] do that. It is hidden until the player's first position comes, and moves
## before the game's frame. Positions are those of the wire in the space of its parent.

## It has a place for the first time and is shown.
signal appeared
## It is at another place without having moved there: do not draw a trail.
signal teleported
## The player's data became late, or came back; show a mark.
signal lag_changed(lagging: bool)

## Others whom the client knows move before this frame's game sees them.
const PRIORITY: int = -98

## The player's id.
@export var player_id: int = 0:
	set(value):
		player_id = value
		update_configuration_warnings()
## Which of the player's places is shown.
@export var view: LobbydRemoteView.View = LobbydRemoteView.View.INTERPOLATED:
	set(value):
		view = value
		_view.view = value
## Whose lobby the player is in; without one it is that of [code]NetworkingManager[/code].
@export var client: LobbydClient = null:
	set(value):
		client = value
		update_configuration_warnings()
		if is_node_ready() and not Engine.is_editor_hint():
			_client = LobbydClient.find(self, client)

## What is drawn: place, game state and how well they are known. The next frame changes it.
var pose: LobbydPose:
	get:
		return _view.pose
## Whether the player's data is late.
var lagging: bool:
	get:
		return _view.lagging

var _view: LobbydRemoteView = LobbydRemoteView.new()
var _client: LobbydClient = null


func _init() -> void:
	process_priority = PRIORITY
	process_mode = Node.PROCESS_MODE_ALWAYS
	# it moves every frame by itself
	physics_interpolation_mode = Node.PHYSICS_INTERPOLATION_MODE_OFF


func _ready() -> void:
	if Engine.is_editor_hint():
		set_process(false)
		return
	_client = LobbydClient.find(self, client)
	visible = false


func _process(_delta: float) -> void:
	var given: LobbydClient = _client if is_instance_valid(_client) else null
	var changes: int = _view.take(given, player_id)
	if changes == 0:
		return
	if changes & LobbydRemoteView.Change.MOVED:
		var drawn: LobbydPose = _view.pose
		# not as one transform: the scale is the game's
		position = drawn.position
		quaternion = drawn.rotation
	if changes != LobbydRemoteView.Change.MOVED:
		visible = _view.is_shown()
		_view.tell(changes, appeared, teleported, lag_changed)


func _get_configuration_warnings() -> PackedStringArray:
	return LobbydRemoteView.warnings_of(self, player_id) + LobbydWarnings.of_client(client)


## The player as the server describes it (name, flags, team); null while it is not in the lobby.
func get_player() -> LobbydRemote:
	return _view.get_player()
