class_name LobbydSerial
extends RefCounted
## Serial number arithmetic (RFC 1982) for the wrap-around clocks and ids of the wire.


## How far [param a] is ahead of [param b] on a ring of 2^[param bits], from minus half of it on.
static func difference(a: int, b: int, bits: int) -> int:
	var half: int = 1 << (bits - 1)
	return ((a - b + half) & ((1 << bits) - 1)) - half


## Whether [param a] comes after [param b]; false at exactly half the ring, where nobody can tell.
static func newer(a: int, b: int, bits: int) -> bool:
	var ahead: int = (a - b) & ((1 << bits) - 1)
	return ahead > 0 and ahead < 1 << (bits - 1)


## The number nearest to [param near] whose low [param bits] bits are [param low].
static func unwrap(low: int, near: int, bits: int) -> int:
	return near + difference(low, near & ((1 << bits) - 1), bits)


## The id after [param number]: 1 to 65535, then 1 again, because 0 means none.
static func next_reliable_id(number: int) -> int:
	return number % 0xFFFF + 1


## How far reliable id [param a] is ahead of [param b] on the ring 1 to 65535.
## [param b] may be 0, the place before the first message.
static func reliable_distance(a: int, b: int) -> int:
	return posmod(a - b + 32767, 0xFFFF) - 32767
