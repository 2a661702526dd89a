class_name LobbydInbox
extends RefCounted
## Datagrams on their way from the thread that receives them to the frame that reads them.
##
## It may be used from two threads at once, and it is bounded: who does not take for long finds the
## newest datagrams and the number of those that went.

## About 34 s of snapshots at 60 Hz.
const CAPACITY: int = 2048

## Datagrams that went because nobody took them.
var overflowed: int:
	get:
		_lock.lock()
		var count: int = _overflowed
		_lock.unlock()
		return count

var _lock: Mutex = Mutex.new()
var _ring: Array[Arrival] = []
var _first: int = 0
var _count: int = 0
var _overflowed: int = 0
var _looks: int = 0
var _closed: bool = false


## A datagram and when it came.
class Arrival:
	extends RefCounted

	## Its bytes.
	var datagram: PackedByteArray
	## When it came, by [method Time.get_ticks_usec].
	var usec: int

	func _init(bytes: PackedByteArray, arrived_usec: int) -> void:
		datagram = bytes
		usec = arrived_usec


func _init() -> void:
	_ring.resize(CAPACITY)


## Adds a datagram; the oldest one goes where there is no room.
func put(datagram: PackedByteArray, arrived_usec: int) -> void:
	var arrival: Arrival = Arrival.new(datagram, arrived_usec)
	_lock.lock()
	if _count == CAPACITY:
		_first = (_first + 1) % CAPACITY
		_overflowed += 1
	else:
		_count += 1
	_ring[(_first + _count - 1) % CAPACITY] = arrival
	_lock.unlock()


## Takes out at most so many, in the order in which they came.
func take(most: int) -> Array[Arrival]:
	var taken: Array[Arrival] = []
	_lock.lock()
	for i: int in mini(most, _count):
		taken.append(_ring[_first])
		_ring[_first] = null
		_first = (_first + 1) % CAPACITY
		_count -= 1
	_lock.unlock()
	return taken


## Notes that all that had come by then was put.
func note_look() -> void:
	_lock.lock()
	_looks += 1
	_lock.unlock()


## How often [method note_look] was called.
func looks() -> int:
	_lock.lock()
	var count: int = _looks
	_lock.unlock()
	return count


## Asks the thread that fills it to end.
func close() -> void:
	_lock.lock()
	_closed = true
	_lock.unlock()


## Whether [method close] was called.
func is_closed() -> bool:
	_lock.lock()
	var closed: bool = _closed
	_lock.unlock()
	return closed
