class_name LobbydRoomEvents
extends RefCounted
## Turns what happens in a lobby into lines of the chat, and finds out why a countdown ended.
##
## The server says that a countdown is over, not why. Whoever left, fell silent or took the ready
## mark back just before is the reason; without anybody it was the host.

## Something that everybody in the room should read.
signal line(text: String)
## The countdown ended without a game; [param why] is a sentence.
signal called_off(why: String)

const _IN_ONE: String = "The game starts in %d second."
const _IN_MANY: String = "The game starts in %d seconds."

var _me: int = 0
# nothing is told before begin and after end
var _is_active: bool = false
var _state: String = ""
var _names: Dictionary[int, String] = {}
var _ready: Dictionary[int, bool] = {}
var _away: Dictionary[int, bool] = {}
var _blame: String = ""


## Hears all that happens in a lobby, from [method begin] to [method end].
func follow(watch: LobbydLobbyWatch) -> void:
	watch.member_joined.connect(joined)
	watch.member_left.connect(left)
	watch.member_changed.connect(changed)
	watch.host_changed.connect(host_changed)
	watch.state_changed.connect(
		func(state: String) -> void: state_changed(state, maxi(0, watch.countdown))
	)


## Begins anew with all who are there, without a word.
func begin(state: String, members: Array[LobbydMember], my_id: int) -> void:
	_me = my_id
	_is_active = true
	_state = state
	_names.clear()
	_ready.clear()
	_away.clear()
	_blame = ""
	for member: LobbydMember in members:
		_note(member)


## Tells nothing any more.
func end() -> void:
	_is_active = false


## Somebody came.
func joined(member: LobbydMember) -> void:
	if not _is_active or _names.has(member.player_id):
		return
	_note(member)
	if member.dummy or member.player_id == _me:
		return
	var text: String = LobbydWords.say("{name} joined.")
	if member.spectator:
		text = LobbydWords.say("{name} is watching.")
	line.emit(text.format({"name": LobbydRoomText.name_of(member)}))


## Somebody is gone.
func left(member: LobbydMember, reason: String) -> void:
	_names.erase(member.player_id)
	_ready.erase(member.player_id)
	_away.erase(member.player_id)
	if not _is_active or member.dummy:
		return
	var text: String = LobbydRoomText.left_line(LobbydRoomText.name_of(member), reason)
	if _counts_down() and not member.spectator:
		_blame = text
	line.emit(text)


## Ready mark, name, team or presence of somebody may be another one.
func changed(member: LobbydMember) -> void:
	if not _is_active:
		return
	var id: int = member.player_id
	_tell_name(member)
	var was_ready: bool = _ready.get(id, false)
	var was_away: bool = _away.get(id, false)
	_note(member)
	if not _counts_down() or member.spectator:
		return
	if was_ready and not member.ready:
		var text: String = LobbydWords.say("{name} is not ready any more.")
		if id == _me:
			text = LobbydWords.say("You are not ready any more.")
		_blame = text.format({"name": LobbydRoomText.name_of(member)})
	elif not was_away and _away[id]:
		var text: String = LobbydWords.say("{name} lost the connection.")
		_blame = text.format({"name": LobbydRoomText.name_of(member)})


## Somebody else is host; [param member] is null for nobody.
func host_changed(member: LobbydMember) -> void:
	if not _is_active or member == null:
		return
	if member.player_id == _me:
		line.emit(LobbydWords.say("You are the host now."))
		return
	var text: String = LobbydWords.say("{name} is the host now.")
	line.emit(text.format({"name": LobbydRoomText.name_of(member)}))


## The lobby is in another state; [param seconds] of a countdown.
func state_changed(state: String, seconds: int) -> void:
	if not _is_active:
		return
	var before: String = _state
	_state = state
	if state == before:
		return
	match state:
		"countdown":
			_blame = ""
			line.emit(LobbydWords.count(_IN_ONE, _IN_MANY, seconds))
		"in_game":
			line.emit(LobbydWords.say("The game has started."))
		_:
			if before == "countdown":
				_tell_why()
			elif before == "in_game":
				line.emit(LobbydWords.say("The game is over."))


# Who takes another name is still the same person.
func _tell_name(member: LobbydMember) -> void:
	var old: String = _names.get(member.player_id, "")
	var shown: String = LobbydRoomText.name_of(member)
	# the own name is empty until the server told it
	if old.is_empty() or old == shown or member.dummy:
		return
	var text: String = LobbydWords.say("{old} is called {name} now.")
	line.emit(text.format({"old": old, "name": shown}))


func _tell_why() -> void:
	var why: String = _blame
	if why.is_empty():
		why = LobbydWords.say("The host called it off.")
	var text: String = LobbydWords.say("No start: {why}").format({"why": why})
	line.emit(text)
	called_off.emit(text)


func _counts_down() -> bool:
	return _state == "countdown"


func _note(member: LobbydMember) -> void:
	var has_name: bool = not member.name.is_empty()
	_names[member.player_id] = LobbydRoomText.name_of(member) if has_name else ""
	_ready[member.player_id] = member.ready
	_away[member.player_id] = member.state == "away"
