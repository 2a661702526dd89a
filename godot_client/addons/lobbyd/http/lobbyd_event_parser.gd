class_name LobbydEventParser
extends RefCounted
## Reads server-sent events from bytes, cut anywhere.
##
## The format is that of the HTML standard: fields in lines, an empty line ends an event. Lines may
## end with LF, CR or CR LF.


## One event.
class Event:
	extends RefCounted

	## Its kind.
	var name: String = "message"
	## Its text.
	var data: String = ""
	## The newest id that the stream named.
	var id: String = ""


## More than any event of a lobbyd server has, bytes.
const MAX_EVENT: int = 1 << 21
const _LF: int = 10
const _CR: int = 13

## The newest id that an event had; a new connection may ask for what came after it.
var last_id: String = ""
## Milliseconds after which the server wants to be asked again; 0 where it named none.
var retry_ms: int = 0
## Whether an event was larger than [constant MAX_EVENT]: nothing is read any more.
var is_spoilt: bool = false

var _line: PackedByteArray = PackedByteArray()
var _after_cr: bool = false
var _first_line: bool = true
var _name: String = ""
var _data: PackedStringArray = PackedStringArray()
var _id: String = ""
var _size: int = 0


## Takes bytes as they came; returns the events that are complete.
func feed(bytes: PackedByteArray) -> Array[Event]:
	var events: Array[Event] = []
	var from: int = 0
	if _after_cr and not bytes.is_empty():
		_after_cr = false
		from = 1 if bytes[0] == _LF else 0
	var cr: int = bytes.find(_CR, from)
	var lf: int = bytes.find(_LF, from)
	while from < bytes.size() and not is_spoilt:
		# what is still ahead, or not there at all, is not looked for at every line
		if cr >= 0 and cr < from:
			cr = bytes.find(_CR, from)
		if lf >= 0 and lf < from:
			lf = bytes.find(_LF, from)
		var end: int = maxi(lf, cr) if lf < 0 or cr < 0 else mini(lf, cr)
		_line.append_array(bytes.slice(from, end if end >= 0 else bytes.size()))
		if _size + _line.size() > MAX_EVENT:
			is_spoilt = true
			_line.clear()
			_data.clear()
		elif end >= 0:
			_end_line(events)
		if end < 0:
			break
		from = end + 1
		if bytes[end] == _CR:
			_after_cr = from == bytes.size()
			if from < bytes.size() and bytes[from] == _LF:
				from += 1
	return events


func _end_line(events: Array[Event]) -> void:
	if _first_line and _line.size() >= 3 and _line.slice(0, 3) == PackedByteArray([239, 187, 191]):
		_line = _line.slice(3)
	_first_line = false
	if _line.is_empty():
		_end_event(events)
	# a line that begins with a colon is a comment, which keeps the connection alive
	elif _line[0] != 0x3A and LobbydText.is_utf8(_line):
		_size += _line.size()
		_take_field(LobbydText.decode(_line))
	_line.clear()


func _take_field(line: String) -> void:
	var field: String = line.get_slice(":", 0)
	var value: String = line.substr(field.length() + 1).trim_prefix(" ")
	match field:
		"event":
			_name = value
		"data":
			_data.append(value)
		"id":
			_id = value
		"retry":
			if value.is_valid_int():
				retry_ms = clampi(value.to_int(), 0, 60_000)


func _end_event(events: Array[Event]) -> void:
	if not _id.is_empty():
		last_id = _id
	if not _data.is_empty():
		var event: Event = Event.new()
		event.name = _name if not _name.is_empty() else "message"
		event.data = "\n".join(_data)
		event.id = last_id
		events.append(event)
	_name = ""
	_id = ""
	_size = 0
	_data.clear()
