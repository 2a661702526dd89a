class_name LobbydFilterBar
extends HFlowContainer
## Search and filters of a list of lobbies; where they do not fit beside each other, all but the
## search are folded away behind %MoreFilters.

## The player wants to see other lobbies, or in another order; typing tells after a short rest.
signal changed
## The player pressed Enter in the search, and means the list.
signal list_wanted

## Seconds without a key after which what was typed counts.
const REST: float = 0.3

const _STATES: PackedStringArray = ["", "open", "locked", "in_game"]

# what was told last, so that a letter that is typed and taken back tells nothing
var _told_text: String = ""

@onready var _search: LineEdit = %Search
@onready var _state: OptionButton = %StateFilter
@onready var _free_places: CheckBox = %FreePlaces
@onready var _no_password: CheckBox = %NoPassword
@onready var _sort: OptionButton = %Sort
@onready var _more: Button = %MoreFilters
@onready var _rest: Timer = %Rest


func _ready() -> void:
	_dress()
	_rest.wait_time = REST
	_rest.timeout.connect(_tell_text)
	_search.text_changed.connect(_on_typed)
	_search.text_submitted.connect(_on_submitted)
	_search.gui_input.connect(_on_search_input)
	_state.item_selected.connect(_on_chosen)
	_sort.item_selected.connect(_on_chosen)
	_free_places.toggled.connect(_on_toggled)
	_no_password.toggled.connect(_on_toggled)
	_more.toggled.connect(_on_more_toggled)


func _notification(what: int) -> void:
	if not is_node_ready():
		return
	if what == NOTIFICATION_THEME_CHANGED:
		_dress()
	elif what == NOTIFICATION_RESIZED or what == NOTIFICATION_TRANSLATION_CHANGED:
		_fold.call_deferred()


## What the controls say.
func get_filter() -> LobbydListFilter:
	var filter: LobbydListFilter = LobbydListFilter.new()
	filter.text = LobbydPlainText.line(_search.text)
	filter.state = _STATES[maxi(0, _state.selected)]
	filter.free_slots = 1 if _free_places.button_pressed else 0
	if _no_password.button_pressed:
		filter.password = LobbydListFilter.Password.WITHOUT
	match _sort.selected:
		1:
			filter.sort = LobbydListFilter.Sort.OLDEST
		2:
			filter.sort = LobbydListFilter.Sort.FULLEST
	return filter


## Whether they leave any lobby out.
func is_narrow() -> bool:
	return _count() > 0 or not _search.text.strip_edges().is_empty()


## Lets every lobby through again; the order stays.
func clear() -> void:
	_rest.stop()
	_search.text = ""
	_told_text = ""
	_state.select(0)
	_free_places.set_pressed_no_signal(false)
	_no_password.set_pressed_no_signal(false)
	_show_count()
	changed.emit()


func _dress() -> void:
	_search.right_icon = get_theme_icon(&"search", LobbydTheme.ICONS)
	_more.icon = get_theme_icon(&"sort", LobbydTheme.ICONS)
	_fold.call_deferred()


func _fold() -> void:
	var folded: Array[Control] = [_state, _free_places, _no_password, _sort]
	var needed: float = _search.get_combined_minimum_size().x
	for control: Control in folded:
		needed += control.get_combined_minimum_size().x + get_theme_constant(&"h_separation")
	_more.visible = needed > size.x
	_show_count()
	for control: Control in folded:
		control.visible = not _more.visible or _more.button_pressed


# Filters that are on beside the search.
func _count() -> int:
	return (
		int(_state.selected > 0)
		+ int(_free_places.button_pressed)
		+ int(_no_password.button_pressed)
	)


# What is folded away must not be forgotten.
func _show_count() -> void:
	var title: String = LobbydWords.say("Filters")
	_more.text = "%s (%d)" % [title, _count()] if _count() > 0 else title


func _on_typed(_text: String) -> void:
	_rest.start()


func _on_submitted(_text: String) -> void:
	_tell_text()
	list_wanted.emit()


func _on_search_input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel") and not _search.text.is_empty():
		# the first one empties the search, the next one goes back
		_search.accept_event()
		_search.clear()
		_tell_text()


func _tell_text() -> void:
	_rest.stop()
	var text: String = LobbydPlainText.line(_search.text)
	if text != _told_text:
		_told_text = text
		changed.emit()


func _on_more_toggled(_pressed: bool) -> void:
	_fold()


func _on_chosen(_index: int) -> void:
	_show_count()
	changed.emit()


func _on_toggled(_pressed: bool) -> void:
	_show_count()
	changed.emit()
