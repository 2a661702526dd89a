@tool
@icon("res://addons/lobbyd/icons/remote_player_2d.svg")
class_name LobbydRemotePlayer2D
extends Node2D
## Another player of a [LobbydClient]'s lobby in two dimensions: this node stands where it is drawn.
##
## As [LobbydRemotePlayer3D]. The wire has metres in three dimensions: x and y are the place, z is
## 0, and the rotation is about z. Send your own player the same way, with one scale for all:
## [codeblock]
## client.send_pose(
##     LobbydRemotePlayer2D.to_wire(position, 32.0), LobbydRemotePlayer2D.turn_to_wire(rotation)
## )
## [/codeblock]

## It has a place for the first time and is shown.
signal appeared
## It is at another place without having moved there: do not draw a trail.
signal teleported
## The player's data became late, or came back; show a mark.
signal lag_changed(lagging: bool)

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
## Pixels of a metre on the wire. A step of the wire is 2 mm, and errors over 3 m are not smoothed.
@export_range(1.0, 1000.0, 1.0, "or_greater") var pixels_per_metre: float = 32.0
## Whose lobby the player is in; without one it is that of [code]NetworkingManager[/code].
@export var client: LobbydClient = null:
	set(value):
		client = value
		update_configuration_warnings()
		if is_node_ready() and not Engine.is_editor_hint():
			_client = LobbydClient.find(self, client)

## What is drawn: place on the wire, game state and how well they are known. The next frame
## changes it.
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
	process_priority = LobbydRemotePlayer3D.PRIORITY
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
		var at: Vector3 = _view.pose.position * pixels_per_metre
		position = Vector2(at.x, at.y)
		rotation = turn_of(_view.pose.rotation)
	if changes != LobbydRemoteView.Change.MOVED:
		visible = _view.is_shown()
		_view.tell(changes, appeared, teleported, lag_changed)


func _get_configuration_warnings() -> PackedStringArray:
	return LobbydRemoteView.warnings_of(self, player_id) + LobbydWarnings.of_client(client)


## The player as the server describes it (name, flags, team); null while it is not in the lobby.
func get_player() -> LobbydRemote:
	return _view.get_player()


## The position to send for a place in two dimensions.
static func to_wire(at: Vector2, scale_pixels: float = 32.0) -> Vector3:
	return Vector3(at.x / scale_pixels, at.y / scale_pixels, 0.0)


## The rotation to send for an angle in two dimensions, radians.
static func turn_to_wire(angle: float) -> Quaternion:
	return Quaternion(Vector3.BACK, angle)


## The angle about z of a rotation on the wire, radians.
static func turn_of(turn: Quaternion) -> float:
	return 2.0 * atan2(turn.z, turn.w)
