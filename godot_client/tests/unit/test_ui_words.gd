extends "res://tests/test_case.gd"
## What the addon's screens say: every sentence is there in German, and placeholders agree.

const ADDON: String = "res://addons/lobbyd/"
const PARTS: PackedStringArray = ["ui", "doctor"]
const TEXT_PROPERTIES: String = (
	"text|title|tooltip_text|placeholder_text|accessibility_name|accessibility_description"
	+ "|dialog_text|ok_button_text|cancel_button_text|popup/item_\\d+/text|item_\\d+/text"
)
const LITERAL: String = '"((?:[^"\\\\]|\\\\.)*)"'
# what it says in itself, in any language
const NO_WORDS: PackedStringArray = ["lobbyd", "%d %%", "OK", "English", "Deutsch"]

var _texts: Dictionary[String, String] = {}


func test_every_text_is_there_in_german() -> void:
	_collect()
	check(_texts.size() > 60, "too few texts were found: %d" % _texts.size())
	var german: Dictionary[String, bool] = {}
	for message: String in LobbydWords.GERMAN.get_message_list():
		german[message] = true
	var missing: PackedStringArray = PackedStringArray()
	for text: String in _texts:
		if not german.has(text) and not NO_WORDS.has(text):
			missing.append("%s: %s" % [_texts[text], text.c_escape()])
	for line: String in missing:
		print("      not in de.po: ", line)
	equal(missing.size(), 0, "texts without German")


func test_no_german_text_is_left_over() -> void:
	_collect()
	for message: String in LobbydWords.GERMAN.get_message_list():
		check(_texts.has(message), "nothing says: %s" % message)


func test_placeholders_agree() -> void:
	var form: RegEx = RegEx.create_from_string("%[-+0-9.]*[a-zA-Z%]|\\{\\w+\\}")
	for message: String in LobbydWords.GERMAN.get_message_list():
		var german: String = LobbydWords.GERMAN.get_message(message)
		check(not german.is_empty(), "no German for: %s" % message)
		equal(_marks(form, german), _marks(form, message), message)


func test_words_follow_the_language() -> void:
	var before: String = LobbydWords.domain().get_locale_override()
	LobbydWords.use_language("en")
	equal(LobbydWords.say("Join"), "Join")
	equal(LobbydWords.count("%d player", "%d players", 1), "1 player")
	equal(LobbydWords.count("%d player", "%d players", 2), "2 players")
	LobbydWords.use_language("de_AT")
	equal(LobbydWords.say("Join"), "Beitreten")
	LobbydWords.use_language("fr")
	equal(LobbydWords.say("Join"), "Join", "without French")
	LobbydWords.use_language(before)


func test_a_game_adds_its_language() -> void:
	var french: Translation = Translation.new()
	french.locale = "fr"
	french.add_message("Join", "Rejoindre")
	LobbydWords.add(french, "Français")
	LobbydWords.use_language("fr")
	equal(LobbydWords.say("Join"), "Rejoindre")
	equal(LobbydWords.languages()["fr"], "Français")
	LobbydWords.use_language("")
	LobbydWords.domain().remove_translation(french)
	LobbydWords.languages().erase("fr")


func test_a_game_says_some_words_differently() -> void:
	for locale: String in ["en", "de"]:
		LobbydWords.use_language(locale)
		var before: String = LobbydWords.say("Join")
		for said: String in ["Enter the dungeon", before]:
			var own: Translation = Translation.new()
			own.locale = locale
			own.add_message("Join", said)
			LobbydWords.add(own)
			equal(LobbydWords.say("Join"), said)
		equal(LobbydWords.say("Cancel"), "Cancel" if locale == "en" else "Abbrechen")
		equal(LobbydWords.languages().size(), 2)
	LobbydWords.use_language("")


func test_every_code_of_this_side_has_a_sentence() -> void:
	var constants: Dictionary = (
		(load(ADDON + "client/lobbyd_result.gd") as Script).get_script_constant_map()
	)
	for constant: String in constants:
		var code: Variant = constants[constant]
		if code is String:
			var word: String = code
			check(LobbydSentences.RESULT_WORDS.has(word), "no sentence for %s" % word)


func test_what_a_server_made_up_is_one_short_line() -> void:
	var sentence: String = LobbydWords.of_result(LobbydResult.failure("x\n".repeat(1000), ""))
	check(sentence.length() < 100 and not sentence.contains("\n"), sentence)


func test_every_reason_has_a_sentence() -> void:
	for word: String in LobbydWire.DeniedCode.keys() + LobbydWire.DisconnectReason.keys():
		var reason: String = word.to_lower()
		check(not LobbydWords.of_reason(reason).contains("("), "no sentence for %s" % reason)


func test_a_result_says_when_to_try_again() -> void:
	LobbydWords.use_language("en")
	var result: LobbydResult = LobbydResult.failure("rate_limited", "")
	result.retry_after = 2.5
	check(LobbydWords.of_result(result).ends_with("Try again in 3 seconds."))
	result.retry_after = 0.0
	check(not LobbydWords.of_result(result).contains("seconds"))
	equal(LobbydWords.of_result(LobbydResult.success()), "")
	check(LobbydWords.of_result(LobbydResult.failure("new_code", "")).contains("new_code"))
	check(not LobbydWords.of_result(LobbydResult.failure("", "")).is_empty())
	LobbydWords.use_language("")


func _marks(form: RegEx, text: String) -> PackedStringArray:
	var marks: PackedStringArray = PackedStringArray()
	for found: RegExMatch in form.search_all(text):
		marks.append(found.get_string())
	marks.sort()
	return marks


func _collect() -> void:
	for part: String in PARTS:
		_collect_below(ADDON + part)


func _collect_below(directory: String) -> void:
	for file: String in DirAccess.get_files_at(directory):
		var path: String = directory.path_join(file)
		if file.ends_with(".gd"):
			_collect_script(path)
		elif file.ends_with(".tscn"):
			_collect_scene(path)
	for below: String in DirAccess.get_directories_at(directory):
		_collect_below(directory.path_join(below))


func _collect_script(path: String) -> void:
	var source: String = FileAccess.get_file_as_string(path)
	var said: RegEx = RegEx.create_from_string(
		(
			"(?:\\b(?:say|tr|add_\\w*item|add_separator)\\(|[.\\t](?:%s) = )\\s*%s"
			% [TEXT_PROPERTIES, LITERAL]
		)
	)
	for found: RegExMatch in said.search_all(source):
		_note(path, found.get_string(1))
	var counted: RegEx = RegEx.create_from_string("\\bcount\\(\\s*%s,\\s*%s" % [LITERAL, LITERAL])
	for found: RegExMatch in counted.search_all(source):
		_note(path, found.get_string(1))
	var constants: Dictionary = (load(path) as Script).get_script_constant_map()
	for constant: String in constants:
		var table: Variant = constants[constant]
		if constant.ends_with("WORDS") and constant != "NO_WORDS":
			_note_all(path, table)


func _note_all(path: String, table: Variant) -> void:
	var values: Array = []
	if table is Dictionary:
		var words: Dictionary = table
		values = words.values()
	elif table is Array:
		values = table
	elif table is PackedStringArray:
		var list: PackedStringArray = table
		values = Array(list)
	for value: Variant in values:
		if value is String or value is StringName:
			_note(path, str(value))


func _collect_scene(path: String) -> void:
	var property: RegEx = RegEx.create_from_string("(?m)^(?:%s) = %s" % [TEXT_PROPERTIES, LITERAL])
	for node: String in FileAccess.get_file_as_string(path).split("\n[node "):
		if node.contains("\nauto_translate_mode = 2\n"):
			# its texts are set by the script
			continue
		for found: RegExMatch in property.search_all(node):
			_note(path, found.get_string(1))


func _note(path: String, literal: String) -> void:
	var text: String = literal.c_unescape()
	if not _without_marks(text).is_empty():
		_texts[text] = path.trim_prefix(ADDON)


# The letters of a text, without its placeholders.
func _without_marks(text: String) -> String:
	var marks: RegEx = RegEx.create_from_string("%[-+0-9.]*[a-zA-Z%]|\\{\\w+\\}|[^\\p{L}]")
	return marks.sub(text, "", true)
