extends "res://tests/unit/ui_case.gd"
## The view of the connection test: begun, begun again, given up and taken away.

const VIEW: String = "doctor/lobbyd_doctor_view.tscn"


func test_it_begins_again_when_it_comes_back_into_the_tree() -> void:
	var view: LobbydDoctorView = _open()
	view.start()
	var first: LobbydDiagnosis = view.diagnosis
	window.remove_child(view)
	check(not view.busy and not _doctor(view).is_running(), "nobody sees it")
	window.add_child(view)
	check(view.busy and _doctor(view).is_running() and view.diagnosis != first)
	close()


func test_the_last_start_counts() -> void:
	var view: LobbydDoctorView = _open()
	view.start()
	var first: LobbydDiagnosis = view.diagnosis
	view.start()
	check(view.busy and view.diagnosis != first)
	check((view.get_node(^"%CopyReport") as Button).disabled, "there is no report yet")
	view.closed()
	check(not view.busy and not _doctor(view).is_running())
	close()


func _open() -> LobbydDoctorView:
	var view: LobbydDoctorView = (load(ADDON + VIEW) as PackedScene).instantiate()
	view.starts_alone = false
	view.server_url = "http://127.0.0.1:1"
	show(view)
	return view


static func _doctor(view: LobbydDoctorView) -> LobbydDoctor:
	return view.get_node(^"%Doctor")
