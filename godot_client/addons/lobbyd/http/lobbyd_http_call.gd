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
## Whether a lost answer may be asked for again.
var repeatable: bool = true
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


## Ends the call.
func finish(answer: LobbydResult) -> void:
	finished.emit(answer)
