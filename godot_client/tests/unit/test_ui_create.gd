extends "res://tests/test_case.gd"
## What the create form says about names and passwords: the server's own rules, in bytes of UTF-8.


func test_names_and_passwords_are_counted_in_bytes() -> void:
	for text: String in ["", "a", "a".repeat(64), "ä".repeat(32), "東".repeat(21), "🦊".repeat(16)]:
		equal(LobbydLobbyRules.of_name(text), "", text)
		equal(LobbydLobbyRules.of_password(text), "", text)
	for text: String in ["a".repeat(65), "ä".repeat(33), "東".repeat(22), "🦊".repeat(17)]:
		check(LobbydLobbyRules.of_name(text).contains("64"), text)
		check(LobbydLobbyRules.of_password(text).contains("64"), text)


func test_spaces_around_do_not_count() -> void:
	equal(LobbydLobbyRules.size_of("  ab \t"), 2)
	equal(LobbydLobbyRules.of_name("  " + "a".repeat(64) + "  "), "")


func test_what_cannot_be_seen_is_refused() -> void:
	var family: String = "👨\u200d👩"
	for text: String in ["a\nb", "a\tb", "a\u0007b", "a\u202eb", "a\u200bb", "a\u00a0b", family]:
		check(not LobbydLobbyRules.of_name(text).is_empty(), text.c_escape())
		check(not LobbydLobbyRules.of_password(text).is_empty(), text.c_escape())


func test_a_text_is_cut_between_letters() -> void:
	equal(LobbydLobbyRules.cut("abc", 3), "abc")
	equal(LobbydLobbyRules.cut("aä🦊", 6), "aä")
	equal(LobbydLobbyRules.cut("🦊", 3), "")
