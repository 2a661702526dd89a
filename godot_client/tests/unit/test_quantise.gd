extends "res://tests/test_case.gd"
## Positions and rotations against the golden vectors.


func test_golden_positions() -> void:
	var data: Dictionary = vectors("quantise.json")
	for entry: Dictionary in data["positions"]:
		var metres: float = entry["metres"]
		var steps: int = entry["steps"]
		equal(LobbydQuantise.steps_of(metres, 0.0, LobbydWire.POSITION_STEP), steps, str(metres))


func test_golden_rotations() -> void:
	var data: Dictionary = vectors("quantise.json")
	for entry: Dictionary in data["rotations"]:
		var packed: int = entry["packed"]
		equal(LobbydQuantise.pack_rotation(_quaternion(entry["quaternion"])), packed, "pack")
		var back: Quaternion = LobbydQuantise.unpack_rotation(packed)
		check(back.is_equal_approx(_quaternion(entry["unpacked"])), "unpack %d" % packed)


func test_upright_is_exactly_upright() -> void:
	var packed: int = LobbydQuantise.pack_rotation(Quaternion.IDENTITY)
	equal(LobbydQuantise.unpack_rotation(packed), Quaternion.IDENTITY)


func test_every_packed_rotation_gives_a_unit_quaternion() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 3
	for i: int in 2000:
		check(LobbydQuantise.unpack_rotation(random.randi()).is_normalized())
	check(LobbydQuantise.unpack_rotation(0xFFFFFFFF).is_normalized())
	check(LobbydQuantise.unpack_rotation(0).is_normalized())


func test_rotation_error_is_below_a_quarter_degree() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 4
	for i: int in 2000:
		var q: Quaternion = (
			Quaternion(random.randfn(), random.randfn(), random.randfn(), random.randfn())
			. normalized()
		)
		var back: Quaternion = LobbydQuantise.unpack_rotation(LobbydQuantise.pack_rotation(q))
		check(rad_to_deg(q.angle_to(back)) < 0.25, str(q))


func test_positions_survive_the_bytes() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 5
	var grid: LobbydQuantise = LobbydQuantise.new()
	grid.origin = Vector3(100.0, -50.0, 7.0)
	grid.step = 1.0 / 256.0
	var bytes: PackedByteArray = PackedByteArray()
	equal(bytes.resize(12), OK)
	for i: int in 1000:
		var p: Vector3 = (
			grid.origin + Vector3(random.randfn(), random.randfn(), random.randfn()) * 99
		)
		grid.write_position(bytes, 1, p)
		var off: Vector3 = (grid.read_position(bytes, 1) - p).abs()
		check(off[off.max_axis_index()] <= grid.step / 2 + 0.0001, str(p))


func test_what_is_no_number_becomes_a_step() -> void:
	equal(LobbydQuantise.steps_of(NAN, 0.0, 1.0), 0)
	equal(LobbydQuantise.steps_of(INF, 0.0, 1.0), LobbydWire.POSITION_LIMIT)
	equal(LobbydQuantise.steps_of(-INF, 0.0, 1.0), -LobbydWire.POSITION_LIMIT)


func test_euler_angles_there_and_back() -> void:
	for angles: Vector3 in [Vector3(0.3, -2.0, 0.1), Vector3(-1.2, 3.0, -0.5), Vector3.ZERO]:
		var back: Vector3 = LobbydQuantise.to_euler(LobbydQuantise.from_euler(angles))
		check(back.is_equal_approx(angles), str(back))
	var turned: Vector3 = LobbydQuantise.from_euler(Vector3(0, PI / 2, 0)) * Vector3.FORWARD
	check(turned.is_equal_approx(Vector3.LEFT), "yaw turns about y")


func _quaternion(value: Variant) -> Quaternion:
	var c: Array = value
	var x: float = c[0]
	var y: float = c[1]
	var z: float = c[2]
	var w: float = c[3]
	return Quaternion(x, y, z, w)
