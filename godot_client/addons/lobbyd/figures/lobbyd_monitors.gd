@icon("res://addons/lobbyd/icons/monitors.svg")
class_name LobbydMonitors
extends Node
## Shows a [LobbydClient]'s [LobbydFigures] in the debugger, under Debugger > Monitors, while it has
## a session: "lobbyd/rtt_ms", "lobbyd/loss_percent" and so on, readable with
## [method Performance.get_custom_monitor], too.
##
## The autoload [code]NetworkingManager[/code] has one already. Another client's get a number:
## "lobbyd 2/rtt_ms".

## Group of the monitors in the debugger; a number follows where it is in use.
@export var category: String = "lobbyd"

## Whose figures; null for the autoload's.
@export var client: LobbydClient = null

var _figures: LobbydFigures = LobbydFigures.new()
var _shown_as: String = ""


func _init() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS


func _process(_delta: float) -> void:
	var from: LobbydClient = LobbydClient.find(self, client)
	watch(from.get_session() if from != null else null, Time.get_ticks_usec())


func _exit_tree() -> void:
	watch(null, 0)


## Looks at a session, as each frame does with the client's; with null the monitors are gone.
func watch(session: LobbydSession, now_usec: int) -> void:
	_figures.take(session, now_usec)
	if _figures.is_known() and _shown_as.is_empty():
		_add()
	elif not _figures.is_known() and not _shown_as.is_empty():
		_remove()


## The group in use, such as "lobbyd 2"; empty while there is no session.
func shown_as() -> String:
	return _shown_as


func _add() -> void:
	var number: int = 1
	_shown_as = category
	while Performance.has_custom_monitor(_id_of(LobbydFigures.Figure.RTT_MS)):
		number += 1
		_shown_as = "%s %d" % [category, number]
	for figure: LobbydFigures.Figure in LobbydFigures.Figure.values():
		var type: Performance.MonitorType = Performance.MONITOR_TYPE_QUANTITY
		if LobbydFigures.unit_of(figure) == "B/s":
			type = Performance.MONITOR_TYPE_MEMORY
		Performance.add_custom_monitor(_id_of(figure), _figures.value.bind(figure), [], type)


func _remove() -> void:
	for figure: LobbydFigures.Figure in LobbydFigures.Figure.values():
		Performance.remove_custom_monitor(_id_of(figure))
	_shown_as = ""


func _id_of(figure: LobbydFigures.Figure) -> StringName:
	return "%s/%s" % [_shown_as, LobbydFigures.name_of(figure)]
