class_name LobbydHttpCall
extends RefCounted
## One call of [LobbydHttp], from the first try to its end.

## The call came to its end, well or not; emitted once, never before the next poll.
signal finished(answer: LobbydResult)

## Method of the request.
var method: HTTPClient.Method = HTTPClient.METHOD_GET
## Path and query below the server's address.
var path: String = ""
## Header lines.
var headers: PackedStringArray = PackedStringArray()
## JSON text; empty for none.
var body: String = ""
## Whether it does no harm when the server is asked twice. Else it is asked again only where it
## cannot have heard the first time, or said that it did nothing (503).
var repeatable: bool = true
## Whether the connection failed in a way that another try would meet, too.
var hopeless: bool = false
## Whether the server may have heard a try.
var heard: bool = false
## How often it was begun.
var attempts: int = 0
## When the next try may begin.
var begin_usec: int = 0
## When the try under way is given up.
var attempt_until_usec: int = 0
## When the whole call is given up.
var until_usec: int = 0
## The connection in use, null between two tries.
var connection: LobbydHttpConnection = null

var _cancelled: bool = false


## Gives the call up: it ends with [constant LobbydResult.CANCELLED] at the next poll. The server
## may have done what was asked.
func cancel() -> void:
	_cancelled = true


## Whether [method cancel] was called.
func is_cancelled() -> bool:
	return _cancelled


## The game slept for so long and could not look at the answer: no deadline runs in that time.
func put_off(usec: int) -> void:
	if until_usec > 0:
		until_usec += usec
		attempt_until_usec += usec


## Ends the call.
func finish(answer: LobbydResult) -> void:
	finished.emit(answer)
