class_name LobbydSettings
extends RefCounted
## What the project says about lobbyd, and what this run of the game was told instead.
##
## A game names its servers once, in Project Settings under [code]lobbyd/[/code]: the address for
## every day in [constant SERVER_URL], others as overrides by feature tag, such as
## [code]lobbyd/server_url.production[/code]. An export preset with the custom feature
## [code]production[/code] then plays there, and so does any run that is told so:
## [codeblock]
## game --lobbyd-environment=staging           # an argument, also after "--"
## LOBBYD_ENVIRONMENT=staging game             # an environment variable
## game --lobbyd-url=http://192.168.0.7:8080   # an address, whatever the environment
## [/codeblock]
## Everything is read anew at each call. Nothing here fails: [method problem] says what is wrong.

## Project setting: where the lobbyd server answers HTTP, [code]http://host:port[/code] or
## [code]https://host[/code]. An override for a feature tag, such as [code]production[/code], is the
## server of another environment, which [code]--lobbyd-environment=[/code],
## [code]LOBBYD_ENVIRONMENT[/code] or an export preset's custom features choose.
## [code]--lobbyd-url=[/code] and [code]LOBBYD_URL[/code] go before all of them.
const SERVER_URL: String = "lobbyd/server_url"
## Project setting: the game's name on the server, for several games that share one. [LobbydMenu]
## makes lobbies under it and lists only those that have it; empty: of every game.
const GAME: String = "lobbyd/game"
## Project setting: players meet in lobbies of this version only, in [LobbydMenu]. Empty:
## [constant APPLICATION_VERSION] if [constant GAME] is set, else every version.
const VERSION: String = "lobbyd/version"
## Project setting of Godot that [method version] falls back to.
const APPLICATION_VERSION: String = "application/config/version"
## Command line argument with an address. It goes before everything else.
const URL_ARGUMENT: String = "--lobbyd-url="
## Environment variable with an address. It goes before [constant SERVER_URL].
const URL_VARIABLE: String = "LOBBYD_URL"
## Command line argument with the name of an environment.
const ENVIRONMENT_ARGUMENT: String = "--lobbyd-environment="
## Environment variable with the name of an environment.
const ENVIRONMENT_VARIABLE: String = "LOBBYD_ENVIRONMENT"
## The environment of a run that nobody told another one.
const DEVELOPMENT: String = "development"
## Usual names of environments; any other feature tag will do.
const ENVIRONMENTS: PackedStringArray = ["development", "staging", "production"]
## Where a server on this machine listens.
const DEFAULT_URL: String = "http://127.0.0.1:8080"


## Where a run's settings come from; a test has its own.
class Sources:
	extends RefCounted

	static var _settings: PackedStringArray = []

	## The words of the command line, the game's own ([code]--[/code] before them) first.
	var arguments: PackedStringArray = OS.get_cmdline_user_args() + OS.get_cmdline_args()

	## An environment variable, empty where it is not set.
	func variable(name: String) -> String:
		return OS.get_environment(name)

	## Whether this build or run has a feature tag.
	func has_feature(tag: String) -> bool:
		return OS.has_feature(tag)

	## The names of all project settings of lobbyd.
	func settings() -> PackedStringArray:
		# a game does not add settings while it runs, and there are thousands to look through
		if _settings.is_empty() or Engine.is_editor_hint():
			_settings = [SERVER_URL]
			for property: Dictionary in ProjectSettings.get_property_list():
				var name: String = property["name"]
				if name.begins_with("lobbyd/") and name != SERVER_URL:
					_settings.append(name)
		return _settings

	## A project setting as it is written, null where there is none.
	func setting(name: String) -> Variant:
		return ProjectSettings.get_setting(name) if ProjectSettings.has_setting(name) else null


## The address that this run uses: the argument's, else the environment variable's, else the project
## setting's for [method environment]. Empty where an environment was asked for that has none.
static func server_url(sources: Sources = null) -> String:
	var found: PackedStringArray = _address(sources if sources != null else Sources.new())
	return found[0]


## The environment of this run: by argument, by environment variable, by feature tag, else
## [constant DEVELOPMENT].
static func environment(sources: Sources = null) -> String:
	var from: Sources = sources if sources != null else Sources.new()
	var told: String = _told(from, ENVIRONMENT_ARGUMENT, ENVIRONMENT_VARIABLE)
	if not told.is_empty():
		return told
	for tag: String in environments(from) + ENVIRONMENTS:
		if from.has_feature(tag):
			return tag
	return DEVELOPMENT


## The environments for which the project names a server, in alphabetical order.
static func environments(sources: Sources = null) -> PackedStringArray:
	var from: Sources = sources if sources != null else Sources.new()
	var names: PackedStringArray = []
	for setting: String in from.settings():
		if setting.begins_with(SERVER_URL + "."):
			names.append(setting.trim_prefix(SERVER_URL + "."))
	names.sort()
	return names


## The name under which [LobbydMenu] makes and lists lobbies, so that several games can share a
## server. Empty (the default): every game. For calls of your own: [member LobbydLobbyOptions.game].
static func game(sources: Sources = null) -> String:
	return _text(sources if sources != null else Sources.new(), GAME)


## Players meet in lobbies of their own version only, where there is one: the setting
## [constant VERSION], else the application's version while [method game] is not empty.
static func version(sources: Sources = null) -> String:
	var from: Sources = sources if sources != null else Sources.new()
	var own: String = _text(from, VERSION)
	if not own.is_empty() or game(from).is_empty():
		return own
	return _text(from, APPLICATION_VERSION)


## What is wrong with the address, in a sentence that says where it came from and what to write;
## empty when it is good.
static func problem(sources: Sources = null) -> String:
	var from: Sources = sources if sources != null else Sources.new()
	var found: PackedStringArray = _address(from)
	if found[0].is_empty():
		return (
			"There is no server for the environment '%s' (%s): add the project setting %s.%s, or use %s."
			% [environment(from), found[1], SERVER_URL, environment(from), _known(from)]
		)
	if LobbydServerUrl.parse(found[0]) == null:
		return (
			"'%s' (%s) is no address: write http://host:port or https://host."
			% [found[0], found[1]]
		)
	return ""


# The address, and the place that it came from.
static func _address(from: Sources) -> PackedStringArray:
	var address: String = _argument(from, URL_ARGUMENT)
	if not address.is_empty():
		return [address, "argument " + URL_ARGUMENT.trim_suffix("=")]
	address = from.variable(URL_VARIABLE).strip_edges()
	if not address.is_empty():
		return [address, "environment variable " + URL_VARIABLE]
	var name: String = _setting_for(from, SERVER_URL)
	address = _text_of(from.setting(name))
	var told: String = _told(from, ENVIRONMENT_ARGUMENT, ENVIRONMENT_VARIABLE)
	if name == SERVER_URL and not told.is_empty() and told != DEVELOPMENT:
		return ["", _teller(from)]
	if address.is_empty() and name == SERVER_URL:
		return [DEFAULT_URL, "default"]
	return [address, "project setting " + name]


# The name of a setting, or of its override where this run has one.
static func _setting_for(from: Sources, name: String) -> String:
	var special: String = "%s.%s" % [name, environment(from)]
	return special if from.setting(special) != null else name


static func _text(from: Sources, name: String) -> String:
	return _text_of(from.setting(_setting_for(from, name))).strip_edges()


static func _text_of(value: Variant) -> String:
	return "" if value == null else str(value).strip_edges()


static func _told(from: Sources, argument: String, variable: String) -> String:
	var told: String = _argument(from, argument)
	return told if not told.is_empty() else from.variable(variable).strip_edges()


static func _argument(from: Sources, prefix: String) -> String:
	for argument: String in from.arguments:
		if argument.begins_with(prefix):
			return argument.trim_prefix(prefix).strip_edges()
	return ""


static func _teller(from: Sources) -> String:
	if not _argument(from, ENVIRONMENT_ARGUMENT).is_empty():
		return "argument " + ENVIRONMENT_ARGUMENT.trim_suffix("=")
	return "environment variable " + ENVIRONMENT_VARIABLE


static func _known(from: Sources) -> String:
	var known: PackedStringArray = environments(from)
	if not known.has(DEVELOPMENT):
		known.append(DEVELOPMENT)
	return ", ".join(known)
