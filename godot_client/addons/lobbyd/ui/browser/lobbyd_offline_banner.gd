class_name LobbydOfflineBanner
extends PanelContainer
## Tells above a list of lobbies that it is not live any more, and offers what helps.

## The player wants to try the server again.
signal retry_wanted
## The player wants to know why the server cannot be reached.
signal doctor_wanted

@onready var _text: Label = %BannerText
@onready var _retry: Button = %BannerRetry
@onready var _doctor: Button = %BannerTest


func _ready() -> void:
	_retry.pressed.connect(retry_wanted.emit)
	_doctor.pressed.connect(doctor_wanted.emit)


## Shows why; null leaves it as it is.
func show_failure(failure: LobbydResult, can_test: bool) -> void:
	_doctor.visible = can_test
	if failure != null:
		var stale: String = LobbydWords.say("This list may be out of date.")
		_text.text = "%s %s" % [LobbydWords.of_result(failure), stale]
