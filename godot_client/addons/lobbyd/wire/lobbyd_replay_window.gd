class_name LobbydReplayWindow
extends RefCounted
## Which of the newest 256 sequence numbers of one direction came already.
##
## The check is apart from the commit, because the window may move only after a datagram's tag
## was verified.

## Highest committed number; 0 before the first.
var newest: int = 0
## How many numbers were committed.
var committed: int = 0

# the number that last took each place; a place holds its number or an older one
var _places: PackedInt64Array = PackedInt64Array()
# bit n: newest - n came, for the 33 that acknowledgements speak of
var _recent: int = 0


func _init() -> void:
	_places.resize(LobbydWire.WINDOW)
	_places.fill(0)


## Whether [param seq] may still be accepted; changes nothing.
func fresh(seq: int) -> bool:
	# subtraction side: the addition form overflows in fixed-width languages
	var behind: int = newest - seq
	if behind < 0:
		return true
	return behind < LobbydWire.WINDOW and seq > 0 and _places[seq % LobbydWire.WINDOW] != seq


## Marks [param seq], which [method fresh] allowed, as received.
func commit(seq: int) -> void:
	_places[seq % LobbydWire.WINDOW] = seq
	committed += 1
	var ahead: int = seq - newest
	if ahead > 0:
		_recent = (_recent << ahead | 1) & 0x1FFFFFFFF if ahead < 33 else 1
		newest = seq
	elif ahead > -33:
		_recent |= 1 << -ahead


## The header's u32: bit n tells whether [code]newest - n - 1[/code] came.
func ack_bits() -> int:
	return _recent >> 1 & 0xFFFFFFFF
