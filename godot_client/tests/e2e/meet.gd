extends LobbydE2eProgram
## Two of these, with [code]--role=first[/code] and [code]--role=second[/code], see each other in
## TEST: the first sees the second join, walk and leave; the second sees the first, walks, leaves.

const DEADLINE: float = 30.0
## The walk of the second, in metres along x.
const WALK: float = 3.0
const SPEED: float = 2.0
## Path of the second: a lane that nobody else uses.
const LANE: Vector3 = Vector3(0.0, 0.0, 9.0)
## What the first must see of it.
const SEEN_WALK: float = 2.0

var _role: String = argument(ROLE_ARGUMENT)
var _other: int = 0
var _other_left: bool = false
var _seen_from: Vector3 = Vector3.INF
var _seen_walk: float = 0.0
var _furthest_off_lane: float = 0.0
var _position: Vector3 = Vector3.ZERO
var _walking: bool = false


func _ready() -> void:
	set_deadline(DEADLINE)
	NetworkingManager.player_joined.connect(_on_player_joined)
	NetworkingManager.player_left.connect(_on_player_left)
	NetworkingManager.player_moved.connect(_on_player_moved)
	if _role != "first" and _role != "second":
		say({"failed": "--role=first or --role=second is missing"})
		finish(false)
		return
	NetworkingManager.player_name = _role
	_position = LANE if _role == "second" else Vector3(0.0, 0.0, -9.0)
	begin_step("connect to TEST")
	var entered: Dictionary = await NetworkingManager.connect_to_test_lobby()
	expect_ok(entered, "connected to TEST")
	if is_over():
		return
	if _role == "first":
		await _be_first()
	else:
		await _be_second()


func _process(delta: float) -> void:
	if _walking:
		_position.x = minf(_position.x + SPEED * delta, LANE.x + WALK)
	if NetworkingManager.is_online():
		NetworkingManager.send_position(_position, Vector3(0.0, -PI / 2.0, 0.0))


func _be_first() -> void:
	say({"ready": true})
	begin_step("second joins")
	while _other == 0:
		await get_tree().process_frame
	begin_step("second walks %.1f m" % SEEN_WALK)
	while _seen_walk < SEEN_WALK and not is_over():
		await get_tree().process_frame
	say({"ok": "second walked", "seen_m": _seen_walk, "off_lane_m": _furthest_off_lane})
	expect(_furthest_off_lane < 0.01, "it kept to its lane", _furthest_off_lane)
	begin_step("second leaves")
	while not _other_left and not is_over():
		await get_tree().process_frame
	say({"seen_walk_m": _seen_walk})
	finish(true)


func _be_second() -> void:
	begin_step("see first")
	while _other == 0 or _seen_from == Vector3.INF:
		await get_tree().process_frame
	begin_step("walk")
	_walking = true
	while _position.x < LANE.x + WALK and not is_over():
		await get_tree().process_frame
	say({"ok": "walked", "walk_m": _position.x - LANE.x})
	# the end of the walk gets on its way before the goodbye
	await wait(0.3)
	finish(true)


func _on_player_joined(player_id: int) -> void:
	var remote: LobbydRemote = NetworkingManager.get_player(player_id)
	say({"joined": player_id, "name": remote.name, "dummy": remote.is_dummy()})
	if not remote.is_dummy() and remote.name == ("second" if _role == "first" else "first"):
		_other = player_id


func _on_player_left(player_id: int) -> void:
	say({"left": player_id})
	if player_id == _other:
		_other_left = true


func _on_player_moved(player_id: int, position: Vector3, _rotation: Vector3) -> void:
	if player_id != _other or _other == 0:
		return
	if _seen_from == Vector3.INF:
		_seen_from = position
	_seen_walk = maxf(_seen_walk, position.x - _seen_from.x)
	_furthest_off_lane = maxf(_furthest_off_lane, absf(position.z - _seen_from.z))
