extends "res://tests/test_case.gd"
## The browser's pure parts: which rows are in view, what strangers' texts become, which view shows.

const HOSTILE: PackedStringArray = [
	"[b]bold[/b][url=http://example.invalid]click[/url][img]res://icon.svg[/img]",
	"two\nlines\r\nand\ttabs",
	"turned \u202e around \u2066 and \u2069 back",
	"\u0001\u0002\u0007\u001b[31mred\u009b",
	"a\u200b\u200d\u2060\ufeffb",
	"%s %d %n {0} $HOME",
	"z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
]


func test_rows_in_view() -> void:
	var window: LobbydListWindow = _window(1000, 50.0, 220.0)
	equal([window.first(), window.end()], [0, 5], "at the top")
	window.scroll = 75.0
	equal([window.first(), window.end()], [1, 6], "a row and a half down")
	window.scroll = window.most_scroll()
	equal([window.first(), window.end()], [995, 1000], "at the end")
	equal(window.page(), 4)
	check(window.shows(995) and window.shows(999) and not window.shows(994))
	equal(window.row_at(49.9), 0)
	equal(window.row_at(50.0), 1)
	equal(window.row_at(-1.0), -1)
	equal(window.row_at(50_000.0), -1, "below the last")


func test_a_list_without_rows_has_none_in_view() -> void:
	var window: LobbydListWindow = _window(0, 50.0, 220.0)
	equal([window.first(), window.end()], [0, 0])
	equal(window.most_scroll(), 0.0)
	equal(window.row_at(10.0), -1)
	check(not window.shows(0))


func test_scrolling_to_a_row_goes_no_further_than_it_has_to() -> void:
	var window: LobbydListWindow = _window(100, 50.0, 220.0)
	equal(window.scroll_to(2), 0.0, "in view already")
	equal(window.scroll_to(4), 30.0, "its lower edge is cut off")
	window.scroll = 500.0
	equal(window.scroll_to(3), 150.0, "above")
	equal(window.scroll_to(99), 4780.0, "the last")


func test_a_row_that_moves_stays_where_it_is_on_the_screen() -> void:
	var window: LobbydListWindow = _window(100, 50.0, 220.0)
	window.scroll = 510.0
	equal(window.scroll_along(12, 15), 660.0, "three came before it")
	equal(window.scroll_along(12, 11), 460.0, "one before it went")
	equal(window.scroll_along(12, 0), 0.0, "not above the top")
	equal(window.scroll_along(12, 99), 4780.0, "not below the end")


func test_texts_of_strangers_are_one_line_of_what_can_be_seen() -> void:
	for text: String in HOSTILE:
		var line: String = LobbydPlainText.line(text)
		check(not line.is_empty(), text)
		for i: int in line.length():
			check(not LobbydPlainText.is_unseen(line.unicode_at(i)), line)
	equal(LobbydPlainText.line(HOSTILE[0]), HOSTILE[0].left(63) + "…", "marks are only letters")
	equal(LobbydPlainText.line("two\r\n\tlines"), "two lines")
	equal(LobbydPlainText.line("a\u200bb"), "ab", "what joins leaves no gap")
	equal(LobbydPlainText.line(" \u202e \u200b\n"), "")
	equal(LobbydPlainText.line("Grüße 東京 مرحبا 🦊"), "Grüße 東京 مرحبا 🦊", "others stay")


func test_long_texts_are_cut() -> void:
	equal(LobbydPlainText.line("x".repeat(64)), "x".repeat(64))
	equal(LobbydPlainText.line("x".repeat(65)), "x".repeat(63) + "…")
	equal(LobbydPlainText.line("x".repeat(5_000_000)).length(), 64)
	equal(LobbydPlainText.line("\n".repeat(5_000_000) + "x"), "…", "nor is it read to its end")
	equal(LobbydPlainText.line("abcdef", 4), "abc…")


func _window(count: int, row_height: float, view_height: float) -> LobbydListWindow:
	var window: LobbydListWindow = LobbydListWindow.new()
	window.count = count
	window.row_height = row_height
	window.view_height = view_height
	return window
