extends "res://tests/unit/session_case.gd"
## Where the server puts this player: told once, whatever brings it.

const UPDATE := LobbydWire.FrameType.UPDATE


func test_a_correction_is_told_once() -> void:
	connected()
	for i: int in 3:
		now += 50_000
		say(server.snapshot([], server.correction(Vector3(1, 2, 3)), 5, 40))
	equal(count(LobbydEvent.Kind.CORRECTION), 1)
	var correction: LobbydEvent = last(LobbydEvent.Kind.CORRECTION)
	equal([correction.position, correction.code, correction.sample_seq], [Vector3(1, 2, 3), 5, 40])
	session.correction_applied = 5
	session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	exchange()
	equal(server.bodies(UPDATE)[0][LobbydWire.UPDATE_CORR_ID], 5)
	say(server.snapshot([], server.correction(Vector3.ONE), 6))
	say(server.snapshot([], server.correction(Vector3(1, 2, 3)), 5))
	equal(last(LobbydEvent.Kind.CORRECTION).code, 6, "a late snapshot has the one before")
	equal(last(LobbydEvent.Kind.CORRECTION).sample_seq, 40)
	equal(session.counters.corrections, 2)


func test_numbers_of_corrections_go_around() -> void:
	connected()
	for n: int in 600:
		now += 10_000
		say(server.snapshot([], server.correction(Vector3(n, 0, 0)), n % 255 + 1))
		session.correction_applied = n % 255 + 1
		equal(session.correction_applied, n % 255 + 1)
	equal(session.counters.corrections, 600)


func test_a_teleport_of_the_own_slot_is_a_correction() -> void:
	connected()
	server.teleport(3, Vector3.UP, 1)
	say()
	equal(kinds().slice(1), [LobbydEvent.Kind.TELEPORT] as Array[LobbydEvent.Kind], "of another")
	server.teleport(2, Vector3.UP, 1)
	say()
	var teleport: int = LobbydWire.CorrectionReason.TELEPORT
	var told: LobbydEvent = last(LobbydEvent.Kind.CORRECTION)
	equal([told.position, told.reason, told.code], [Vector3.UP, teleport, 1])
	say(server.snapshot([], server.correction(Vector3.UP), 1))
	equal(count(LobbydEvent.Kind.CORRECTION), 1, "the snapshot tells the same")
	say(server.snapshot([], server.correction(Vector3.DOWN), 2))
	server.teleport(2, Vector3.DOWN, 2)
	say()
	equal(count(LobbydEvent.Kind.CORRECTION), 2, "and the other way round")


func test_after_a_correction_no_older_samples_go_along() -> void:
	connected()
	for i: int in 30:
		session.push_sample(Vector3(i, 0, 0), Quaternion.IDENTITY, 0, now)
		run(20_000)
	equal(server.bodies(UPDATE)[-1][LobbydWire.UPDATE_COUNT], 3)
	say(server.snapshot([], server.correction(Vector3.ONE), 1))
	session.correction_applied = 1
	server.frames.clear()
	for i: int in 10:
		session.push_sample(Vector3(99, 0, 0), Quaternion.IDENTITY, 0, now)
		run(20_000)
	equal(server.bodies(UPDATE)[0][LobbydWire.UPDATE_COUNT], 1)
	for update: PackedByteArray in server.bodies(UPDATE):
		for n: int in update[LobbydWire.UPDATE_COUNT]:
			var at: int = LobbydWire.UPDATE_SAMPLES + n * LobbydWire.SAMPLE_SIZE
			equal(server.grid.read_position(update, at).x, 99.0)


func test_a_sample_of_before_a_correction_does_not_leave_after_it() -> void:
	connected()
	for i: int in 8:
		session.push_sample(Vector3(50, 0, 0), Quaternion.IDENTITY, 0, now)
		run(7_000, 7_000)
	session.push_sample(Vector3(50, 0, 0), Quaternion.IDENTITY, 0, now)
	server.frames.clear()
	say(server.snapshot([], server.correction(Vector3.ONE), 1))
	session.correction_applied = 1
	run(100_000)
	equal(server.bodies(UPDATE).size(), 0, "nothing was offered since")
	session.push_sample(Vector3.ONE, Quaternion.IDENTITY, 0, now)
	run(100_000)
	var update: PackedByteArray = server.bodies(UPDATE)[0]
	near(server.grid.read_position(update, LobbydWire.UPDATE_SAMPLES).x, 1.0, 0.001)
