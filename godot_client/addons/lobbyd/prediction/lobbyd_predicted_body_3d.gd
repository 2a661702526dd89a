@tool
@icon("res://addons/lobbyd/icons/predicted_body_3d.svg")
class_name LobbydPredictedBody3D
extends Node
## Predicts the own player: put it below a [CharacterBody3D], which then moves at once, is told to
## the others, and is put right when the server says so. What is sent is the body's position in its
## parent, as [LobbydRemotePlayer3D] draws others in theirs.
##
## It calls these methods of the body, each physics tick in this order:
## [codeblock]
## func _lobbyd_input() -> Variant                      # what the player wants now: a fresh value
## func _lobbyd_simulate(input: Variant, delta: float)  # one tick; as in _physics_process
## func _lobbyd_input_bits(input: Variant) -> int       # may be left out: 16 bits for the samples
## func _lobbyd_state() -> Variant                      # may be left out: what else it depends on
## func _lobbyd_restore(state: Variant)                 # goes with it: puts that back
## [/codeblock]
## After a correction it simulates again what the server had not seen yet. Then
## [code]_lobbyd_simulate[/code] is called several times in one tick, and must depend on nothing but
## the input, [code]delta[/code], where the body is and what [code]_lobbyd_state[/code] gives.
## [member is_replaying] tells it to play no sounds. See docs/prediction.md.

## The server put the player elsewhere, [param distance] metres away. The body is there already;
## [member visual] follows smoothly.
signal corrected(distance: float)
## So far away, or by a teleport, that [member visual] jumped.
signal snapped

## Drawn after everything of the game has moved.
const PRIORITY: int = 100
const _SIMULATE: StringName = &"_lobbyd_simulate"
const _INPUT: StringName = &"_lobbyd_input"
const _INPUT_BITS: StringName = &"_lobbyd_input_bits"
const _STATE: StringName = &"_lobbyd_state"
const _RESTORE: StringName = &"_lobbyd_restore"
const _COUNTER: int = 0xC0
const _ONE_JUMP: int = 0x40

## What people see of the player: moved each frame to where the body is, plus what is left of
## the last correction's error. Usually a child of the body, with the camera below it.
@export var visual: Node3D = null:
	set(value):
		visual = value
		update_configuration_warnings()
		_rest = Transform3D.IDENTITY
		_adopt_visual()
## Draws [member visual] between the last two physics ticks, evenly at any frame rate and up to one
## tick late. Without it, it is where the last tick left it.
@export var interpolate: bool = true
## Its player; without one the autoload's.
@export var client: LobbydClient = null:
	set(value):
		client = value
		update_configuration_warnings()
		if is_inside_tree() and not Engine.is_editor_hint():
			_listen(LobbydClient.find(self, client))

## Whether [code]_lobbyd_simulate[/code] is called for a tick that was simulated before.
var is_replaying: bool = false
## What is left of the last corrections; its half-life and snap distance may be changed.
var offset: LobbydVisualOffset = LobbydVisualOffset.new()
## Corrections so far.
var corrections: int = 0

var _body: CharacterBody3D = null
var _client: LobbydClient = null
var _predictor: LobbydPredictor = LobbydPredictor.new()
var _clock: LobbydTickClock = LobbydTickClock.new()
var _before: LobbydPredictor.State = null
var _now: LobbydPredictor.State = null
# the newest CORRECTION that no tick has applied yet
var _pending: LobbydEvent = null
var _pending_usec: int = -1
var _jumps: int = 0
# visual, as seen from the body
var _rest: Transform3D = Transform3D.IDENTITY


func _init() -> void:
	process_priority = PRIORITY


func _enter_tree() -> void:
	_body = get_parent() as CharacterBody3D
	var works: bool = not Engine.is_editor_hint() and _body != null
	set_process(works)
	set_physics_process(works)
	if works:
		_listen(LobbydClient.find(self, client))


func _ready() -> void:
	_adopt_visual()


func _exit_tree() -> void:
	_listen(null)
	_predictor.clear()
	_clock.restart()
	_before = null
	_now = null
	_pending = null


func _get_configuration_warnings() -> PackedStringArray:
	var warnings: PackedStringArray = PackedStringArray()
	var body: CharacterBody3D = get_parent() as CharacterBody3D
	if body == null:
		warnings.append("Put this node below a CharacterBody3D: that is the body it predicts.")
	else:
		for method: StringName in [_INPUT, _SIMULATE]:
			if not body.has_method(method):
				warnings.append("The script of %s needs a method %s." % [body.name, method])
		if body.has_method(_STATE) != body.has_method(_RESTORE):
			warnings.append("%s and %s go together." % [_STATE, _RESTORE])
	if visual == null:
		warnings.append("Without a visual, corrections of the body are seen as jumps.")
	elif visual == body:
		warnings.append("The visual must be another node than the body.")
	return warnings + LobbydWarnings.of_client(client)


func _physics_process(delta: float) -> void:
	var length_usec: float = 1_000_000.0 / Engine.physics_ticks_per_second
	var local_usec: int = _clock.tick(
		Time.get_ticks_usec(),
		Engine.get_process_frames(),
		length_usec,
		Engine.max_physics_steps_per_frame
	)
	if _pending != null:
		_apply_correction()
	_before = _now if _now != null else _read()
	var facing: Quaternion = _facing()
	var input: Variant = _body.call(_INPUT)
	_body.call(_SIMULATE, input, delta)
	_now = _read()
	var moment_usec: int = _send(input, local_usec)
	if moment_usec < 0:
		_predictor.clear()
	else:
		_predictor.record(moment_usec, roundi(length_usec), delta, input, facing, _now)


func _process(delta: float) -> void:
	offset.advance(delta)
	if visual == null or _now == null:
		return
	var space: Node3D = _body.get_parent_node_3d()
	var there: Transform3D = drawn() * _rest
	visual.global_transform = there if space == null else space.global_transform * there


## Where the body is drawn in this frame, in the space of its parent: what [member visual] follows.
func drawn() -> Transform3D:
	if _now == null:
		return _body.transform
	var position: Vector3 = _now.position
	var rotation: Quaternion = _now.rotation
	if interpolate:
		var fraction: float = clampf(Engine.get_physics_interpolation_fraction(), 0.0, 1.0)
		position = _before.position.lerp(_now.position, fraction)
		rotation = _before.rotation.slerp(_now.rotation, fraction)
	var turned: Basis = _basis((offset.rotation * rotation).normalized())
	return Transform3D(turned, position + offset.position)


## Tells that the game itself has just put the body elsewhere, as at a respawn: nobody draws it on
## the way. Where the lobby has limits, let the host teleport the player instead.
func reset() -> void:
	_jumps += 1
	_predictor.clear()
	offset.clear()
	_now = _read()
	_before = _now


func _send(input: Variant, local_usec: int) -> int:
	var session: LobbydSession = _client.get_session() if _client != null else null
	if session == null:
		return -1
	var bits: int = _body.call(_INPUT_BITS, input) if _body.has_method(_INPUT_BITS) else 0
	bits = (bits & ~_COUNTER) | ((bits + _jumps * _ONE_JUMP) & _COUNTER)
	return session.push_sample(_now.position, _now.rotation, bits, local_usec)


# In a physics tick: only there move_and_slide takes the tick's time.
func _apply_correction() -> void:
	var correction: LobbydEvent = _pending
	_pending = null
	var before: LobbydPredictor.State = _now if _now != null else _read()
	# players look around between ticks
	var turned: Quaternion = _facing() * before.rotation.inverse()
	is_replaying = true
	var outcome: LobbydPredictor.Outcome = _predictor.reconcile(
		correction.position,
		correction.rotation,
		correction.reason,
		_pending_usec,
		before,
		_put,
		_simulate_again
	)
	is_replaying = false
	_now = _read()
	if not outcome.teleported:
		_body.basis = _basis((turned * _now.rotation).normalized())
	corrections += 1
	var distance: float = outcome.position_error.length()
	var shown: float = (offset.position + outcome.position_error).length()
	var jumps: bool = outcome.teleported or maxf(distance, shown) > offset.snap_distance
	if jumps:
		offset.clear()
	else:
		offset.add(outcome.position_error, outcome.rotation_error)
	_body.reset_physics_interpolation()
	corrected.emit(distance)
	if jumps:
		snapped.emit()


func _put(state: LobbydPredictor.State) -> void:
	var there: Transform3D = Transform3D(_basis(state.rotation), state.position)
	_body.transform = there
	if state.extra != null and _body.has_method(_RESTORE):
		_body.call(_RESTORE, state.extra)
	# what the body stands on is known only after a slide; this one goes nowhere
	_body.velocity = Vector3.ZERO
	_body.move_and_slide()
	if state.on_floor and not _body.is_on_floor():
		# the wire's rounding lifted it off
		_body.apply_floor_snap()
	_body.transform = there
	_body.velocity = state.velocity


func _simulate_again(tick: LobbydPredictor.Tick) -> LobbydPredictor.State:
	_body.basis = _basis(tick.facing)
	_body.call(_SIMULATE, tick.input, tick.delta)
	return _read()


func _read() -> LobbydPredictor.State:
	var state: LobbydPredictor.State = LobbydPredictor.State.new()
	state.position = _body.position
	state.rotation = _facing()
	state.velocity = _body.velocity
	state.on_floor = _body.is_on_floor()
	if _body.has_method(_STATE):
		state.extra = _body.call(_STATE)
	return state


func _facing() -> Quaternion:
	return _body.basis.get_rotation_quaternion()


# A turn of the body that keeps its scale.
func _basis(rotation: Quaternion) -> Basis:
	return Basis(rotation) * Basis.from_scale(_body.basis.get_scale())


func _adopt_visual() -> void:
	update_configuration_warnings()
	if Engine.is_editor_hint() or visual == null or _body == null or not visual.is_inside_tree():
		return
	_rest = _body.global_transform.affine_inverse() * visual.global_transform
	# it is moved in frames, not in ticks
	visual.physics_interpolation_mode = Node.PHYSICS_INTERPOLATION_MODE_OFF


func _listen(to: LobbydClient) -> void:
	if _client == to:
		return
	if _client != null:
		_client.happened.disconnect(_on_happened)
	_client = to
	if _client != null:
		_client.happened.connect(_on_happened)


func _on_happened(event: LobbydEvent) -> void:
	match event.kind:
		LobbydEvent.Kind.CORRECTION:
			var session: LobbydSession = _client.get_session()
			# whoever was told before may have left
			if session != null:
				_pending = event
				_pending_usec = session.sample_usec(event.sample_seq)
		LobbydEvent.Kind.CONNECTED, LobbydEvent.Kind.DISCONNECTED, LobbydEvent.Kind.DENIED:
			_pending = null
			_predictor.clear()
