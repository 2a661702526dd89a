@icon("res://addons/lobbyd/icons/create_form.svg")
class_name LobbydCreateForm
extends LobbydEntryScreen
## Makes a lobby and enters it: name, places, who may come, and how a game starts.
##
## Usable alone: put [code]lobbyd_create_form.tscn[/code] into a scene of yours and connect
## [signal LobbydEntryScreen.lobby_entered] and [signal LobbydScreen.back_requested]. Each field
## tells beside it what is wrong, as the server would.

## The game that the lobby is for; empty leaves [member template]'s.
@export var game: String = ""
## Its version; empty leaves [member template]'s.
@export var version: String = ""
## The name to enter with; empty for the one in [LobbydPreferences].
@export var player_name: String = ""
## What the fields begin with, and what a lobby has that no field asks for: metadata, limits, ...
@export var template: LobbydLobbyOptions = null:
	set(value):
		template = value
		if is_node_ready():
			_fill()

# the name that the form came up with, so that it can follow the player's
var _suggested: String = ""

@onready var _scroll: ScrollContainer = %Scroll
@onready var _name_field: LineEdit = %LobbyName
@onready var _name_problem: Label = %NameProblem
@onready var _places: Slider = %Places
@onready var _places_value: Label = %PlacesValue
@onready var _private: CheckButton = %Private
@onready var _password: LineEdit = %LobbyPassword
@onready var _password_shown: Button = %ShowPassword
@onready var _password_problem: Label = %PasswordProblem
@onready var _more: Button = %MoreOptions
@onready var _advanced: Control = %Advanced
@onready var _start: OptionButton = %Start
@onready var _minimum: Slider = %MinPlayers
@onready var _minimum_value: Label = %MinPlayersValue
@onready var _countdown: Slider = %Countdown
@onready var _countdown_value: Label = %CountdownValue
@onready var _late_join: CheckButton = %LateJoin
@onready var _spectators: Slider = %Spectators
@onready var _spectators_value: Label = %SpectatorsValue
@onready var _create: Button = %CreateLobby


func _ready() -> void:
	_places.max_value = LobbydLobbyRules.MOST_PLACES
	_spectators.max_value = LobbydLobbyRules.MOST_PLACES
	_countdown.max_value = LobbydLobbyRules.MOST_COUNTDOWN
	_name_field.text_changed.connect(_on_text_changed)
	_name_field.text_submitted.connect(_on_submitted)
	_password.text_changed.connect(_on_text_changed)
	_password.text_submitted.connect(_on_submitted)
	_password_shown.toggled.connect(_on_password_shown)
	_more.pressed.connect(_on_more_pressed)
	for slider: Slider in [_places, _minimum, _countdown, _spectators]:
		slider.value_changed.connect(_on_value_changed)
	_create.pressed.connect(submit)
	busy_changed.connect(_on_busy_changed)
	_fill()


func _notification(what: int) -> void:
	if not is_node_ready():
		return
	if what == NOTIFICATION_TRANSLATION_CHANGED:
		_suggest_name()
		_check()
		_show_values()
	elif what == NOTIFICATION_THEME_CHANGED:
		_unfold(_advanced.visible)


func opened() -> void:
	_suggest_name()
	super()
	# what follows the focus does not know the sizes yet
	_scroll.set_deferred(&"scroll_vertical", 0)


func first_focus() -> Control:
	return _name_field


## The lobby as the fields describe it.
func get_options() -> LobbydLobbyOptions:
	var options: LobbydLobbyOptions = _template().duplicate() as LobbydLobbyOptions
	if not game.is_empty():
		options.game = game
	if not version.is_empty():
		options.version = version
	options.lobby_name = _name_field.text.strip_edges()
	options.max_players = roundi(_places.value)
	options.is_private = _private.button_pressed
	# a private lobby's code is drawn by the server
	if options.is_private:
		options.code = ""
	options.password = _password.text.strip_edges()
	options.start = _start.selected as LobbydLobbyOptions.Start
	options.min_players = roundi(_minimum.value)
	options.countdown = _countdown.value
	options.late_join = _late_join.button_pressed
	options.max_spectators = roundi(_spectators.value)
	return options


## Makes the lobby and enters it; where a field is wrong it gets the focus instead.
func submit() -> void:
	if busy or _points_at_problem():
		return
	var player: LobbydClient = _begin()
	if player == null:
		return
	var result: LobbydResult = await player.host_lobby(get_options(), _player_name())
	busy = false
	if not is_inside_tree():
		return
	if result.ok:
		_password.clear()
		lobby_entered.emit(player.lobby)
	elif result.code != LobbydResult.LEFT:
		_tell_refusal(result)


# What the server does not take although the rules here do: its own words, beside the field.
func _tell_refusal(result: LobbydResult) -> void:
	if result.code == "invalid_request":
		for field: Array in [["name", _name_problem], ["password", _password_problem]]:
			var word: String = field[0]
			if result.detail.begins_with(word + ":"):
				var problem: Label = field[1]
				_say_problem(problem, result.detail)
	tell_result(result)


func _fill() -> void:
	var from: LobbydLobbyOptions = _template()
	_name_field.text = from.lobby_name
	_places.value = from.max_players
	_private.button_pressed = from.is_private
	_password.text = from.password
	_start.select(from.start)
	_minimum.value = from.min_players
	_countdown.value = from.countdown
	_late_join.button_pressed = from.late_join
	_spectators.value = from.max_spectators
	_suggest_name()
	_unfold(_advanced.visible)
	_show_values()
	_check()


func _template() -> LobbydLobbyOptions:
	return template if template != null else LobbydLobbyOptions.new()


func _suggest_name() -> void:
	if not _name_field.text.is_empty() and _name_field.text != _suggested:
		return
	if template != null and not template.lobby_name.is_empty():
		return
	var suggestion: String = LobbydWords.say("%s’s lobby") % _player_name()
	_suggested = LobbydLobbyRules.cut(suggestion, LobbydLobbyRules.NAME_BYTES)
	_name_field.text = _suggested


func _player_name() -> String:
	return LobbydPreferences.name_or_own(player_name)


func _check() -> void:
	_say_problem(_name_problem, LobbydLobbyRules.of_name(_name_field.text))
	_say_problem(_password_problem, LobbydLobbyRules.of_password(_password.text))


func _say_problem(label: Label, problem: String) -> void:
	label.text = problem
	label.visible = not problem.is_empty()


func _points_at_problem() -> bool:
	_check()
	if _name_problem.visible:
		_name_field.grab_focus()
	elif _password_problem.visible:
		_password.grab_focus()
	return _name_problem.visible or _password_problem.visible


func _show_values() -> void:
	_minimum.max_value = _places.value
	_places_value.text = LobbydWords.count("%d player", "%d players", roundi(_places.value))
	_minimum_value.text = LobbydWords.count("%d player", "%d players", roundi(_minimum.value))
	var seconds: int = roundi(_countdown.value)
	_countdown_value.text = LobbydWords.count("%d second", "%d seconds", seconds)
	_spectators_value.text = "%d" % roundi(_spectators.value)


func _on_text_changed(_text: String) -> void:
	_check()


func _on_submitted(_text: String) -> void:
	await submit()


func _on_value_changed(_value: float) -> void:
	_show_values()


func _on_password_shown(shown: bool) -> void:
	_password.secret = not shown


func _on_more_pressed() -> void:
	_unfold(not _advanced.visible)


func _unfold(shown: bool) -> void:
	_advanced.visible = shown
	_more.text = "Fewer options" if shown else "More options"
	_more.icon = get_theme_icon(&"down" if shown else &"right", LobbydTheme.ICONS)


func _on_busy_changed(_busy: bool) -> void:
	_create.disabled = busy
	if busy:
		tell(LobbydWords.say("Making the lobby …"))
	else:
		hush()
