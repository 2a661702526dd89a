extends "res://tests/test_case.gd"
## Server-sent events from bytes, however they are cut.

const STREAM: String = (
	':hello\n\nevent: lobby\nid: 17\ndata: {"a": 1}\n\nretry: 3000\ndata: one\ndata:two\n\n'
	+ 'id: 18\nevent: gone\ndata: {"name": "grüße €"}\n\ndata: unfinished\n'
)
const SHOWN: Array = [
	["lobby", '{"a": 1}', "17"],
	["message", "one\ntwo", "17"],
	["gone", '{"name": "grüße €"}', "18"],
]


func _told(events: Array[LobbydEventParser.Event]) -> Array:
	var shown: Array = []
	for event: LobbydEventParser.Event in events:
		shown.append([event.name, event.data, event.id])
	return shown


func _fed(pieces: Array[PackedByteArray]) -> Array:
	var parser: LobbydEventParser = LobbydEventParser.new()
	var shown: Array = []
	for piece: PackedByteArray in pieces:
		shown += _told(parser.feed(piece))
	return shown


func test_cut_at_every_byte_and_with_every_end_of_line() -> void:
	for end: String in ["\n", "\r\n", "\r"]:
		var bytes: PackedByteArray = STREAM.replace("\n", end).to_utf8_buffer()
		equal(_fed([bytes]), SHOWN, "whole")
		var single: Array[PackedByteArray] = []
		for i: int in bytes.size():
			equal(_fed([bytes.slice(0, i), bytes.slice(i)]), SHOWN, "cut at %d" % i)
			single.append(bytes.slice(i, i + 1))
		equal(_fed(single), SHOWN, "byte by byte")


func test_fields() -> void:
	var parser: LobbydEventParser = LobbydEventParser.new()
	parser.feed("retry: 2500\nretry: x\nretry: -5\nfoo: bar\n:\n\n".to_utf8_buffer())
	equal(parser.retry_ms, 0, "a negative wait is none")
	parser.feed("retry: 999999999\n\n".to_utf8_buffer())
	equal(parser.retry_ms, 60_000, "and none is for ever")
	equal(parser.feed("event: x\n\n".to_utf8_buffer()).size(), 0, "nothing without data")
	equal(_told(parser.feed("data\n\n".to_utf8_buffer())), [["message", "", ""]])
	parser.feed("id: 5\n\n".to_utf8_buffer())
	equal(parser.last_id, "5")
	var bom: PackedByteArray = PackedByteArray([239, 187, 191]) + "data: x\n\n".to_utf8_buffer()
	equal(_fed([bom]), [["message", "x", ""]])


func test_lines_that_are_no_text_are_passed_over() -> void:
	var bad: PackedByteArray = "data: ".to_utf8_buffer() + PackedByteArray([0xFF, 0xC0, 10])
	var good: PackedByteArray = "data: fine\n\n".to_utf8_buffer()
	equal(_fed([bad + good]), [["message", "fine", ""]])


func test_what_is_too_long_is_not_kept() -> void:
	for line: String in ["data: aaaaaaaaaaaaaaaaaaaaaaaaa\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]:
		var parser: LobbydEventParser = LobbydEventParser.new()
		var piece: PackedByteArray = line.repeat(1 << 12).to_utf8_buffer()
		var fed: int = 0
		while not parser.is_spoilt and fed < 3 * LobbydEventParser.MAX_EVENT:
			equal(parser.feed(piece).size(), 0)
			fed += piece.size()
		check(parser.is_spoilt, "it takes without end: " + line)
		equal(parser.feed("\n\ndata: x\n\n".to_utf8_buffer()).size(), 0, "it is over")


func test_comments_may_be_many() -> void:
	var parser: LobbydEventParser = LobbydEventParser.new()
	var piece: PackedByteArray = ": still here\n".repeat(1 << 12).to_utf8_buffer()
	for i: int in 50:
		parser.feed(piece)
	equal(_told(parser.feed("data: x\n\n".to_utf8_buffer())), [["message", "x", ""]])


func test_lines_of_one_kind_of_end_alone_are_read_once() -> void:
	# looking for the other kind at each line would take hours
	for end: String in ["\r", "\n"]:
		var parser: LobbydEventParser = LobbydEventParser.new()
		equal(parser.feed(end.repeat(1 << 20).to_ascii_buffer()).size(), 0)
		equal(_told(parser.feed("data: x\n\n".to_utf8_buffer())), [["message", "x", ""]])


func test_garbage_never_breaks() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = 5
	var origin: PackedByteArray = STREAM.to_utf8_buffer()
	var parsed: int = 0
	for i: int in 2000:
		var bytes: PackedByteArray = origin.duplicate()
		for n: int in random.randi_range(1, 12):
			bytes[random.randi() % bytes.size()] = random.randi() % 256
		var at: int = random.randi() % bytes.size()
		parsed += _fed([bytes.slice(0, at), bytes.slice(at)]).size()
	check(parsed > 1000 and parsed < 12_000, "%d events" % parsed)
