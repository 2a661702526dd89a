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
## The server sends fewer snapshots while nobody moves; [member datagrams_missed] knows only losses.
var ticks_missed: int = 0
## Datagrams of the server that have not come, by the gaps in the current connection's numbers.
var datagrams_missed: int = 0
## Positions put into buffers.
var records: int = 0
## Largest time between two snapshots.
var largest_gap_usec: int = 0
## Corrections of this player's position that were told.
var corrections: int = 0
## Connections after the first.
var reconnects: int = 0
## Datagrams dropped, by reason.
var dropped: Dictionary[StringName, int] = {}

var _newest_tick: int = -1
var _arrived_usec: int = 0


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


## Counts one datagram that was accepted.
func accept(size: int) -> void:
	datagrams_in += 1
	bytes_in += size


## Counts datagrams that were sent.
func send(datagrams: Array[PackedByteArray]) -> void:
	for datagram: PackedByteArray in datagrams:
		datagrams_out += 1
		bytes_out += datagram.size()


## Counts a snapshot of [param server_tick] that came at [param arrived_usec]; there is one every
## [param stride] ticks.
func tick(server_tick: int, stride: int, arrived_usec: int) -> void:
	if snapshots > 0:
		largest_gap_usec = maxi(largest_gap_usec, arrived_usec - _arrived_usec)
	_arrived_usec = maxi(_arrived_usec, arrived_usec)
	snapshots += 1
	ticks_seen += 1
	if _newest_tick >= 0:
		var ahead: int = LobbydSerial.difference(server_tick, _newest_tick, 32)
		if ahead < 0:
			ticks_missed = maxi(0, ticks_missed - 1)
			return
		ticks_missed += maxi(0, roundi(ahead / float(stride)) - 1)
	_newest_tick = server_tick


## The server's ticks may begin anew.
func restart_ticks() -> void:
	_newest_tick = -1
