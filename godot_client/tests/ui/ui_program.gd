class_name UiProgram
extends LobbydE2eProgram
## A program that uses the screens of a [LobbydMenu] against a real server, with others in it.
##
## It prints what the others are to do as [code]{"direct": {...}}[/code]; the test that runs it lets
## Python clients do that. What came of it is seen on the screen and asked of the server.

const MENU: PackedScene = preload("res://addons/lobbyd/ui/menu/lobbyd_menu.tscn")

## The screens; made by [method open_menu].
var menu: LobbydMenu = null
## Who uses them.
var driver: UiDriver = UiDriver.new()
## With what.
var hands: UiHands = UiHands.new(driver)
## Asks the server what is so, as a stranger to every lobby.
var observer: LobbydClient = LobbydClient.new()


## Makes ready what every scenario needs.
func begin(seconds: float) -> void:
	set_deadline(seconds)
	driver.failed.connect(_on_driver_failed)
	driver.pictures = argument("--shots=")
	add_child(driver)
	observer.receive_thread = false
	add_child(observer)
	# a window that shows nothing new need not be drawn
	OS.low_processor_usage_mode = true


## Opens the menu as this player, in this language.
func open_menu(player_name: String, language: String) -> void:
	var preferences: LobbydPreferences = LobbydPreferences.shared()
	preferences.player_name = player_name
	preferences.language = language
	menu = MENU.instantiate()
	add_child(menu)
	await driver.frames(2)


## Takes it away.
func close_menu() -> void:
	menu.queue_free()
	await driver.frames(2)


## Has another player do something.
func direct(who: String, does: String, more: Dictionary = {}) -> void:
	var all: Dictionary = {"who": who, "does": does}
	all.merge(more)
	say({"direct": all})


## The lobby as the server knows it.
func lobby_on_server(of_code: String) -> LobbydLobby:
	var result: LobbydResult = await observer.get_lobby(of_code)
	if not result.ok:
		await driver.fail("the server says %s of lobby %s" % [result.code, of_code])
	return result.value


## Ends the scenario where [param holds] is false.
func check(holds: bool, what: String) -> void:
	if holds:
		say({"ok": what})
	else:
		await driver.fail("is not so: %s" % what)


## A sentence of the screens in the language that they show.
func words(message: String) -> String:
	return LobbydWords.say(message)


## The code of the lobby that this player is in.
func code() -> String:
	return menu.get_client().lobby.code


func _on_driver_failed(what: String) -> void:
	say({"failed": what, "step": _step})
	finish(false)
