class_name StateBanner
extends PanelContainer
## Says how the connection stands, and what to do where it does not.

const GOOD: Color = Color(0.35, 0.85, 0.45)
const BUSY: Color = Color(0.98, 0.78, 0.3)
const BAD: Color = Color(0.95, 0.38, 0.35)
## How often the line with players and ping is written, in seconds.
const PERIOD: float = 0.5
const REASONS: Dictionary[String, String] = {
	"silence": "Nothing has come from the server for 1.5 s",
	"restart": "The server restarted and knows this connection no more",
	"shutdown": "The server said that it ends",
	"timeout": "The server gave this connection up",
	"exhausted": "This connection's numbers are used up",
}

var _client: LobbydClient = null
var _until_written: float = 0.0

# of its own, since its edge changes
var _frame: StyleBoxFlat = null
var _calm_edge: Color = Color.TRANSPARENT

@onready var _dot: Panel = $Row/Dot
@onready var _headline: Label = $Row/Lines/Headline
@onready var _detail: Label = $Row/Lines/Detail


func _ready() -> void:
	_frame = get_theme_stylebox(&"panel").duplicate()
	_calm_edge = _frame.border_color
	add_theme_stylebox_override(&"panel", _frame)


func _process(delta: float) -> void:
	if _client == null or _client.state != LobbydClient.State.CONNECTED:
		return
	_until_written -= delta
	if _until_written <= 0.0:
		_until_written = PERIOD
		_say(GOOD, "In lobby TEST", _company(_client.get_session()))


## Follows a client's state from now on.
func follow(client: LobbydClient) -> void:
	_client = client
	_client.state_changed.connect(_on_state_changed)
	_on_state_changed(_client.state, _client.reason)


## Says why the lobby could not be entered.
func tell_failure(result: LobbydResult) -> void:
	var url: String = _client.get_server_url()
	match result.code:
		LobbydResult.NO_ANSWER:
			_say(BAD, "No server at %s" % url, "Start one with: sh dev/serve")
		LobbydResult.TIMEOUT when result.ticket != null:
			_say(BAD, "No answer over UDP", "Is UDP port %d open?" % result.ticket.port)
		_:
			_say(BAD, "Cannot join: %s" % result.code, result.detail)


func _on_state_changed(state: LobbydClient.State, reason: String) -> void:
	_until_written = 0.0
	match state:
		LobbydClient.State.JOINING, LobbydClient.State.CONNECTING:
			_say(BUSY, "Connecting to %s" % _client.get_server_url(), "Joining the lobby TEST")
		LobbydClient.State.RECONNECTING:
			var why: String = REASONS.get(reason, reason)
			_say(BUSY, "Reconnecting...", "%s. Players and places are kept." % why)
		LobbydClient.State.CLOSED, LobbydClient.State.OFFLINE:
			if not reason.is_empty():
				_say(BAD, "Disconnected: %s" % reason, "Trying again...")


func _company(session: LobbydSession) -> String:
	var people: int = 1
	for remote: LobbydRemote in _client.get_players():
		people += 0 if remote.is_dummy() else 1
	var company: String = "you alone" if people == 1 else "%d players" % people
	var ping: int = roundi(session.clock.rtt_usec / 1000.0)
	var delay: int = roundi(session.interpolation.delay_usec / 1000.0)
	return "%s · ping %d ms · drawn %d ms late" % [company, ping, delay]


func _say(color: Color, headline: String, detail: String) -> void:
	_dot.self_modulate = color
	_headline.text = headline
	_detail.text = detail
	_frame.border_color = _calm_edge if color == GOOD else color
	_frame.set_border_width_all(1 if color == GOOD else 2)
