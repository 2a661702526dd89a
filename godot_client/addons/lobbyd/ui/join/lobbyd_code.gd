class_name LobbydCode
extends RefCounted
## Lobby codes as people type, say and paste them.

## The letters and digits of a code: no I, L, O and U.
const ALPHABET: String = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
## A code is not shorter.
const SHORTEST: int = 4
## A code is not longer.
const LONGEST: int = 12

# letters of a pasted text that are looked at: a clipboard may hold a book
const _MOST_PASTED: int = 1000
const _LOOK_ALIKES: Dictionary[String, String] = {"O": "0", "I": "1", "L": "1"}
const _IGNORED: String = " -_.\t\n\r"


## The code that [param typed] means: upper case, O as 0, I and L as 1, without blanks and hyphens.
## What belongs to no code stays, see [method stranger].
static func read(typed: String) -> String:
	var code: String = ""
	for letter: String in typed.to_upper():
		if not _IGNORED.contains(letter):
			code += _LOOK_ALIKES.get(letter, letter)
	return code


## Whether [param code], as [method read] gives it, can be one.
static func is_valid(code: String) -> bool:
	return code.length() >= SHORTEST and code.length() <= LONGEST and stranger(code).is_empty()


## The first character that no code has; empty where there is none.
static func stranger(code: String) -> String:
	for letter: String in code:
		if not ALPHABET.contains(letter):
			return letter
	return ""


## The code in a text that was pasted: all of it, or the last word that looks like one, as in
## "join me: 7KQX2M!"; empty where there is none.
static func find(pasted: String) -> String:
	var text: String = pasted.strip_edges().left(_MOST_PASTED)
	var whole: String = read(text)
	if is_valid(whole) and not text.contains(" "):
		return whole
	var found: String = ""
	for word: String in _words(text):
		# a code is shown in upper case; ordinary words are not
		if word == word.to_upper() and is_valid(read(word)):
			found = read(word)
	if found.is_empty() and is_valid(whole):
		return whole
	return found


## [param code] for the eye: in groups of three or four, as in "7KQ X2M".
static func spaced(code: String) -> String:
	if code.length() < 6:
		return code
	var step: int = 4 if code.length() % 4 == 0 else 3
	var groups: PackedStringArray = PackedStringArray()
	for start: int in range(0, code.length(), step):
		groups.append(code.substr(start, step))
	return " ".join(groups)


static func _words(text: String) -> PackedStringArray:
	var clean: String = ""
	for letter: String in text:
		var upper: String = letter.to_upper()
		clean += (
			letter if upper != letter.to_lower() or letter.is_valid_int() or letter == "-" else " "
		)
	return clean.split(" ", false)
