class_name LobbydBrowserStatus
extends CenterContainer
## What a [LobbydBrowser] shows in place of lobbies: that it asks, that there are none, or why.

## The player wants to try the server again.
signal retry_wanted
## The player wants to know why the server cannot be reached.
signal doctor_wanted
## The player wants to see all lobbies.
signal clear_wanted
## The player wants to make a lobby.
signal create_wanted

## The most that the text is wide at 100 % text size, px.
const WIDEST: float = 480.0

@onready var _icon: TextureRect = %StatusIcon
@onready var _heading: Label = %StatusHeading
@onready var _text: Label = %StatusText
@onready var _retry: Button = %Retry
@onready var _doctor: Button = %TestConnection
@onready var _clear: Button = %ClearFilters
@onready var _create: Button = %CreateFirst


func _ready() -> void:
	_retry.pressed.connect(retry_wanted.emit)
	_doctor.pressed.connect(doctor_wanted.emit)
	_clear.pressed.connect(clear_wanted.emit)
	_create.pressed.connect(create_wanted.emit)


## Shows a view; hidden where there are lobbies. [param failure] is why there is no answer.
func show_view(
	view: LobbydBrowser.View, failure: LobbydResult, can_test: bool, can_create: bool
) -> void:
	visible = view != LobbydBrowser.View.LIST
	_retry.visible = view == LobbydBrowser.View.OFFLINE
	_doctor.visible = view == LobbydBrowser.View.OFFLINE and can_test
	_clear.visible = view == LobbydBrowser.View.NO_MATCH
	_create.visible = view == LobbydBrowser.View.EMPTY and can_create
	match view:
		LobbydBrowser.View.LOADING:
			_say(&"refresh", LobbydWords.say("Looking for lobbies …"), "")
		LobbydBrowser.View.EMPTY:
			_say(
				&"people",
				LobbydWords.say("No lobbies yet"),
				LobbydWords.say("Be the first: create one, and others see it here at once.")
			)
		LobbydBrowser.View.NO_MATCH:
			_say(
				&"search",
				LobbydWords.say("Nothing matches"),
				LobbydWords.say("No lobby fits what you search for and the filters.")
			)
		LobbydBrowser.View.OFFLINE:
			_say(&"bad", LobbydWords.say("No connection"), LobbydWords.of_result(failure))


## The first button that is shown; this control's next one where there is none.
func first_focus() -> Control:
	for button: Button in _buttons():
		if button.is_visible_in_tree():
			return button
	return find_next_valid_focus() if is_inside_tree() else null


func _say(icon: StringName, heading: String, text: String) -> void:
	_icon.texture = get_theme_icon(icon, LobbydTheme.ICONS)
	_heading.text = heading
	_text.text = text
	_text.custom_minimum_size.x = minf(WIDEST * LobbydTheme.text_scale_of(self), size.x)
	_text.visible = not text.is_empty()


func _buttons() -> Array[Button]:
	return [_retry, _doctor, _clear, _create]
