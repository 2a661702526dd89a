extends "res://tests/test_case.gd"
## Which server a run uses, of all that may say so.

const InTheEditor := preload("res://addons/lobbyd/editor/project_settings.gd")
const DAILY: String = "http://127.0.0.1:9001"
const STAGING: String = "https://staging.example.org"
const LIVE: String = "https://play.example.org"


class Given:
	extends LobbydSettings.Sources

	var variables: Dictionary[String, String] = {}
	var features: PackedStringArray = []
	var project: Dictionary[String, Variant] = {}

	func _init() -> void:
		arguments = []

	func variable(name: String) -> String:
		return variables.get(name, "")

	func has_feature(tag: String) -> bool:
		return features.has(tag)

	func settings() -> PackedStringArray:
		return project.keys()

	func setting(name: String) -> Variant:
		return project.get(name)


func test_nothing_said_is_this_machine() -> void:
	var given: Given = Given.new()
	_uses(given, "http://127.0.0.1:8080", "development")


func test_the_project_says_it() -> void:
	_uses(_project(), DAILY, "development")


func test_a_feature_tag_overrides_it() -> void:
	var given: Given = _project()
	given.features = ["linux", "production"]
	_uses(given, LIVE, "production")
	given.features = ["demo_at_the_fair"]
	_uses(given, "http://10.0.0.1:8080", "demo_at_the_fair")


func test_a_feature_tag_without_an_override_is_the_daily_server() -> void:
	var given: Given = Given.new()
	given.project = {LobbydSettings.SERVER_URL: DAILY}
	given.features = ["production"]
	_uses(given, DAILY, "production")


func test_an_environment_variable_chooses_the_environment() -> void:
	var given: Given = _project()
	given.features = ["production"]
	given.variables = {"LOBBYD_ENVIRONMENT": " staging "}
	_uses(given, STAGING, "staging")


func test_an_argument_chooses_the_environment() -> void:
	var given: Given = _project()
	given.variables = {"LOBBYD_ENVIRONMENT": "production"}
	given.arguments = ["scene.tscn", "--lobbyd-environment=staging"]
	_uses(given, STAGING, "staging")
	given.arguments = ["--lobbyd-environment=development"]
	_uses(given, DAILY, "development")


func test_an_address_goes_before_every_environment() -> void:
	var given: Given = _project()
	given.features = ["production"]
	given.variables = {"LOBBYD_URL": "http://from.variable:1"}
	_uses(given, "http://from.variable:1", "production")
	given.arguments = ["--lobbyd-environment=staging", "--lobbyd-url=http://from.argument:2"]
	_uses(given, "http://from.argument:2", "staging")


func test_development_may_have_a_server_of_its_own() -> void:
	var given: Given = _project()
	given.project["lobbyd/server_url.development"] = "http://dev:8080"
	_uses(given, "http://dev:8080", "development")


func test_an_environment_without_a_server_is_told() -> void:
	var given: Given = _project()
	given.arguments = ["--lobbyd-environment=stagin"]
	equal(LobbydSettings.server_url(given), "")
	equal(
		LobbydSettings.problem(given),
		(
			"There is no server for the environment 'stagin' (argument --lobbyd-environment):"
			+ " add the project setting lobbyd/server_url.stagin, or use demo_at_the_fair,"
			+ " production, staging, development."
		)
	)
	given.arguments = []
	given.variables = {"LOBBYD_ENVIRONMENT": "life"}
	check(LobbydSettings.problem(given).contains("variable LOBBYD_ENVIRONMENT"))


func test_a_wrong_address_is_told_with_its_place() -> void:
	var given: Given = _project()
	for wrong: Variant in ["play.example.org", "ftp://x", 8080, "http://x:99999", ""]:
		given.project["lobbyd/server_url.staging"] = wrong
		given.variables = {"LOBBYD_ENVIRONMENT": "staging"}
		check(
			LobbydSettings.problem(given).contains("project setting lobbyd/server_url.staging"),
			LobbydSettings.problem(given)
		)
	given.variables = {"LOBBYD_URL": "localhost:8080"}
	equal(
		LobbydSettings.problem(given),
		(
			"'localhost:8080' (environment variable LOBBYD_URL) is no address:"
			+ " write http://host:port or https://host."
		)
	)


func test_version_is_the_applications_while_the_game_has_a_name() -> void:
	var given: Given = Given.new()
	given.project = {"application/config/version": "1.4"}
	equal(LobbydSettings.game(given), "")
	equal(LobbydSettings.version(given), "")
	given.project["lobbyd/game"] = "space tag"
	equal(LobbydSettings.version(given), "1.4")
	given.project["lobbyd/version"] = "net-7"
	equal(LobbydSettings.version(given), "net-7")
	given.project["lobbyd/game.production"] = "live"
	given.features = ["production"]
	equal(LobbydSettings.game(given), "live")


func test_this_run_reads_the_real_sources() -> void:
	var before: String = OS.get_environment("LOBBYD_URL")
	OS.set_environment("LOBBYD_URL", "http://set.by.test:1")
	equal(LobbydSettings.server_url(), "http://set.by.test:1")
	equal(LobbydSettings.problem(), "")
	OS.set_environment("LOBBYD_URL", "")
	OS.set_environment("LOBBYD_ENVIRONMENT", "of_a_test")
	check(LobbydSettings.problem().contains("of_a_test"), LobbydSettings.problem())
	ProjectSettings.set_setting("lobbyd/server_url.of_a_test", "http://of.a.test:1")
	equal(LobbydSettings.server_url(), "http://of.a.test:1")
	ProjectSettings.set_setting("lobbyd/server_url.of_a_test", null)
	OS.unset_environment("LOBBYD_ENVIRONMENT")
	OS.set_environment("LOBBYD_URL", before)


func test_the_editor_has_the_same_names() -> void:
	var names: PackedStringArray = []
	for setting: Array in InTheEditor.SETTINGS:
		var name: String = setting[0]
		names.append(name)
	equal(
		names,
		PackedStringArray([LobbydSettings.SERVER_URL, LobbydSettings.GAME, LobbydSettings.VERSION])
	)
	equal(InTheEditor.SETTINGS[0][1], LobbydSettings.DEFAULT_URL)


func _uses(given: Given, url: String, environment: String) -> void:
	equal(LobbydSettings.server_url(given), url)
	equal(LobbydSettings.environment(given), environment)
	equal(LobbydSettings.problem(given), "")


func _project() -> Given:
	var given: Given = Given.new()
	given.project = {
		"lobbyd/server_url": DAILY,
		"lobbyd/server_url.staging": STAGING,
		"lobbyd/server_url.production": LIVE,
		"lobbyd/server_url.demo_at_the_fair": "http://10.0.0.1:8080",
		"lobbyd/game": "",
	}
	return given
