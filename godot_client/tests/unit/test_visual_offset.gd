extends "res://tests/test_case.gd"
## The offset that hides a correction.

var _offset: LobbydVisualOffset = LobbydVisualOffset.new()


func test_half_is_gone_after_a_half_life() -> void:
	var turn: Quaternion = Quaternion(Vector3.UP, 0.8)
	_offset.add(Vector3(1, 0, -2), turn)
	for i: int in 6:
		_offset.advance(0.01)
	near(_offset.position.distance_to(Vector3(0.5, 0, -1)), 0.0, 0.000_01)
	near(_offset.rotation.angle_to(Quaternion(Vector3.UP, 0.4)), 0.0, 0.000_5)
	_offset.half_life_sec = 0.12
	_offset.advance(0.12)
	near(_offset.position.length(), sqrt(5.0) / 4.0, 0.000_01)


func test_steps_of_any_length_come_to_the_same() -> void:
	var other: LobbydVisualOffset = LobbydVisualOffset.new()
	_offset.add(Vector3(1, 0, 0), Quaternion.IDENTITY)
	other.add(Vector3(1, 0, 0), Quaternion.IDENTITY)
	for i: int in 100:
		_offset.advance(0.003)
	other.advance(0.3)
	near(_offset.position.x, other.position.x, 0.000_01)
	check(_offset.position.x > 0.03)


func test_an_injected_metre_is_gone_in_time() -> void:
	# issue 4: under 5 cm within 400 ms, and no frame of 60 a second steps more than 30 cm
	_offset.add(Vector3(0, 0, 1), Quaternion.IDENTITY)
	var before: float = 1.0
	for i: int in 24:
		_offset.advance(1.0 / 60.0)
		check(before - _offset.position.z < 0.3)
		before = _offset.position.z
	check(before < 0.05, "%f m" % before)


func test_it_ends() -> void:
	_offset.add(Vector3(1, 1, 1), Quaternion(Vector3.RIGHT, 1.0))
	check(not _offset.is_zero())
	_offset.advance(3.0)
	check(_offset.is_zero())
	_offset.advance(3.0)
	check(_offset.is_zero())


func test_corrections_add_up_and_snap() -> void:
	var turn: Quaternion = Quaternion(Vector3.UP, 0.5)
	_offset.add(Vector3(2, 0, 0), turn)
	_offset.add(Vector3(0.9, 0, 0), turn)
	near(_offset.position.x, 2.9, 0.000_01)
	near(_offset.rotation.angle_to(Quaternion(Vector3.UP, 1.0)), 0.0, 0.000_5)
	_offset.add(Vector3(0.2, 0, 0), turn)
	check(_offset.is_zero(), "3.1 m is a jump")


func test_drawn_where_it_was_drawn() -> void:
	var drawn: Quaternion = Quaternion.from_euler(Vector3(0.3, 1.2, -0.4))
	var told: Quaternion = Quaternion.from_euler(Vector3(-0.2, 0.9, 0.1))
	_offset.add(Vector3(3, 4, 5) - Vector3(2, 4, 5), drawn * told.inverse())
	near((_offset.rotation * told).angle_to(drawn), 0.0, 0.000_5)
	equal(Vector3(2, 4, 5) + _offset.position, Vector3(3, 4, 5))
