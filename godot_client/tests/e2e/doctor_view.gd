extends LobbydE2eProgram
## Uses the connection test's screen as a player does, by real input events, on a server that tells
## players a wrong address ([code]--lobbyd-url=[/code]).

const DEADLINE: float = 30.0
const SCENE: PackedScene = preload("res://addons/lobbyd/ui/doctor/lobbyd_doctor_view.tscn")

var _driver: UiDriver = UiDriver.new()
var _view: LobbydDoctorView = SCENE.instantiate()


func _ready() -> void:
	set_deadline(DEADLINE)
	_driver.failed.connect(_on_failed)
	add_child(_driver)
	LobbydWords.use_language("en")
	add_child(_view)
	begin_step("the verdict")
	await _driver.until(func() -> bool: return _view.busy, "it begins by itself")
	expect(_driver.shows("Testing the connection"), "it says what it does")
	expect((_view.get_node(^"%CopyReport") as Button).disabled, "no report yet")
	await _driver.wait_for_text("The server tells players a wrong address.")
	expect(not _view.busy, "it is busy no more")
	expect(_driver.shows("--advertise-host 127.0.0.1"), "with the very option")
	expect(_driver.shows("which does not answer; 127.0.0.1:"), "and the step that failed")
	await _again()
	await _by_keyboard()
	_in_german()
	await _given_up()
	finish(true)


# A double click tests once more, and the one that was given up says nothing.
func _again() -> void:
	begin_step("test again")
	var first: LobbydDiagnosis = _view.diagnosis
	await _driver.click(_driver.named(&"Retry"))
	await _driver.click(_driver.named(&"Retry"))
	await _driver.until(func() -> bool: return not _view.busy, "it ends")
	expect(_view.diagnosis != first, "another diagnosis")
	expect(_view.diagnosis.verdict == first.verdict, "of the same fault")


func _by_keyboard() -> void:
	begin_step("keyboard")
	await _driver.focus_walk_to(_driver.named(&"CopyReport"))
	await _driver.accept()
	var without: String = "This device has no clipboard."
	var copied: String = "The report is on the clipboard."
	var has_one: bool = DisplayServer.has_feature(DisplayServer.FEATURE_CLIPBOARD)
	await _driver.wait_for_text(copied if has_one else without)
	await _driver.focus_walk_to(_driver.named(&"StepRoom"))
	await _driver.focus_walk_to(_driver.named(&"Back"))
	var asked: Array[bool] = []
	_view.back_requested.connect(func() -> void: asked.append(true))
	await _driver.accept()
	expect(asked.size() == 1, "back is asked for", asked)


func _in_german() -> void:
	begin_step("German")
	var english: String = _view.diagnosis.title()
	LobbydWords.use_language("de")
	_view.propagate_notification(NOTIFICATION_TRANSLATION_CHANGED)
	expect(not _driver.shows(english), "no English verdict", _driver.visible_text())
	for text: String in ["Connection test", "Test again", english]:
		expect(_driver.shows(LobbydWords.say(text)), "in German: " + text, _driver.visible_text())
	LobbydWords.use_language("en")


# A screen that goes away in the middle of a test.
func _given_up() -> void:
	begin_step("given up")
	_view.start()
	await _driver.frames(2)
	var diagnosis: LobbydDiagnosis = _view.diagnosis
	expect(_view.busy, "it tests")
	_view.queue_free()
	await _driver.frames(3)
	expect(diagnosis.verdict == LobbydDiagnosis.Verdict.UNFINISHED, "nothing is claimed")


func _on_failed(what: String) -> void:
	say({"failed": what})
	finish(false)
