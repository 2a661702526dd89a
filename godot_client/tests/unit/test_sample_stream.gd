extends "res://tests/test_case.gd"
## What goes up when the game stops saying where its player is.

const FRAME_USEC: int = 16_667

var stream: LobbydSampleStream = LobbydSampleStream.new()
var grid: LobbydQuantise = LobbydQuantise.new()
var now: int = 5_000_000
var places: PackedFloat32Array = PackedFloat32Array()
var times: PackedInt64Array = PackedInt64Array()


func test_who_stops_offering_samples_is_said_to_stand_for_a_while() -> void:
	_walk(10, FRAME_USEC)
	places.clear()
	times.clear()
	_pass(1_000_000)
	near(places.size(), 6, 1, "0.3 s at 20 a second")
	for i: int in places.size():
		near(places[i], 0.9, 0.001, "at the last place")
	for i: int in range(1, times.size()):
		check(times[i] - times[i - 1] >= stream.interval_usec, "each at its own time")
	stream.push(now, Vector3.RIGHT, Quaternion.IDENTITY, 0)
	_frame()
	near(places[-1], 1.0, 0.001, "and goes on")


func test_the_only_sample_is_repeated_for_it_may_be_lost() -> void:
	stream.push(now, Vector3.ONE, Quaternion.IDENTITY, 0)
	_pass(2_000_000)
	near(places.size(), 7, 1, "itself, and 0.3 s at 20 a second")


func test_the_last_of_rare_samples_is_repeated_too() -> void:
	_walk(3, 24 * FRAME_USEC)
	equal(places.size(), 3, "none in between")
	_pass(2_000_000)
	near(places.size(), 9, 1)


func test_who_offers_samples_seldom_is_not_standing_in_between() -> void:
	_walk(10, 6 * FRAME_USEC)
	equal(places.size(), 10)


func test_who_was_put_elsewhere_is_not_said_to_stand_where_it_was() -> void:
	_walk(10, FRAME_USEC)
	_pass(FRAME_USEC * 3)
	places.clear()
	stream.forget_motion()
	_pass(1_000_000)
	equal(places.size(), 0)


# So many offers, one every so often, 0.1 m apart.
func _walk(offers: int, every_usec: int) -> void:
	for i: int in offers:
		stream.push(now, Vector3(0.1 * i, 0, 0), Quaternion.IDENTITY, 0)
		_pass(every_usec)


func _pass(usec: int) -> void:
	for frame: int in maxi(1, floori(float(usec) / FRAME_USEC)):
		_frame()
		now += FRAME_USEC


func _frame() -> void:
	stream.rest(now)
	if not stream.is_due(now):
		return
	var frame: PackedByteArray = stream.write(now, grid, 0, 0)
	var body: int = LobbydWire.FRAME_HEADER_SIZE
	times.append(
		LobbydSerial.unwrap(frame.decode_u32(body + LobbydWire.UPDATE_SAMPLE_TIME), now, 32)
	)
	places.append(grid.read_position(frame, body + LobbydWire.UPDATE_SAMPLES).x)
