extends SceneTree
## Runs the unit tests: every [code]test_*[/code] method of [code]res://tests/unit/test_*.gd[/code].
##
## [codeblock]
## sh dev/godot --headless --path godot_client -s res://tests/run.gd [-- --only=X --vectors=DIR]
## [/codeblock]
## [code]--only[/code] picks files or methods by a part of [code]file.method[/code]. Prints each
## failure with file, line and message, then [code]N passed, N failed[/code]; exits 1 on a failure.

const UNIT: String = "res://tests/unit/"
const TestCase := preload("res://tests/test_case.gd")
const ErrorTrap := preload("res://tests/error_trap.gd")

var _passed: int = 0
var _failed: int = 0


func _initialize() -> void:
	# should anything below break, the run ends after one frame and has failed
	quit(1)
	# from then on the root is inside the tree, and so are nodes that tests put there
	await process_frame
	if ProjectSettings.get_global_class_list().is_empty():
		print("the project was never imported: run the engine with --import first")
		return
	var trap: ErrorTrap = ErrorTrap.new()
	OS.add_logger(trap)
	for file: String in DirAccess.get_files_at(UNIT):
		if file.begins_with("test_") and file.ends_with(".gd"):
			_run_file(file, trap)
	OS.remove_logger(trap)
	print("%d passed, %d failed" % [_passed, _failed])
	quit(1 if _failed > 0 or _passed == 0 else 0)


func _run_file(file: String, trap: ErrorTrap) -> void:
	var only: String = TestCase.argument("only", "")
	var script: GDScript = load(UNIT + file)
	var errors: PackedStringArray = trap.take()
	if script == null or not script.can_instantiate() or not errors.is_empty():
		_report(file, PackedStringArray(["%s%s: does not load" % [UNIT, file]]) + errors)
		return
	for method: Dictionary in script.get_script_method_list():
		var method_name: String = method["name"]
		var title: String = "%s.%s" % [file.get_basename(), method_name]
		if method_name.begins_with("test_") and (only.is_empty() or title.contains(only)):
			var test: TestCase = script.new()
			var begun: int = Time.get_ticks_msec()
			test.call(method_name)
			var problems: PackedStringArray = test.failures + trap.take()
			if problems.is_empty() and test.checks == 0:
				problems.append("%s%s: %s checks nothing" % [UNIT, file, method_name])
			_report("%s (%d ms)" % [title, Time.get_ticks_msec() - begun], problems)


func _report(title: String, problems: PackedStringArray) -> void:
	if problems.is_empty():
		_passed += 1
		print("ok   ", title)
		return
	_failed += 1
	print("FAIL ", title)
	for problem: String in problems:
		print("     ", problem)
