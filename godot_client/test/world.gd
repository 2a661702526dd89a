extends Node3D
## An arena in the lobby TEST: walk among the dummy and the players of other windows, make the
## network bad, and see what each view of the others makes of it.
##
## It runs with no settings against a server on this machine ([code]sh dev/serve[/code]). Without a
## screen, or with [code]-- --walk[/code], the player walks by itself; [code]--at=X,Z[/code] says
## where it begins.

const TEST_LOBBY: String = "TEST"
## How far the button sets the player back, metres.
const SET_BACK: float = 1.0

@onready var _me: OwnPlayer = $Me
@onready var _own_trail: Trail = $Me/Avatar/Trail
@onready var _spawner: LobbydPlayerSpawner = $Spawner
@onready var _retry: Timer = $Retry
@onready var _hud: CanvasLayer = $Hud
@onready var _overlay: LobbydOverlay = $LobbydOverlay
@onready var _banner: StateBanner = $Hud/Left/Banner
@onready var _network: NetworkPanel = $Hud/Left/Tools/Rows/Network
@onready var _views: Views = $Hud/Left/Tools/Rows/Views
@onready var _said: Label = $Hud/Left/Tools/Rows/Said
@onready var _back: Button = $Hud/Left/Tools/Rows/Actions/Back
@onready var _figures: Button = $Hud/Left/Tools/Rows/Actions/Figures
@onready var _client: LobbydClient = NetworkingManager.client


func _ready() -> void:
	_me.walks_alone = (
		DisplayServer.get_name() == "headless" or "--walk" in OS.get_cmdline_user_args()
	)
	_me.position = _start()
	_banner.follow(_client)
	_network.follow(_client)
	_spawner.spawned.connect(_on_spawned)
	_views.changed.connect(_on_views_changed)
	_client.disconnected.connect(_on_disconnected)
	_back.pressed.connect(_set_back)
	_figures.pressed.connect(func() -> void: _overlay.visible = not _overlay.visible)
	_retry.timeout.connect(_enter)
	await _enter()


func _unhandled_key_input(event: InputEvent) -> void:
	var key: InputEventKey = event
	if not key.is_pressed() or key.is_echo():
		return
	if key.keycode == KEY_H:
		_hud.visible = not _hud.visible
	elif key.keycode == KEY_P:
		await _set_back()


func _start() -> Vector3:
	for given: String in OS.get_cmdline_user_args():
		if given.begins_with("--at="):
			var at: PackedFloat64Array = given.trim_prefix("--at=").split_floats(",")
			return Vector3(at[0], 0.0, at[1])
	return Vector3(randf_range(-4.0, 4.0), 0.0, randf_range(6.0, 8.0))


func _enter() -> void:
	var entered: LobbydResult = await _client.enter_lobby(TEST_LOBBY, NetworkingManager.player_name)
	if not entered.ok and is_inside_tree():
		_banner.tell_failure(entered)
		_retry.start()


# The server as it would after a cheat: the player is where it was, and its later inputs count.
func _set_back() -> void:
	var place: Vector3 = _me.place_before(SET_BACK)
	if not place.is_finite():
		_say("Walk a little first: it sets you back on your own way.")
		return
	var done: LobbydResult = await _client.teleport(_client.get_session().player_id, place)
	if done.ok:
		_say("Your body was set back 1 m at once; what you see glided there.")
	elif done.code == "not_allowed":
		_say("Only the lobby's host may: use the window that came first.")
	else:
		_say(done.detail)


func _say(text: String) -> void:
	_said.text = text
	_said.visible = true


func _on_spawned(node: Node, player: LobbydRemote) -> void:
	var other: OtherPlayer = node
	other.introduce(player, _views)


func _on_views_changed() -> void:
	_own_trail.visible = _views.shows_trails()


func _on_disconnected(_reason: String) -> void:
	if is_inside_tree():
		_retry.start()
