extends RefCounted
## Base of unit tests: checks that note file and line where they fail, and the golden vectors.

const OWN_FILE: String = "res://tests/test_case.gd"
const MOST_FAILURES: int = 5

## What failed, as [code]file:line: text[/code].
var failures: PackedStringArray = PackedStringArray()
## How many checks were made.
var checks: int = 0


## The value of [code]--name=value[/code] after [code]--[/code] on the command line.
static func argument(name: String, default: String) -> String:
	for given: String in OS.get_cmdline_user_args():
		if given.begins_with("--%s=" % name):
			return given.get_slice("=", 1)
	return default


## The content of a golden vector file, [code]null[/code] where it cannot be read.
func vectors(file: String) -> Variant:
	var usual: String = ProjectSettings.globalize_path("res://").path_join("../tests/vectors")
	var from_environment: String = OS.get_environment("LOBBYD_VECTORS")
	var directory: String = argument(
		"vectors", usual if from_environment.is_empty() else from_environment
	)
	var content: Variant = JSON.parse_string(
		FileAccess.get_file_as_string(directory.path_join(file))
	)
	check(content != null, "no golden vectors in %s" % directory.path_join(file))
	return content


## Notes a failure unless [param good].
func check(good: bool, message: String = "is false") -> void:
	checks += 1
	if good or failures.size() >= MOST_FAILURES:
		return
	failures.append("%s: %s" % [_caller(), message])


## Notes a failure unless both are equal, of one type.
func equal(actual: Variant, expected: Variant, message: String = "") -> void:
	var same: bool = typeof(actual) == typeof(expected) and actual == expected
	check(same, "%s is %s, not %s" % [message, _shown(actual), _shown(expected)])


## Notes a failure unless both numbers lie within [param tolerance].
func near(actual: float, expected: float, tolerance: float, message: String = "") -> void:
	check(
		absf(actual - expected) <= tolerance,
		"%s is %f, not within %f of %f" % [message, actual, tolerance, expected]
	)


static func _shown(value: Variant) -> String:
	if value is PackedByteArray:
		var bytes: PackedByteArray = value
		return "[%d bytes] %s" % [bytes.size(), bytes.hex_encode().left(200)]
	return var_to_str(value).left(200)


static func _caller() -> String:
	for backtrace: ScriptBacktrace in Engine.capture_script_backtraces():
		for i: int in backtrace.get_frame_count():
			if backtrace.get_frame_file(i) != OWN_FILE:
				return "%s:%d" % [backtrace.get_frame_file(i), backtrace.get_frame_line(i)]
	return "?"
