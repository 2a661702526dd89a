class_name LobbydCounters
extends RefCounted
## What went through a [LobbydSession], for graphs and tests.

## Datagrams that were accepted.
var datagrams_in: int = 0
## Their bytes.
var bytes_in: int = 0
## Datagrams that were sent.
var datagrams_out: int = 0
## Their bytes.
var bytes_out: int = 0
## Snapshots received.
var snapshots: int = 0
## Server ticks of which a snapshot came.
var ticks_seen: int = 0
## Server ticks that were due for a snapshot, between the first and the newest, and did not come.
var ticks_missed: int = 0
## Server datagrams that never came, by the gaps in their numbers.
var datagrams_missed: int = 0
## Positions put into buffers.
var records: int = 0
## Datagrams dropped, by reason.
var dropped: Dictionary[StringName, int] = {}


## Counts one dropped datagram.
func drop(reason: StringName) -> void:
	var before: int = dropped.get(reason, 0)
	dropped[reason] = before + 1


## Datagrams dropped for any reason.
func dropped_total() -> int:
	var total: int = 0
	for count: int in dropped.values():
		total += count
	return total
