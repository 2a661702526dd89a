class_name LobbydRoomCountdown
extends PanelContainer
## The seconds until the game, big; then why it was called off, for a while.

## The host calls it off.
signal cancel_requested

## Seconds for which the reason stays.
const REASON_TIME: float = 8.0
## Size of the number, in sizes of usual text.
const NUMBER_EMS: float = 2.75

@onready var _number: Label = %CountdownNumber
@onready var _text: Label = %CountdownText
@onready var _cancel: Button = %CancelStart
@onready var _timer: Timer = %CountdownTimer


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_grow()


func _ready() -> void:
	_grow()
	_cancel.pressed.connect(cancel_requested.emit)
	_timer.timeout.connect(hide)
	hide()


## Shows the seconds left; below 0 takes them away, and leaves a reason as long as it is to stay.
func count(seconds: int) -> void:
	if seconds < 0:
		if _timer.is_stopped():
			hide()
		return
	_timer.stop()
	_number.visible = true
	_number.text = str(seconds)
	_text.text = LobbydWords.say("The game starts…")
	accessibility_name = LobbydWords.count(
		"The game starts in %d second.", "The game starts in %d seconds.", seconds
	)
	show()


## Whether the button that calls it off is there, and works.
func show_host(am_host: bool, enabled: bool) -> void:
	_cancel.visible = am_host and _number.visible
	_cancel.disabled = not enabled


## Shows why there is no game.
func called_off(why: String) -> void:
	_number.visible = false
	_cancel.visible = false
	_text.text = why
	accessibility_name = why
	show()
	_timer.start(REASON_TIME)


func _grow() -> void:
	var ems: float = get_theme_font_size(&"font_size", &"Label")
	_number.add_theme_font_size_override(&"font_size", roundi(ems * NUMBER_EMS))
