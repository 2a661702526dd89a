extends Node3D
## The smallest multiplayer world: joins TEST, walks, and shows everybody who is there.
##
## It runs with no settings against a server on this machine. Without a screen, or with
## [code]-- --walk[/code], the player walks by itself.

## Walking speed in m/s.
const SPEED: float = 5.0
## How fast the player reaches that speed and turns, per second.
const AGILITY: float = 12.0
## The world ends here, in metres from its middle.
const EDGE: float = 14.0
## Where the camera is, seen from the player.
const CAMERA_OFFSET: Vector3 = Vector3(0.0, 4.6, 7.6)
## How often the line with players and ping is written, in seconds.
const STATUS_PERIOD: float = 0.5

const OWN_COLOR: Color = Color(0.45, 0.5, 0.58)
const DUMMY_COLOR: Color = Color(0.95, 0.55, 0.12)
const GOOD: Color = Color(0.35, 0.85, 0.45)
const BUSY: Color = Color(0.98, 0.78, 0.3)
const BAD: Color = Color(0.95, 0.38, 0.35)

const AVATAR: PackedScene = preload("res://test/avatar.tscn")

var _others: Dictionary[int, Avatar] = {}
var _velocity: Vector3 = Vector3.ZERO
var _walks_alone: bool = false
var _walked: float = 0.0
var _until_status: float = 0.0

@onready var _me: Avatar = $Me
@onready var _crowd: Node3D = $Others
@onready var _camera: Camera3D = $Camera
@onready var _retry: Timer = $Retry
@onready var _dot: Panel = $Overlay/Status/Row/Dot
@onready var _headline: Label = $Overlay/Status/Row/Lines/Headline
@onready var _detail: Label = $Overlay/Status/Row/Lines/Detail


func _ready() -> void:
	_walks_alone = DisplayServer.get_name() == "headless" or "--walk" in OS.get_cmdline_user_args()
	_me.position += Vector3(randf_range(-4.0, 4.0), 0.0, randf_range(-1.0, 1.0))
	_me.dress("You", OWN_COLOR)
	NetworkingManager.player_joined.connect(_on_player_joined)
	NetworkingManager.player_left.connect(_on_player_left)
	NetworkingManager.player_moved.connect(_on_player_moved)
	NetworkingManager.position_corrected.connect(_on_position_corrected)
	NetworkingManager.disconnected.connect(_on_disconnected)
	_retry.timeout.connect(_connect)
	await _connect()


func _process(delta: float) -> void:
	_walk(delta)
	NetworkingManager.send_position(_me.position, _me.rotation)
	var target: Vector3 = _me.position + CAMERA_OFFSET
	_camera.position = _camera.position.lerp(target, 1.0 - exp(-6.0 * delta))
	_until_status -= delta
	if _until_status <= 0.0 and NetworkingManager.is_online():
		_until_status = STATUS_PERIOD
		_show_company()


func _connect() -> void:
	var url: String = NetworkingManager.client.get_server_url()
	var own_name: String = NetworkingManager.player_name
	_show(BUSY, "Connecting to %s" % url, "Joining the lobby TEST as %s" % own_name)
	var result: Dictionary = await NetworkingManager.connect_to_test_lobby()
	var code: String = result.code
	var detail: String = result.detail
	match code:
		"":
			_show_company()
		"no_answer":
			_show(BAD, "No server at %s" % url, "Start one with: sh dev/serve")
		"timeout" when result.has("udp_port"):
			_show(BAD, "No answer over UDP", "Is UDP port %d open?" % result.udp_port)
		_:
			_show(BAD, "Cannot join: %s" % code, detail)
	if code != "" and is_inside_tree():
		_retry.start()


func _walk(delta: float) -> void:
	var wish: Vector3 = _own_wish(delta) if _walks_alone else _wish_of_keys()
	_velocity = _velocity.lerp(wish * SPEED, 1.0 - exp(-AGILITY * delta))
	_me.position = (_me.position + _velocity * delta).limit_length(EDGE)
	if _velocity.length() > 0.2:
		var heading: float = atan2(-_velocity.x, -_velocity.z)
		_me.rotation.y = lerp_angle(_me.rotation.y, heading, 1.0 - exp(-AGILITY * delta))


func _wish_of_keys() -> Vector3:
	var keys: Vector2 = Input.get_vector("move_left", "move_right", "move_forward", "move_back")
	return Vector3(keys.x, 0.0, keys.y)


# a lying eight around the place where the player started
func _own_wish(delta: float) -> Vector3:
	_walked += delta
	return Vector3(cos(_walked * 0.8), 0.0, cos(_walked * 1.6)).limit_length(1.0) * 0.5


func _on_player_joined(player_id: int) -> void:
	_on_player_left(player_id)
	var remote: LobbydRemote = NetworkingManager.get_player(player_id)
	if remote == null or remote.is_spectator():
		return
	var avatar: Avatar = AVATAR.instantiate()
	# unseen until its first position comes
	avatar.visible = false
	_crowd.add_child(avatar)
	avatar.dress(remote.name, DUMMY_COLOR if remote.is_dummy() else Avatar.color_of(player_id))
	_others[player_id] = avatar


func _on_player_left(player_id: int) -> void:
	if _others.has(player_id):
		_others[player_id].queue_free()
		_others.erase(player_id)


func _on_player_moved(player_id: int, at: Vector3, turned: Vector3) -> void:
	if _others.has(player_id):
		_others[player_id].visible = true
		_others[player_id].position = at
		_others[player_id].rotation = turned


func _on_position_corrected(at: Vector3, turned: Vector3) -> void:
	_velocity = Vector3.ZERO
	_me.position = at
	_me.rotation = turned


func _on_disconnected(reason: String) -> void:
	for player_id: int in _others.keys():
		_on_player_left(player_id)
	_show(BAD, "Disconnected: %s" % reason, "Trying again...")
	if is_inside_tree():
		_retry.start()


func _show_company() -> void:
	var session: LobbydSession = NetworkingManager.client.get_session()
	if session == null:
		return
	var people: int = 1
	for remote: LobbydRemote in NetworkingManager.client.get_players():
		people += 0 if remote.is_dummy() else 1
	var company: String = "you alone" if people == 1 else "%d players" % people
	var ping: int = roundi(session.clock.rtt_usec / 1000.0)
	var delay: int = roundi(session.interpolation.delay_usec / 1000.0)
	var numbers: String = "%s   ping %d ms   others are drawn %d ms late" % [company, ping, delay]
	_show(GOOD, "In lobby TEST", numbers)


func _show(color: Color, headline: String, detail: String) -> void:
	_dot.self_modulate = color
	_headline.text = headline
	_detail.text = detail
