extends LobbydE2eProgram
## Enters TEST and ends as [code]--role=[/code] says: "quit" by [method SceneTree.quit], "close" by
## closing its window, "free" by freeing its client. The server is to hear of it at once.

const DEADLINE: float = 20.0

var _role: String = argument(ROLE_ARGUMENT)


func _ready() -> void:
	set_deadline(DEADLINE)
	begin_step("connect to TEST")
	expect_ok(await NetworkingManager.connect_to_test_lobby(), "connected to TEST")
	if is_over():
		return
	if _role == "quit":
		finish(true)
	elif _role == "close":
		await _close()
	else:
		await _free()


# A game that asks "really?" first stays in its lobby meanwhile.
func _close() -> void:
	get_tree().auto_accept_quit = false
	_ask_to_close()
	await wait(0.3)
	expect(NetworkingManager.is_online(), "a close request that is not accepted changes nothing")
	get_tree().auto_accept_quit = true
	say({"passed": not is_over()})
	_ask_to_close()


# As the engine does when somebody clicks on the cross.
func _ask_to_close() -> void:
	var window: Window = get_tree().root
	window.propagate_notification(NOTIFICATION_WM_CLOSE_REQUEST)
	window.close_requested.emit()


func _free() -> void:
	var waited: Array[bool] = []
	var client: LobbydClient = NetworkingManager.client
	_await_closed.call(client, waited)
	client.get_parent().remove_child(client)
	expect(waited == [false], "who awaits a state is told that it will not come", waited)
	expect(client.state == LobbydClient.State.CLOSED, "it is closed")
	expect(client.reason == "left", "because it left", client.reason)
	# time for the server to tell the others before this process ends
	await wait(1.0)
	NetworkingManager.add_child(client)
	finish(true)


func _await_closed(client: LobbydClient, waited: Array[bool]) -> void:
	waited.append(await client.until_state(LobbydClient.State.RECONNECTING))
